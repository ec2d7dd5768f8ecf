// Mends what kafkajs does when a broker dies or hangs, at the places where it talks to brokers. By itself
// - it keeps a connection on which nothing is answered, and asks there again and again;
// - it gives up at once what it is to send while another request is still connecting to the same broker;
// - it goes on asking a group's coordinator that is gone until that very broker is back, and reads nothing meanwhile;
// - it repeats a commit across a rebalance, below what another member has committed since.
// It is pinned to the version whose insides these are.
import { AsyncLocalStorage } from 'node:async_hooks';
import Broker from 'kafkajs/src/broker/index.js';
import Connection from 'kafkajs/src/network/connection.js';

/** What kafkajs takes as the sign to look for the coordinator and to join again, as the member it was. */
export const coordinatorGone = 'NOT_COORDINATOR_FOR_GROUP';

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
  Connection.prototype.send = async function (this: Connection, request) {
    return send.call(this, request).catch((cause: unknown) => {
      if (!(cause instanceof Error) || cause.name !== unanswered) throw cause;
      // What else waits there is told at once, and whoever comes next asks anew who leads, and gets a new connection.
      this.socket?.destroy(cause);
      throw new ConnectionClosed(cause.message, this);
    });
  };
  const { heartbeat, offsetCommit, produce } = Broker.prototype;
  Broker.prototype.produce = async function (this: Broker, request) {
    return produce.call(this, request).catch((cause: unknown) => {
      const isTooEarly = cause instanceof Error && cause.message === tooEarly;
      throw isTooEarly ? new NotConnectedYet(cause.message) : cause;
    });
  };
  Broker.prototype.heartbeat = async function (this: Broker, request) {
    return heartbeat.call(this, request).catch(rethrow);
  };
  Broker.prototype.offsetCommit = async function (this: Broker, request) {
    if (isOutdated.getStore()?.() === true) throw new CoordinatorGone('the group has rebalanced since');
    return offsetCommit.call(this, request).catch(rethrow);
  };
}

/** Runs a commit that is refused as soon as `hasRebalanced` says so, however often kafkajs tries. */
export function withinGeneration<Result>(hasRebalanced: () => boolean, commit: () => Promise<Result>): Promise<Result> {
  return isOutdated.run(hasRebalanced, commit);
}

function rethrow(cause: unknown): never {
  if (!(cause instanceof Error)) throw cause;
  const isGone = goneNames.includes(cause.name) || ('type' in cause && goneTypes.includes(String(cause.type)));
  // Without a cause: kafkajs would show that instead, and nobody could tell what it is about.
  throw isGone ? new CoordinatorGone(`the group's coordinator is gone: ${cause.message}`) : cause;
}
