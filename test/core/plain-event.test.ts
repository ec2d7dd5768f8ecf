// Events read plainly against the same events decoded: whatever the plain reader takes, decode takes as well, and it means
// the same to every view.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { decode } from '../../services/core/decode.ts';
import { PlainEvent } from '../../services/core/plain-event.ts';
import { asciiText, TextTable } from '../../services/core/text-table.ts';
import { type EventTopic, eventSchemas, eventTopics } from '../../services/core/topics.ts';
import { accessView } from '../../services/core/views/access/view.ts';
import { profileView } from '../../services/core/views/profile/view.ts';
import { type SignalEvent, SignalRows, signalOf } from '../../services/core/views/signals/event.ts';
import { plainSignals } from '../../services/core/views/signals/plain-signal.ts';
import { readText } from '../../services/log/codec.ts';
import { messagesOf, uniformReplay } from '../bench/workload.ts';

const deviceOf = (userAgent: string) => 1 + (userAgent.length % 60);
const plainEvent = new PlainEvent(eventSchemas);
/** Every value stands among others, of which nothing may be taken for it. */
const plain = Object.assign(plainEvent, {
  readAlone: (topic: string, value: Uint8Array): boolean => {
    const among = Uint8Array.from([...bytesOf('"x":{"'), ...value, ...bytesOf('"}, \n}')]);
    return plainEvent.read(topic, among, 6, 6 + value.length);
  },
});
const keepSignal = plainSignals(deviceOf);
const plainSignalOf = (topic: EventTopic, keep = keepSignal): SignalEvent | null => {
  const signals = new SignalRows();
  return keep(topic, plain, signals) ? signals.get(0) : null;
};

/** True when it was read plainly; throws where that and decoding disagree. */
function agree(topic: EventTopic, value: Uint8Array): boolean {
  if (!plain.readAlone(topic, value)) return false;
  const text = readText(value);
  const read = text === null ? ('not_utf8' as const) : { text };
  const decoded = decode(topic, {
    value: read,
    sizeBytes: value.length,
    key: null,
    appendedAt: Number.MAX_SAFE_INTEGER,
  });
  if (decoded.kind !== 'event') throw new Error(`read plainly, but decoding says ${JSON.stringify(decoded)}`);
  const { event } = decoded;
  const texts = new TextTable();
  expect({
    occurredAt: plain.occurredAt,
    firmId: texts.textOf(plain.numberIn(texts, 'firmId')),
    clientId: texts.textOf(plain.numberIn(texts, 'clientId')),
    signal: plainSignalOf(topic),
  }).toEqual({
    occurredAt: 'occurredAt' in event.event ? event.event.occurredAt : plain.occurredAt,
    firmId: event.event.firmId,
    clientId: event.event.clientId,
    signal: signalOf(event, deviceOf),
  });
  for (const view of [accessView, profileView]) {
    if (view.concernsPlain?.(topic, plain) !== true) expect(view.concerns(event)).toBe(false);
  }
  return true;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

const folder = path.join(__dirname, '..', '..', 'schemas');

function examplesOf(topic: EventTopic): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.split(path.sep).includes(topic) && file.endsWith('.json'))
    .map((file) => readFileSync(path.join(folder, file), 'utf8'))
    .flatMap((text) => {
      try {
        const value: unknown = JSON.parse(text);
        return [text, JSON.stringify(value)];
      } catch {
        return [text];
      }
    });
}

const values = fc.oneof(
  fc.constantFrom('null', 'true', 'false', '0', '1', '01', '-1', '1.0', '1e3', '""', '" "', '"a/b"', '"#"', '{}', '[]'),
  fc.constantFrom(
    '"2026-02-30T00:00:00Z"',
    '"2026-02-28T23:59:60Z"',
    '"1969-12-31T23:59:59Z"',
    '"2026-02-28T10:00:00.Z"',
  ),
  fc.constantFrom('"2026-02-28T10:00:00.123456789Z"', '"2026-02-28T10:00:00z"', '"2026-02-28T24:00:00Z"'),
  fc.constantFrom('{"id":"a"}', '{"id":null,"name":"b"}', '{"id":1}', '{"other":{}}', '{"other":1}', '{ }'),
  fc.constantFrom(`"${'x'.repeat(128)}"`, `"${'x'.repeat(129)}"`, `"${'x'.repeat(321)}"`, '"a b"', '" a"', '"a "'),
  fc.constantFrom('"success"', '"failure"', '"bounced"', '"sent"', '"inbound"', '"portal-invite"', '"\\u0041"', '"é"'),
  fc.json(),
);

