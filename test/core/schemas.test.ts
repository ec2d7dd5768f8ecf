// The published schemas and examples: fresh, valid themselves, and of one mind with decode.
import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { readDeadLetter } from '../../services/core/dead-letter.ts';
import { type Decoded, decode } from '../../services/core/decode.ts';
import { isDeadLetterReason } from '../../services/core/reasons.ts';
import { changesTopic, deadLetterTopic, eventTopics, isEventTopic, noticeSchema } from '../../services/core/topics.ts';

const root = join(__dirname, '..', '..');
const folder = join(root, 'schemas');
const topics = [...eventTopics, changesTopic, deadLetterTopic];
// The instant that schemas/README.md names.
const appendedAt = Date.parse('2026-03-02T09:30:00Z');

type Example = { readonly topic: string; readonly file: string; readonly text: string };

function examplesOf(topic: string, kind: 'valid' | 'invalid'): readonly Example[] {
  const place = join(folder, topic, 'examples', kind);
  return readdirSync(place).map((file) => ({ topic, file, text: readFileSync(join(place, file), 'utf8') }));
}

function decodeExample(topic: (typeof eventTopics)[number], text: string): Decoded {
  return decode(topic, { value: { text }, sizeBytes: Buffer.byteLength(text), key: 'firm-a/client-1042', appendedAt });
}

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
addFormats.default(ajv);
const validators = new Map<string, ValidateFunction>();
for (const topic of topics) {
  validators.set(topic, ajv.compile(JSON.parse(readFileSync(join(folder, topic, 'v1.schema.json'), 'utf8'))));
}

function accepts(topic: string, value: unknown): boolean {
  const validate = validators.get(topic);
  if (validate === undefined) throw new Error(`there is no schema of ${topic}`);
  return validate(value) === true;
}

function readHeaders(text: string): Record<string, string> {
  return JSON.parse(text);
}

const valid = topics.flatMap((topic) => examplesOf(topic, 'valid'));
const invalid = topics.flatMap((topic) => examplesOf(topic, 'invalid'));

describe('valid examples', () => {
  test.each(valid)('$topic: $file is accepted by the schema', ({ topic, text }) => {
    expect(accepts(topic, JSON.parse(text))).toBe(true);
  });

  test.each(valid.filter(({ topic }) => isEventTopic(topic)))('$topic: $file becomes an event', ({ topic, text }) => {
    if (!isEventTopic(topic)) throw new Error('filtered above');
    expect(decodeExample(topic, text)).toMatchObject({
      kind: 'event',
      event: { topic, event: { clientId: JSON.parse(text).clientId } },
    });
  });

  test.each(valid.filter(({ topic }) => topic === changesTopic))('$topic: $file is a notice', ({ text }) => {
    expect(noticeSchema.safeParse(JSON.parse(text)).success).toBe(true);
  });

  test.each(valid.filter(({ topic }) => topic === deadLetterTopic))('$topic: $file is read back', ({ text }) => {
    expect(readDeadLetter(new Uint8Array(0), readHeaders(text))).toMatchObject({ reason: JSON.parse(text).reason });
  });
});

describe('invalid examples', () => {
  const ofEvents = invalid.filter(({ topic }) => isEventTopic(topic));

  test.each(ofEvents)('$topic: $file becomes a dead letter of the reason it names', ({ topic, file, text }) => {
    if (!isEventTopic(topic)) throw new Error('filtered above');
    expect(decodeExample(topic, text)).toMatchObject({ kind: 'dead-letter', reason: reasonOf(file) });
  });

  test.each(invalid.filter(({ file }) => ['wrong_shape', 'unknown_version'].includes(reasonOf(file))))(
    '$topic: $file is refused by the schema',
    ({ topic, text }) => {
      expect(accepts(topic, JSON.parse(text))).toBe(false);
    },
  );

  test.each(invalid.filter(({ file }) => reasonOf(file) === 'in_future'))(
    '$topic: $file has the right shape all the same',
    ({ topic, text }) => {
      expect(accepts(topic, JSON.parse(text))).toBe(true);
    },
  );

  test.each(invalid.filter(({ topic }) => topic === changesTopic))('$topic: $file is no notice', ({ text }) => {
    expect(noticeSchema.safeParse(JSON.parse(text)).success).toBe(false);
  });

  test.each(invalid.filter(({ topic }) => topic === deadLetterTopic))('$topic: $file is not read back', ({ text }) => {
    expect(readDeadLetter(new Uint8Array(0), readHeaders(text))).toBeNull();
  });

  test.each(eventTopics)('%s has one of each reason that a text can have', (topic) => {
    const reasons = new Set(examplesOf(topic, 'invalid').map(({ file }) => reasonOf(file)));
    expect([...reasons].sort()).toEqual(['in_future', 'not_json', 'unknown_version', 'wrong_shape']);
  });

  function reasonOf(file: string): string {
    const reason = file.slice(0, file.indexOf('--'));
    if (!isDeadLetterReason(reason)) throw new Error(`${file} does not start with a reason code`);
    return reason;
  }
});

describe('the generator', () => {
  const run = promisify(execFile);
  // It starts a service to ask for its documents, here twice.
  const generateMsMax = 120_000;
  let place: string;
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'schemas-'));
  });
  afterEach(() => rmSync(place, { recursive: true }));

  function generate(...args: readonly string[]): Promise<{ readonly code: unknown; readonly stderr: string }> {
    return run(process.execPath, [join(root, 'infra', 'schemas.ts'), ...args]).then(
      ({ stderr }) => ({ code: 0, stderr }),
      (failed) => ({ code: failed.code, stderr: failed.stderr }),
    );
  }

  test('finds the committed schemas fresh', async () => {
    expect(await generate('--check')).toMatchObject({ code: 0 });
  });

  test(
    'given a changed and a missing schema, names both and fails',
    async () => {
      await generate('--folder', place);
      appendFileSync(join(place, 'login', 'v1.schema.json'), ' ');
      rmSync(join(place, 'email', 'v1.schema.json'));
      const { code, stderr } = await generate('--check', '--folder', place);
      expect({ code, stale: stderr.match(/^stale: .*$/gm) }).toEqual({
        code: 1,
        stale: ['stale: schemas/login/v1.schema.json', 'stale: schemas/email/v1.schema.json'],
      });
    },
    generateMsMax,
  );
});
