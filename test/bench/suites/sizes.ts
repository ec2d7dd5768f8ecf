// How large a client's signals are as a DynamoDB item, which bills a write by the kilobyte: names and values.
import { Checkpoint, sourceOf } from '../../../services/core/checkpoint.ts';
import { decodeValue } from '../../../services/core/decode.ts';
import { ClientId, FirmId } from '../../../services/core/ids.ts';
import { seal } from '../../../services/core/view.ts';
import { signalsView } from '../../../services/core/views/signals/view.ts';
import { seededRandom } from '../../../services/demo/random.ts';
import { openDeviceOf } from '../../../services/projector/device-of.ts';
import { itemBytes, tokenBytes, viewItem } from '../../../services/store/dynamodb-item.ts';
import type { Section } from '../report.ts';
import { type BenchTopic, benchTopics, historyEnd, userAgents } from '../workload.ts';

const twoYearsMs = 730 * 24 * 60 * 60_000;
// As long as the ids that systems make.
const firmId = FirmId.parse('4b1d6f0e-92c7-4f0a-8f3f-6a1c5d2e7b90');
const clientId = ClientId.parse('9e7c2a54-1f3b-4d68-b0a9-c85d3e6f1a27');

type Habit = { readonly name: string; readonly logins: number; readonly emails: number; readonly messages: number };

const habits: readonly Habit[] = [
  { name: 'light: 3 logins, 4 emails, 1 message', logins: 3, emails: 4, messages: 1 },
  { name: 'ordinary: 30 logins, 30 emails, 20 messages', logins: 30, emails: 30, messages: 20 },
  { name: 'weekly: 104 logins, 100 emails, 50 messages', logins: 104, emails: 100, messages: 50 },
  { name: 'heavy: 2 logins a day, an email a day, a message a day', logins: 1460, emails: 730, messages: 730 },
];

export function sizes(): Section {
  const rows = habits.map((habit) => ({ name: habit.name, ...sizeOf(habit) }));
  const ratios = Object.fromEntries(
    rows.map(({ name, item }) => [`item bytes, ${name.split(':')[0]}`, { value: item, better: 'lower' as const }]),
  );
  return {
    tables: [
      {
        title: 'Signals items on DynamoDB',
        note: 'Over two years, at random times; ids of 36 characters; one partition a topic in the checkpoint.',
        columns: ['item bytes', 'of them the view', 'write units'],
        rows: rows.map(({ name, item, view }) => ({ name, figures: [item, view, Math.ceil(item / 1024)] })),
      },
    ],
    ratios,
    figures: {},
  };
}

function sizeOf({ logins, emails, messages }: Habit): { readonly item: number; readonly view: number } {
  const random = seededRandom(7);
  const deviceOf = openDeviceOf();
  const checkpoint = new Checkpoint();
  const state = signalsView.empty();
  const times = (count: number) =>
    Array.from({ length: count }, () => historyEnd - random.whole(0, twoYearsMs)).sort((one, other) => one - other);
  const devices = [random.pick(userAgents), random.pick(userAgents)];
  const fold = (topic: BenchTopic, at: number, index: number, fields: object) => {
    const head = { eventId: `e-${topic}-${index}`, firmId, clientId, occurredAt: new Date(at).toISOString() };
    const decoded = decodeValue(topic, { ...head, ...fields }, historyEnd);
    if (decoded.kind !== 'event') throw new Error(decoded.detail);
    signalsView.fold(state, decoded.event, deviceOf);
    checkpoint.advance(sourceOf(topic, 'incarnation'), benchTopics.indexOf(topic), 10_000_000 + index);
  };
  times(logins).forEach((at, index) => {
    fold('login', at, index, { sessionId: `s-${index}`, outcome: 'success', userAgent: devices[index % 2] });
  });
  times(emails).forEach((at, index) => {
    fold('email', at, index, { messageId: `m-${index}`, status: 'sent' });
  });
  times(messages).forEach((at, index) => {
    fold('message', at, index, { messageId: `n-${index}`, direction: 'outbound', channel: 'portal' });
  });
  const bytes = seal(checkpoint, signalsView.encode(state));
  const readable = signalsView.readable(state, historyEnd);
  const write = { firmId, clientId, view: signalsView.name, expected: 99, bytes, readable };
  return { item: itemBytes(viewItem(write, new Uint8Array(tokenBytes))), view: bytes.length };
}