describe.each(eventTopics.map((topic) => [topic] as const))('%s', (topic) => {
  const examples = examplesOf(topic);
  const names = [
    ...new Set(['schemaVersion', ...Object.keys(eventSchemas.login.shape), 'other', 'status', 'category']),
  ];

  test('every example means the same', () => {
    for (const example of examples) agree(topic, bytesOf(example));
  });

  test('examples with other values, fields twice and fields missing mean the same', () => {
    const changed = fc
      .record({ example: fc.constantFrom(...examples), name: fc.constantFrom(...names), value: values, cut: fc.nat() })
      .map(({ example, name, value, cut }) => {
        const fields = [...example.matchAll(/"(\w+)":("[^"]*"|[^,{}]+|\{[^}]*\})/g)];
        const field = fields[cut % Math.max(1, fields.length)];
        const field2 = `${JSON.stringify(name)}:${value}`;
        return field === undefined
          ? example
          : example.replace(field[0], cut % 3 === 0 ? `${field[0]},${field2}` : field2);
      });
    fc.assert(
      fc.property(changed, (text) => {
        agree(topic, bytesOf(text));
      }),
      { numRuns: 3_000 },
    );
  });

  test('examples with any byte changed, put in or left out mean the same', () => {
    const change = fc.record({
      example: fc.constantFrom(...examples.map(bytesOf)),
      at: fc.nat(),
      byte: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0x20, 0x22, 0x2c, 0x5c, 0x7b, 0x7d, 0x0a)),
      how: fc.constantFrom('change', 'put in', 'leave out', 'cut'),
    });
    const changed = change.map(({ example, at, byte, how }) => {
      const place = at % Math.max(1, example.length);
      const rest = example.subarray(how === 'put in' ? place : place + 1);
      const middle = how === 'leave out' || how === 'cut' ? [] : [byte];
      return Uint8Array.from([...example.subarray(0, place), ...middle, ...(how === 'cut' ? [] : rest)]);
    });
    fc.assert(
      fc.property(changed, (bytes) => {
        agree(topic, bytes);
      }),
      { numRuns: 3_000 },
    );
  });
});

test('the events that make up a replay are plain', () => {
  for (const { topic, text } of messagesOf({ ...uniformReplay, events: 2_000, impersonatedShare: 0.2 })) {
    expect(agree(topic, bytesOf(text))).toBe(true);
  }
});

test('spaces after commas and colons, and another order of fields, are plain', () => {
  const text =
    '{ "outcome": "success", "sessionId": "s-1", "occurredAt": "2026-03-01T09:30:00Z", "firmId": "f", "clientId": "c", ' +
    '"impersonatedBy": {"id": "staff-1", "name": null}, "other": 12, "eventId": "e-1" }\n';
  expect(agree('login', bytesOf(text))).toBe(true);
  expect(plainSignalOf('login')?.kind).toBe('mark');
});

test.each([
  ['an escape', '{"eventId":"e\\u0041"'],
  ['a letter beyond ASCII', '{"eventId":"é"'],
  ['a line break between fields', '{"eventId":"e",\n"other":1'],
  ['a field twice', '{"eventId":"e","firmId":"other"'],
  ['an offset instead of Z', '{"eventId":"e","occurredAt":"2026-03-01T09:30:00+01:00"'],
])('%s is left to decode', (_name, start) => {
  const rest =
    ',"firmId":"f","clientId":"c","sessionId":"s","phase":"started","impersonator":{},"occurredAt":"2026-03-01T09:30:00Z"}';
  expect(plain.readAlone('impersonation', bytesOf(start + rest))).toBe(false);
});

test('a schema with a field that is not known to plain reading is never read plainly', () => {
  expect(
    plain.readAlone(
      'client',
      bytesOf('{"firmId":"f","clientId":"c","version":1,"erased":true,"at":"2026-03-01T09:30:00Z"}'),
    ),
  ).toBe(false);
});

test('user agents are told apart, however many there are', () => {
  const seen: string[] = [];
  const read = plainSignals((userAgent) => seen.push(userAgent));
  const login = (userAgent: string) => {
    const fields =
      '"firmId":"f","clientId":"c","sessionId":"s","outcome":"success","occurredAt":"2026-03-01T09:30:00Z"';
    expect(plain.readAlone('login', bytesOf(`{"eventId":"e",${fields},"userAgent":"${userAgent}"}`))).toBe(true);
    return plainSignalOf('login', read)?.device;
  };
  expect([login('agent 1'), login('agent 2'), login('agent 1'), login('agent 2')]).toEqual([1, 2, 1, 2]);
  const long = `agent ${'x'.repeat(100_000)}`;
  expect([login(long), login(long)]).toEqual([3, 4]);
  expect(seen[3]).toBe(long);
  for (let other = 0; other < 5_000; other += 1) login(`other ${other}`);
  expect(login('agent 1')).toBe(seen.length);
});

describe('a table of texts', () => {
  const ascii = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((unit) => String.fromCharCode(unit)) });

  test('given any texts, each keeps its number, by text and by bytes', () => {
    fc.assert(
      fc.property(fc.array(ascii, { maxLength: 400 }), fc.infiniteStream(fc.boolean()), (texts, coins) => {
        const table = new TextTable();
        const distinct = [...new Set(texts)];
        for (const text of texts) {
          const bytes = bytesOf(`<${text}>`);
          const number = coins.next().value ? table.numberOf(text) : table.numberOfAscii(bytes, 1, bytes.length - 1);
          expect(number).toBe(distinct.indexOf(text));
          expect(table.textOf(number)).toBe(text);
        }
        expect(table.size).toBe(distinct.length);
      }),
    );
  });

  test('a text beyond ASCII has a number too, and an unknown number is told', () => {
    const table = new TextTable();
    expect([table.numberOf('é'), table.numberOf('ﬀ'), table.numberOf('é')]).toEqual([0, 1, 0]);
    expect(() => table.textOf(2)).toThrow(RangeError);
  });

  test('bytes are spelt', () => {
    expect(asciiText(bytesOf('abc'), 1, 3)).toBe('bc');
  });
});
