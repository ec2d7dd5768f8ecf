// The bench's events: deterministic for a seed, in the order in which they happen, about 250 bytes each, on four topics.
// The shapes (who acts, how often the same client, what comes twice or late) are told apart by the workload's description.
import { type Random, seededRandom } from '../../services/demo/random.ts';

export const benchTopics = ['login', 'impersonation', 'email', 'message'] as const;
export type BenchTopic = (typeof benchTopics)[number];

export type Workload = {
  readonly seed: number;
  readonly events: number;
  readonly clients: number;
  /** 0 spreads events evenly over the clients; else the exponent of a Zipf distribution. */
  readonly zipf: number;
  /** Of logins of a client who has logged in before, those that sign on to the running session once more. */
  readonly silentShare: number;
  /** Of logins that begin a session, those of a colleague. */
  readonly impersonatedShare: number;
  /** Of events, those that come a second time under the same id. */
  readonly repeatedShare: number;
  /** Of events, those that come up to `lateEventsMax` events after their turn. */
  readonly lateShare: number;
};

/** What an ordinary firm's history looks like; other workloads say how they differ. */
export const uniformReplay: Workload = {
  seed: 1,
  events: 300_000,
  clients: 50_000,
  zipf: 0,
  silentShare: 0.25,
  impersonatedShare: 0.02,
  repeatedShare: 0,
  lateShare: 0,
};

export type BenchMessage = { readonly topic: BenchTopic; readonly key: string; readonly text: string };

/** The history is 400 days long and ends here, epoch ms. */
export const historyEnd = Date.UTC(2026, 5, 1);
const historyMs = 400 * 24 * 60 * 60_000;
const firms = 10;
const lateEventsMax = 2_000;

/** What of each kind happens, out of a hundred events. */
const loginsOf100 = 55;
const emailsOf100 = 30;
/** Of silent sign-ons, those that say so; identity providers mostly do not. */
const tellingShare = 0.5;
/** Of emails, those that were delivered, or opened, after being sent. */
const deliveredShare = 0.4;
const openedShare = 0.2;

export const userAgents: readonly [string, ...string[]] = [
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15',
  ...Array.from(
    { length: 40 },
    (_, version) =>
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${90 + version}.0.0.0 Safari/537.36`,
  ),
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/123.0.0.0 Mobile Safari/537.36',
];

export function clientOf(index: number): { readonly firmId: string; readonly clientId: string } {
  return { firmId: `firm-${index % firms}`, clientId: `client-${String(index).padStart(7, '0')}` };
}

/** Yields the messages in order of their appending; late ones and repeats stand where they arrive. */
export function* messagesOf(workload: Workload): Generator<BenchMessage> {
  const step = historyMs / workload.events;
  const all = endlessMessagesOf(workload, workload.seed, (index) => historyEnd - historyMs + Math.floor(index * step));
  for (let index = 0; index < workload.events; index += 1) yield all.next().value;
}

/** Without end, what the same clients do after their history, a millisecond apart. */
export function liveMessagesOf(workload: Workload): Generator<BenchMessage, never> {
  return endlessMessagesOf(workload, workload.seed + 1, (index) => historyEnd + index);
}

function* endlessMessagesOf(
  workload: Workload,
  seed: number,
  timeOf: (index: number) => number,
): Generator<BenchMessage, never> {
  const random = seededRandom(seed);
  const pickClient = clientPicker(workload, random);
  const write = eventWriter(workload, seed, random, timeOf);
  const delayed: { readonly due: number; readonly message: BenchMessage }[] = [];
  for (let index = 0; ; ) {
    const due = delayed[0];
    if (due !== undefined && due.due <= index) {
      delayed.shift();
      yield due.message;
      index += 1;
      continue;
    }
    const message = write(pickClient(), index);
    if (random.chance(workload.repeatedShare)) delay(delayed, index + 1 + random.whole(0, lateEventsMax), message);
    if (random.chance(workload.lateShare)) {
      delay(delayed, index + random.whole(1, lateEventsMax), message);
      // Its place is taken by whatever comes next, so that the number of messages stays what was asked for.
      if (delayed.length < lateEventsMax * 2) continue;
    }
    yield message;
    index += 1;
  }
}

function delay<Message>(delayed: { readonly due: number; readonly message: Message }[], due: number, message: Message) {
  let at = delayed.length;
  while (at > 0 && (delayed[at - 1]?.due ?? 0) > due) at -= 1;
  delayed.splice(at, 0, { due, message });
}

function eventWriter(
  workload: Workload,
  seed: number,
  random: Random,
  timeOf: (index: number) => number,
): (client: number, index: number) => BenchMessage {
  const sessions = new Map<number, string>();
  const mails = new Map<number, string>();
  let pending: BenchMessage | null = null;
  let ids = 0;
  const id = (kind: string) => {
    ids += 1;
    return `${kind}-${seed.toString(16)}-${Math.imul(ids, 2654435761) >>> 0}-${ids}`;
  };

  return (client, index) => {
    if (pending !== null) {
      const held = pending;
      pending = null;
      return held;
    }
    const { firmId, clientId } = clientOf(client);
    const key = `${firmId}/${clientId}`;
    const occurredAt = new Date(timeOf(index)).toISOString();
    const message = (topic: BenchTopic, fields: object): BenchMessage => ({
      topic,
      key,
      text: JSON.stringify({ eventId: id('event'), firmId, clientId, occurredAt, ...fields }),
    });

    const kind = random.whole(0, 99);
    if (kind < loginsOf100) {
      const device = { outcome: 'success', userAgent: random.pick(userAgents), ip: `10.${client % 250}.7.9` };
      const running = sessions.get(client);
      if (running !== undefined && random.chance(workload.silentShare)) {
        const told = random.chance(tellingShare) ? { interactive: false } : {};
        return message('login', { sessionId: running, ...told, ...device });
      }
      const sessionId = id('session');
      sessions.set(client, sessionId);
      if (random.chance(workload.impersonatedShare)) {
        pending = message('impersonation', { sessionId, phase: 'started', impersonator: { id: 'staff-17' } });
      }
      return message('login', { sessionId, ...device });
    }
    if (kind < loginsOf100 + emailsOf100) {
      const sent = mails.get(client);
      const address = `${clientId}@mail.example`;
      const category = 'newsletter';
      if (sent !== undefined && random.chance(deliveredShare)) {
        return message('email', { messageId: sent, status: 'delivered', address, category });
      }
      if (sent !== undefined && random.chance(openedShare)) {
        return message('email', { messageId: sent, status: 'opened', address, category });
      }
      const messageId = id('mail');
      mails.set(client, messageId);
      return message('email', { messageId, status: 'sent', address, category });
    }
    const direction = random.chance(0.7) ? 'outbound' : 'inbound';
    return message('message', { messageId: id('message'), direction, channel: 'portal' });
  };
}

function clientPicker({ clients, zipf }: Workload, random: Random): () => number {
  if (zipf === 0) return () => random.whole(0, clients - 1);
  // The table of cumulated weights, searched by halving.
  const cumulated = new Float64Array(clients);
  let sum = 0;
  for (let rank = 0; rank < clients; rank += 1) {
    sum += 1 / (rank + 1) ** zipf;
    cumulated[rank] = sum;
  }
  return () => {
    const wanted = random.next() * sum;
    let low = 0;
    let high = clients - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulated[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
