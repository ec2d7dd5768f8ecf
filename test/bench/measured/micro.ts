// The parts of the hot path one by one, in microseconds.
import { Checkpoint, sourceOf } from '../../../services/core/checkpoint.ts';
import { decode } from '../../../services/core/decode.ts';
import { frameOf } from '../../../services/core/derive/frame.ts';
import { deriveInFrame } from '../../../services/core/derive/signals.ts';
import { defaultSettings } from '../../../services/core/settings.ts';
import { type CanonicalEvent, eventSchemas } from '../../../services/core/topics.ts';
import { seal, unseal } from '../../../services/core/view.ts';
import { signalsView } from '../../../services/core/views/signals/view.ts';
import { ownAvroValues } from '../../../services/log/avro/values.ts';
import { readText } from '../../../services/log/codec.ts';
import type { LogMessage } from '../../../services/log/port.ts';
import { emptyBatch, takeMessages } from '../../../services/projector/batch.ts';
import { openDeviceOf } from '../../../services/projector/device-of.ts';
import { views } from '../../../services/projector/main.ts';
import { createMetrics } from '../../../services/runtime/metrics.ts';
import { quantile } from '../measure.ts';
import { historyEnd, messagesOf } from '../workload.ts';
import { workloadNamed } from '../workloads.ts';
import { startWatch, tell } from './child.ts';

const roundsMin = 9;
const callsMin = 20_000;
const events = 20_000;
const clients = 250;

const messages = [...messagesOf({ ...workloadNamed('uniform', events), clients })];
const values = messages.map(({ text }) => Buffer.from(text));
const parsed = messages.map(({ text }): unknown => JSON.parse(text));
const deviceOf = openDeviceOf();
const source = sourceOf('login', 'incarnation');
const frame = frameOf({ ...defaultSettings, timeZone: 'Europe/London' }, historyEnd);

const taking = { metrics: createMetrics(), values: ownAvroValues() };
const logMessages = messages.map(({ topic }, offset): LogMessage => {
  const place = { topic, incarnation: 'incarnation', partition: 0, offset };
  return { ...place, key: null, value: values[offset] ?? null, headers: {}, appendedAt: historyEnd };
});
let batch = emptyBatch(views, deviceOf);

const decoded: CanonicalEvent[] = [];
const histories = new Map<string, CanonicalEvent[]>();
values.forEach((_, index) => {
  const found = decodeAt(index);
  const key = messages[index]?.key;
  if (found.kind !== 'event' || key === undefined) throw new Error('an event of the bench is not valid');
  decoded.push(found.event);
  histories.set(key, [...(histories.get(key) ?? []), found.event]);
});
const states = [...histories.values()].map((history) => {
  const state = signalsView.empty();
  for (const event of history) if (signalsView.concerns(event)) signalsView.fold(state, event, deviceOf);
  return state;
});
const encoded = states.map((state) => signalsView.encode(state));
const checkpoint = new Checkpoint();
for (let partition = 0; partition < 4; partition += 1) checkpoint.advance(source, partition, 1_000_000);
const sealed = encoded.map((bytes) => seal(checkpoint, bytes));

function decodeAt(index: number) {
  const value = values[index];
  const topic = messages[index]?.topic;
  if (value === undefined || topic === undefined) throw new Error('there is no such message');
  const text = readText(value) ?? '';
  return decode(topic, { value: { text }, sizeBytes: value.length, key: null, appendedAt: historyEnd });
}

// Looked at afterwards, so that nothing is optimised away.
let seen = 0;
const figures: Record<string, number> = {};
function measure(name: string, count: number, work: (index: number) => unknown): void {
  const rounds: number[] = [];
  // A round is long beside the milliseconds in which the system counts a thread's time.
  const calls = Math.ceil(callsMin / count) * count;
  for (let round = 0; round < roundsMin; round += 1) {
    const before = process.threadCpuUsage();
    for (let call = 0; call < calls; call += 1) if (work(call % count) !== undefined) seen += 1;
    const used = process.threadCpuUsage(before);
    rounds.push((used.user + used.system) / calls);
  }
  figures[name] = quantile(
    rounds.sort((one, other) => one - other),
    0.5,
  );
}

const watch = startWatch();
measure('JSON.parse', events, (index) => JSON.parse(messages[index]?.text ?? ''));
measure('zod', events, (index) => eventSchemas[messages[index]?.topic ?? 'login'].safeParse(parsed[index]));
measure('decode (UTF-8, JSON.parse, zod, times)', events, decodeAt);
measure('gather (read plainly into a batch)', events, (index) => {
  if (index === 0) batch = emptyBatch(views, deviceOf);
  const message = logMessages[index];
  if (message !== undefined) takeMessages(batch, [message], taking, historyEnd);
  return batch;
});
measure(
  'fold, an event',
  events,
  (() => {
    const shared = signalsView.empty();
    return (index: number) => {
      const event = decoded[index];
      if (event !== undefined && signalsView.concerns(event)) signalsView.fold(shared, event, deviceOf);
      return shared;
    };
  })(),
);
measure('view decode, 80 events', clients, (index) => signalsView.decode(encoded[index] ?? new Uint8Array()));
measure('view encode, 80 events', clients, (index) => signalsView.encode(states[index] ?? signalsView.empty()));
measure('unseal + seal', clients, (index) => {
  const opened = unseal(sealed[index] ?? new Uint8Array());
  return seal(opened.checkpoint, opened.encoded);
});
measure('derive', clients, (index) => deriveInFrame(states[index] ?? signalsView.empty(), frame));
measure('readable attributes', clients, (index) =>
  signalsView.readable(states[index] ?? signalsView.empty(), historyEnd),
);
tell(watch(seen, figures));
