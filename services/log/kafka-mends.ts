// Mends what kafkajs does when a broker dies or hangs, at the places where it talks to brokers. By itself
// - it keeps a connection on which nothing is answered, and asks there again and again; and it connects again and again to
//   a broker that takes connections and says nothing;
// - it gives up at once what it is to send while another request is still connecting to the same broker;
// - it goes on asking a group's coordinator that is gone until that very broker is back, and reads nothing meanwhile;
// - it repeats a commit across a rebalance, below what another member has committed since.
// It is pinned to the version whose insides these are.
import { AsyncLocalStorage } from 'node:async_hooks';
import Broker from 'kafkajs/src/broker/index.js';
import Connection from 'kafkajs/src/network/connection.js';

/** What kafkajs takes as the sign to look for the coordinator and to join again, as the member it was. */
export const coordinatorGone = 'NOT_COORDINATOR_FOR_GROUP';

/** What kafkajs asks first on every connection: which requests a broker understands. It is answered from memory. */
const greetingKey = 18;
const greetingMsMax = 5_000;
const unanswered = 'KafkaJSRequestTimeoutError';
const tooEarly = 'Broker not connected';
const closed = 'KafkaJSConnectionClosedError';
const goneNames: readonly string[] = ['KafkaJSConnectionError', closed];
const goneTypes: readonly string[] = [coordinatorGone, 'GROUP_COORDINATOR_NOT_AVAILABLE'];

/** As kafkajs tells that a broker has closed a connection. */
class ConnectionClosed extends Error {
  override readonly name = closed;
  readonly retriable = true;
  readonly host: string;
  readonly port: number;

  constructor(message: string, { host, port }: { readonly host: string; readonly port: number }) {
    super(message);
    this.host = host;
    this.port = port;
  }
}

/** As kafkajs tells that it cannot connect, upon which it asks who leads and tries again. */
class NotConnectedYet extends Error {
  override readonly name = 'KafkaJSConnectionError';
  readonly retriable = true;
}

class CoordinatorGone extends Error {
  readonly type = coordinatorGone;
  readonly retriable = false;
}

/** Answers whether the group has rebalanced since the commit was asked for. */
const isOutdated = new AsyncLocalStorage<() => boolean>();

let isMended = false;

/** Of every kafkajs client of this process. Repeating it changes nothing. */
export function mendKafkajs(): void {
  if (isMended) return;
  isMended = true;
  const { send } = Connection.prototype;
  Connection.prototype.send = async function (this: Connection, exchange) {
    const isGreeting = exchange.request.apiKey === greetingKey;
    if (isGreeting) this.socket?.setTimeout(greetingMsMax);
    const answered = send.call(this, exchange).finally(() => isGreeting && this.socket?.setTimeout(0));
    return answered.catch((cause: unknown) => {
      if (!(cause instanceof Error) || cause.name !== unanswered) throw cause;
      // What else waits there is told at once, and whoever comes next asks anew who leads, and gets a new connection.
      this.socket?.destroy(cause);
      throw new ConnectionClosed(cause.message, this);
    });
  };
  const { heartbeat, metadata, offsetCommit, produce } = Broker.prototype;
  Broker.prototype.produce = async function (this: Broker, request) {
    return produce.call(this, request).catch(tryAgain);
  };
  Broker.prototype.metadata = async function (this: Broker, topics) {
    return metadata.call(this, topics).catch(tryAgain);
  };
  Broker.prototype.heartbeat = async function (this: Broker, request) {
    return heartbeat.call(this, request).catch(lookAnew);
  };
  Broker.prototype.offsetCommit = async function (this: Broker, request) {
    if (isOutdated.getStore()?.() === true) throw new CoordinatorGone('the group has rebalanced since');
    return offsetCommit.call(this, request).catch(lookAnew);
  };
}

/** Runs a commit that is refused as soon as `hasRebalanced` says so, however often kafkajs tries. */
export function withinGeneration<Result>(hasRebalanced: () => boolean, commit: () => Promise<Result>): Promise<Result> {
  return isOutdated.run(hasRebalanced, commit);
}

function tryAgain(cause: unknown): never {
  const isTooEarly = cause instanceof Error && cause.message === tooEarly;
  throw isTooEarly ? new NotConnectedYet(cause.message) : cause;
}

function lookAnew(cause: unknown): never {
  if (!(cause instanceof Error)) throw cause;
  const isGone = goneNames.includes(cause.name) || ('type' in cause && goneTypes.includes(String(cause.type)));
  // Without a cause: kafkajs would show that instead, and nobody could tell what it is about.
  throw isGone ? new CoordinatorGone(`the group's coordinator is gone: ${cause.message}`) : cause;
}
