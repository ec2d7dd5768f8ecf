// Decode: every message becomes an event, a drop, or a dead letter with the right reason.
import fc from 'fast-check';
import {
  aheadMsMax,
  type Decoded,
  type Delivered,
  decode,
  decodeValue,
  eventBytesMax,
  sizeRefusal,
} from '../../services/core/decode.ts';
import { deadLetterReasons, dropReasons } from '../../services/core/reasons.ts';
import { type EventTopic, eventTopics, occurrenceOf } from '../../services/core/topics.ts';

const appendedAt = Date.UTC(2026, 2, 2, 9, 30);
const login = {
  eventId: 'login-7f31',
  firmId: 'firm-a',
  clientId: 'client-1042',
  occurredAt: '2026-03-01T08:15:30.123Z',
  sessionId: 'session-1',
  outcome: 'success',
};
const profile = {
  firmId: 'firm-a',
  clientId: 'client-1042',
  version: 3,
  type: 'individual',
  status: 'active',
  emails: ['client-1042@example.com'],
  createdAt: '2019-05-14T09:00:00Z',
  updatedAt: '2026-03-01T08:15:30Z',
};
const erasure = { firmId: 'firm-a', clientId: 'client-1042', version: 4, erased: true, at: '2026-03-01T08:15:30Z' };

function delivered(text: string, key: string | null = null): Delivered {
  return { value: { text }, sizeBytes: Buffer.byteLength(text), key, appendedAt };
}

function decodeJson(topic: EventTopic, value: unknown): Decoded {
  return decode(topic, delivered(JSON.stringify(value)));
}

function detailOf(decoded: Decoded): string {
  return decoded.kind === 'dead-letter' ? decoded.detail : `is ${decoded.kind}`;
}

describe('an event', () => {
  test('given a login, carries its fields, its instant as epoch ms, and defaults', () => {
    expect(decodeJson('login', login)).toEqual({
      kind: 'event',
      event: {
        topic: 'login',
        event: { ...login, occurredAt: Date.UTC(2026, 2, 1, 8, 15, 30, 123), interactive: true },
      },
    });
  });

  test.each(['__proto__', 'constructor', 'toString'])('given an unknown field %s, leaves it out', (name) => {
    const text = JSON.stringify(login).replace('{', `{"${name}":{"outcome":"failure","admin":true},`);
    expect(decode('login', delivered(text))).toEqual(decodeJson('login', login));
  });

  test('given a field twice, takes the last, as JSON.parse does', () => {
    const text = JSON.stringify(login).replace('{', '{"sessionId":"session-0",');
    expect(decode('login', delivered(text))).toEqual(decodeJson('login', login));
  });

  test('given an unknown field nested 50,000 deep, is read', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const text = JSON.stringify(login).replace('{', `{"deep":${deep},`);
    expect(decode('login', delivered(text)).kind).toBe('event');
  });

  test('given portal access, tells null from absent', () => {
    const { sessionId, outcome, ...head } = login;
    const decoded = decodeJson('portal-access', {
      ...head,
      email: ' C@Example.com ',
      change: 'changed',
      expiresOn: null,
      features: { goals: null, tasks: true },
    });
    expect(decoded).toEqual({
      kind: 'event',
      event: {
        topic: 'portal-access',
        event: {
          ...head,
          occurredAt: Date.UTC(2026, 2, 1, 8, 15, 30, 123),
          email: 'C@Example.com',
          change: 'changed',
          expiresOn: null,
          features: { goals: null, tasks: true },
        },
      },
    });
  });

  test('given 256 KiB exactly, is read', () => {
    const bare = JSON.stringify({ ...login, userAgent: '' });
    const text = JSON.stringify({ ...login, userAgent: 'x'.repeat(eventBytesMax - bare.length) });
    expect([text.length, decode('login', delivered(text)).kind]).toEqual([eventBytesMax, 'event']);
  });

  test.each([
    ['login', login, 'occurredAt'],
    ['client', profile, 'updatedAt'],
    ['client', erasure, 'at'],
  ] as const)('of %s occurred at its %#. time field', (topic, value, field) => {
    const decoded = decodeJson(topic, value);
    if (decoded.kind !== 'event') throw new Error(detailOf(decoded));
    expect(occurrenceOf(decoded.event).field).toBe(field);
  });
});

