// Our Avro schemas: every example that is valid as JSON says the same as Avro.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeValue } from '../../../services/core/decode.ts';
import { type EventTopic, eventTopics } from '../../../services/core/topics.ts';
import { fingerprintOf } from '../../../services/log/avro/framing.ts';
import { parseWriter, writerFingerprint } from '../../../services/log/avro/reader.ts';
import { ownAvroValues } from '../../../services/log/avro/values.ts';
import { asTwin, singleObject, twinOf } from './written.ts';

const folder = join(__dirname, '..', '..', '..', 'schemas');
const appendedAt = Date.parse('2026-03-02T09:30:00Z');

const examples = eventTopics.flatMap((topic) => {
  const place = join(folder, topic, 'examples', 'valid');
  return readdirSync(place).map((file) => ({ topic, file, text: readFileSync(join(place, file), 'utf8') }));
});

test.each(examples)('$topic: $file is the same event', ({ topic, text }) => {
  const event: Record<string, unknown> = JSON.parse(text);
  const read = ownAvroValues().read(topic, singleObject(twinOf(topic), asTwin(topic, event)));
  if (read?.kind !== 'value') throw new Error(JSON.stringify(read));
  expect(withoutNulls(topic, decodeValue(topic, read.value, appendedAt))).toEqual(
    withoutNulls(topic, decodeValue(topic, event, appendedAt)),
  );
});

/** A null says the same as absence, except where it clears; an Avro value says it by absence. */
function withoutNulls(topic: EventTopic, decoded: object): unknown {
  if (topic === 'portal-access') return decoded;
  return JSON.parse(JSON.stringify(decoded, (_, value) => (value === null ? undefined : value)));
}

describe('fingerprints', () => {
  test.each([
    // Of the Avro specification's own test data.
    ['"null"', '63dd24e7cc258f8a'],
    ['"int"', '7275d51a3f395c8f'],
    ['"string"', '8f014872634503c7'],
  ])('of %s', (canonicalForm, hex) => {
    expect(fingerprintOf(canonicalForm).toString(16)).toBe(hex);
  });

  test('of a record disregard what does not change its bytes', () => {
    const [plain, adorned] = [
      { type: 'record', name: 'a.B', fields: [{ name: 'f', type: 'boolean' }] },
      {
        type: 'record',
        namespace: 'a',
        name: 'B',
        doc: 'x',
        fields: [{ doc: 'y', default: true, type: { type: 'boolean' }, name: 'f' }],
      },
    ].map((schema) => writerFingerprint(parseWriter(JSON.stringify(schema))));
    expect(plain).toBe(adorned);
  });

  // Made by another implementation (fastavro, parsing canonical form and CRC-64-AVRO) of a schema as ours are.
  test('of a record with all that ours have are as another implementation has them', () => {
    const schema = {
      type: 'record',
      name: 'Sample',
      namespace: 'signalfold',
      doc: 'Left out.',
      fields: [
        { name: 'eventId', aliases: ['event_id'], doc: 'Left out.', type: 'string' },
        { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
        { name: 'status', type: { type: 'enum', name: 'SampleStatus', symbols: ['sent', 'delivered'] } },
        {
          name: 'by',
          type: [
            'null',
            { type: 'record', name: 'SampleBy', fields: [{ name: 'id', type: ['null', 'string'], default: null }] },
          ],
          default: null,
        },
        { name: 'emails', type: { type: 'array', items: 'string' } },
      ],
    };
    expect(writerFingerprint(parseWriter(JSON.stringify(schema))).toString(16)).toBe('3bd17198bf87c6ca');
  });
});
