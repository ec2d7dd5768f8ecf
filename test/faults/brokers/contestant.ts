// One client on trial in a process of its own, so that its crashes and its CPU time are its own. Told by one argument of
// JSON what it is; reports to its parent over IPC, and ends when told to.
import { z } from 'zod';
import { castOf } from '../../e2e/cast.ts';
import { openReader, readerNames } from './readers.ts';
import { type Outgoing, openSender } from './senders.ts';

const Role = z.discriminatedUnion('role', [
  z.object({
    role: z.literal('sender'),
    name: z.string(),
    brokers: z.array(z.string()),
    topic: z.string(),
    lanes: z.number(),
    messagesPerSend: z.number(),
    pauseMs: z.number(),
  }),
  z.object({
    role: z.literal('reader'),
    name: z.enum(readerNames),
    brokers: z.array(z.string()),
    topic: z.string(),
    group: z.string(),
  }),
]);
export type Role = z.input<typeof Role>;

/** `tries`: how often the client said no before. */
export type Acknowledged = {
  readonly kind: 'acknowledged';
  readonly ids: readonly string[];
  readonly at: number;
  readonly tookMs: number;
  readonly tries: number;
};
/** Of the messages of one moment: `partition:offset`, and how long the oldest had stood in the log. */
export type Received = {
  readonly kind: 'received';
  readonly places: readonly string[];
  readonly at: number;
  readonly waitedMs: number;
};
export type Noted = { readonly kind: 'noted'; readonly note: string; readonly at: number };
/** A fault that nobody caught: an adapter would have lost its process to it. */
export type Uncaught = { readonly kind: 'uncaught'; readonly note: string; readonly at: number };
export type Report = Acknowledged | Received | Noted | Uncaught | { readonly kind: 'ready' };

const keysPerLane = 24;
const receiptsMs = 200;
const resendMs = 200;

const tell = (report: Report) => void process.send?.(report);
let isOn = true;

const role = Role.parse(JSON.parse(process.argv[2] ?? '{}'));
for (const fault of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(fault, (cause: unknown) => {
    tell({
      kind: 'uncaught',
      note: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
      at: Date.now(),
    });
  });
}
// Its parent's end is its own.
process.once('disconnect', () => process.exit());
const ending = new Promise<void>((resolve) => {
  process.on('message', () => {
    isOn = false;
    resolve();
  });
});

if (role.role === 'sender') {
  const sender = await openSender(role.name, role.brokers, role.topic);
  tell({ kind: 'ready' });
  const texts = eventTexts();
  const lanes = Array.from({ length: role.lanes }, (_, lane) => sendAlong(lane, texts));
  await Promise.all(lanes);
  await closing(sender.close());

  /** Sends again what was not acknowledged, as whoever posts events does. */
  async function sendAlong(lane: number, values: readonly Buffer[]): Promise<void> {
    if (role.role !== 'sender') return;
    for (let count = 0; isOn; ) {
      const messages: Outgoing[] = [];
      for (let index = 0; index < role.messagesPerSend; index += 1) {
        const key = `lane-${lane}/key-${count % keysPerLane}`;
        messages.push({ id: `${lane}-${count}`, key, value: values[count % values.length] ?? Buffer.from('{}') });
        count += 1;
      }
      const from = Date.now();
      for (let tries = 0; ; tries += 1) {
        try {
          await sender.send(messages);
          const at = Date.now();
          tell({ kind: 'acknowledged', ids: messages.map(({ id }) => id), at, tookMs: at - from, tries });
          break;
        } catch (cause) {
          tell({ kind: 'noted', note: `send failed: ${String(cause)}`, at: Date.now() });
          if (!isOn) return;
          await new Promise((resolve) => setTimeout(resolve, resendMs));
        }
      }
      await new Promise((resolve) => setTimeout(resolve, role.pauseMs));
    }
  }
} else {
  let places: string[] = [];
  let waitedMs = 0;
  const reader = await openReader(role.name, {
    ...role,
    onReceipts: (receipts) => {
      const now = Date.now();
      for (const { partition, offset, appendedAt } of receipts) {
        places.push(`${partition}:${offset}`);
        waitedMs = Math.max(waitedMs, now - appendedAt);
      }
    },
    onNote: (note) => tell({ kind: 'noted', note, at: Date.now() }),
  });
  tell({ kind: 'ready' });
  const flush = () => {
    if (places.length > 0) tell({ kind: 'received', places, at: Date.now(), waitedMs });
    places = [];
    waitedMs = 0;
  };
  const flushing = setInterval(flush, receiptsMs);
  await ending;
  await closing(reader.close());
  clearInterval(flushing);
  flush();
}
// What has been told must have left before this process does.
process.send?.({ kind: 'noted', note: 'ended', at: Date.now() }, () => process.exit());

async function closing(work: Promise<void>): Promise<void> {
  await Promise.race([work.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 15_000).unref())]);
}

/** Real events of a few clients, as producers write them. */
function eventTexts(): readonly Buffer[] {
  const cast = castOf({ seed: 1, clients: 20, firmId: 'trial' }, Date.now());
  return cast.flatMap(({ arrival }) => arrival.map(({ text }) => Buffer.from(text)));
}