describe('a null value', () => {
  const without = (key: string | null): Delivered => ({ value: null, sizeBytes: 0, key, appendedAt });

  test('on client erases whom the key names, as of its append time', () => {
    expect(decode('client', without('firm-a/client-1042'))).toEqual({
      kind: 'event',
      event: {
        topic: 'client',
        event: { firmId: 'firm-a', clientId: 'client-1042', version: 0, erased: true, at: appendedAt },
      },
    });
  });

  test.each([null, '', 'client-1042', 'firm-a/client/1042'])('on client under the key %j is a bad_key', (key) => {
    expect(decode('client', without(key))).toMatchObject({ kind: 'dead-letter', reason: 'bad_key', client: null });
  });

  test.each(eventTopics.filter((topic) => topic !== 'client'))('on %s is dropped', (topic) => {
    expect(decode(topic, without('firm-a/client-1042'))).toEqual({ kind: 'drop', reason: 'tombstone' });
  });

  test('is not the JSON text null', () => {
    expect(decode('client', delivered('null', 'firm-a/client-1042'))).toMatchObject({ reason: 'wrong_shape' });
  });
});

describe('a dead letter', () => {
  test.each([
    ['no bytes', ''],
    ['a word', 'login'],
    ['JSON cut short', JSON.stringify(login).slice(0, -1)],
    ['two values', '{}{}'],
    ['a trailing comma', '{"a":1,}'],
    ['NaN', 'NaN'],
    ['256 Ki opening brackets', '['.repeat(eventBytesMax)],
    ['50,000 objects left open', '{"a":'.repeat(50_000)],
  ])('given %s, is not_json', (_, text) => {
    expect(decode('login', delivered(text))).toMatchObject({ kind: 'dead-letter', reason: 'not_json' });
  });

  test('given bytes that are not UTF-8, is not_json', () => {
    expect(decode('login', { ...delivered(''), value: 'not_utf8', sizeBytes: 3 })).toMatchObject({
      reason: 'not_json',
    });
  });

  test('given one byte above 256 KiB, is too_large, whatever it holds', () => {
    const decoded = decode('login', { ...delivered(JSON.stringify(login)), sizeBytes: eventBytesMax + 1 });
    expect(decoded).toMatchObject({ kind: 'dead-letter', reason: 'too_large' });
  });

  test.each([2, 0, -1, 1.5, '1', true, [], {}])(
    'given schemaVersion %j, is unknown_version in any shape',
    (version) => {
      expect(decodeJson('login', { schemaVersion: version })).toMatchObject({ reason: 'unknown_version' });
    },
  );

  test.each([1, null])('given schemaVersion %j, is none', (version) => {
    expect(decodeJson('login', { ...login, schemaVersion: version }).kind).toBe('event');
  });

  test.each([
    ['login', login, 'occurredAt'],
    ['client', profile, 'updatedAt'],
    ['client', erasure, 'at'],
  ] as const)(
    'given a time 5 minutes ahead, %s is an event; one millisecond more is in_future',
    (topic, value, field) => {
      const at = (ms: number) => decodeJson(topic, { ...value, [field]: new Date(appendedAt + ms).toISOString() });
      expect([at(aheadMsMax).kind, at(aheadMsMax + 1)]).toMatchObject(['event', { reason: 'in_future' }]);
    },
  );

  test('given a createdAt ahead, is none: it is no occurrence', () => {
    expect(decodeJson('client', { ...profile, createdAt: '2030-01-01T00:00:00Z' }).kind).toBe('event');
  });

  test.each([
    [
      'a missing field',
      'login',
      { ...login, outcome: undefined },
      'outcome: is missing, must be "success" or "failure"',
    ],
    ['a wrong type', 'login', { ...login, userAgent: 7 }, 'userAgent: must be a string'],
    ['a wrong choice', 'login', { ...login, outcome: 'maybe' }, 'outcome: must be "success" or "failure"'],
    ['no object', 'login', [login], 'value: must be an object'],
    ['a bad id', 'login', { ...login, firmId: 'a/b' }, 'firmId: must be 1–128 printable characters without "/" or "#"'],
    [
      'a bad time',
      'client',
      { ...profile, updatedAt: 'yesterday' },
      'updatedAt: must be RFC 3339 with "Z" or an offset, 1970 or later',
    ],
    ['a bad list', 'client', { ...profile, emails: ['a@example.com', 7] }, 'emails.1: must be a string'],
    [
      'a lone surrogate in an address',
      'client',
      { ...profile, emails: ['\ud800@a'] },
      'emails.0: must be an email address, not blank',
    ],
    ['a fraction', 'client', { ...profile, version: 1.5 }, 'version: must be a whole number'],
    ['a huge number', 'client', { ...profile, version: 1e300 }, 'version: must be at most 9007199254740991'],
    ['erased in words', 'client', { ...erasure, erased: 'yes' }, 'erased: must be true, false or absent'],
    ['an erasure without time', 'client', { ...erasure, at: undefined }, 'at: is missing, must be a string'],
    [
      'several mistakes',
      'client',
      { firmId: 'firm-a', clientId: 'client-1042' },
      'version: is missing, must be a whole number; type: is missing, must be a string; ' +
        'status: is missing, must be "active" or "inactive"; emails: is missing, must be an array; ' +
        'createdAt: is missing, must be a string; and 1 more',
    ],
  ] as const)('given %s, says what it must be', (_, topic, value, detail) => {
    expect(detailOf(decodeJson(topic, value))).toBe(detail);
  });

  test('names the client in the value, else the one in the key', () => {
    const clientOf = (value: unknown, key: string | null) => {
      const decoded = decode('login', delivered(JSON.stringify(value), key));
      return decoded.kind === 'dead-letter' ? decoded.client : undefined;
    };
    expect([
      clientOf({ firmId: 'firm-a', clientId: 'client-1042' }, 'firm-b/client-7'),
      clientOf({ firmId: 'firm-a' }, 'firm-b/client-7'),
      clientOf({ firmId: 'firm-a' }, 'client-7'),
    ]).toEqual([{ firmId: 'firm-a', clientId: 'client-1042' }, { firmId: 'firm-b', clientId: 'client-7' }, null]);
  });
});

describe('of any input at all', () => {
  const codes = new Set([...Object.keys(deadLetterReasons), ...Object.keys(dropReasons)]);
  const topic = fc.constantFrom(...eventTopics);
  const fields = [
    ...new Set([...Object.keys(login), ...Object.keys(profile), ...Object.keys(erasure)]),
    'email',
    'change',
  ];
  const nearly = fc.record(
    Object.fromEntries(
      fields.map((name) => [name, fc.oneof({ weight: 3, arbitrary: fc.constant(known(name)) }, fc.jsonValue())]),
    ),
    { requiredKeys: [] },
  );

  function known(name: string): unknown {
    return { ...login, ...profile, ...erasure, email: 'c@example.com', change: 'granted' }[name] ?? null;
  }

  function isWellFormed(decoded: Decoded): boolean {
    return decoded.kind === 'event' ? decoded.event.event.clientId.length > 0 : codes.has(decoded.reason);
  }

  test('decode never throws, and gives an event or a code from the list', () => {
    const value = fc.oneof(
      fc.constant(null),
      fc.constant('not_utf8' as const),
      fc.string({ unit: 'binary' }).map((text) => ({ text })),
      fc.json().map((text) => ({ text })),
      nearly.map((near) => ({ text: JSON.stringify(near) })),
    );
    const key = fc.option(fc.oneof(fc.string({ unit: 'binary' }), fc.constant('firm-a/client-1042')));
    const time = fc.oneof(fc.constant(appendedAt), fc.double(), fc.maxSafeInteger());
    fc.assert(
      fc.property(topic, value, fc.nat(eventBytesMax * 2), key, time, (topic, value, sizeBytes, key, appendedAt) => {
        expect(isWellFormed(decode(topic, { value, sizeBytes, key, appendedAt }))).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  test('decodeValue says what decode says of the same value as text', () => {
    fc.assert(
      fc.property(topic, fc.oneof(fc.jsonValue(), nearly), (topic, value) => {
        const parsed: unknown = JSON.parse(JSON.stringify(value));
        expect(decodeValue(topic, parsed, appendedAt)).toEqual(decodeJson(topic, value));
      }),
      { numRuns: 2000 },
    );
  });

  test('a detail never repeats what it refuses', () => {
    const secret = 'Kirschbaum-4711';
    const places = fields.map((name) => fc.constant({ ...login, ...profile, [name]: secret }));
    const nested = fc.constantFrom(
      { ...profile, emails: [{ [secret]: secret }] },
      { ...profile, adviser: { [secret]: secret } },
      { ...profile, erased: secret },
      { ...profile, schemaVersion: secret },
      { ...login, firmId: `${secret}/` },
      { [secret]: secret },
      secret,
    );
    fc.assert(
      fc.property(topic, fc.oneof(...places, nested), (topic, value) => {
        expect(detailOf(decodeJson(topic, value))).not.toContain(secret);
      }),
      { numRuns: 1000 },
    );
  });

  test('text that is not JSON is not repeated either', () => {
    expect(detailOf(decode('login', delivered('{"name": Kirschbaum-4711}')))).toBe('value: must be JSON');
  });
});

describe('sizeRefusal', () => {
  test('lets 256 KiB pass and refuses one byte more', () => {
    expect([sizeRefusal(eventBytesMax), sizeRefusal(eventBytesMax + 1)]).toMatchObject([null, { reason: 'too_large' }]);
  });
});
