// Dead letters: put away and read back, the same for the same message every time.
import fc from 'fast-check';
import {
  deadLetterOf,
  detailCharactersMax,
  keptHeadersCharactersMax,
  keptKeyCharactersMax,
  markedPosition,
  readDeadLetter,
  readRedriveMark,
  redriveMarkOf,
  truncatedBytesMax,
  type Unusable,
} from '../../services/core/dead-letter.ts';
import { eventBytesMax, type Refusal } from '../../services/core/decode.ts';
import { ClientId, FirmId } from '../../services/core/ids.ts';

const message: Unusable = {
  topic: 'login',
  incarnation: 'q7xUa0gTQ0uM2m0X9zJb3A',
  partition: 3,
  offset: 40917,
  appendedAt: Date.UTC(2026, 2, 2, 9, 30),
  key: 'firm-a/client-1042',
  value: new Uint8Array([123, 255, 0]),
};
const refusal: Refusal = {
  kind: 'dead-letter',
  reason: 'not_json',
  detail: 'value: must be UTF-8',
  client: { firmId: FirmId.parse('firm-a'), clientId: ClientId.parse('client-1042') },
};

function repeated(changes: Partial<Unusable>, refused: Refusal = refusal) {
  const { value, headers } = deadLetterOf({ ...message, ...changes }, 'decode', refused);
  return readDeadLetter(value, headers);
}

test('its key is the position, so that a replay repeats it', () => {
  expect(deadLetterOf(message, 'decode', refusal).key).toBe('login@q7xUa0gTQ0uM2m0X9zJb3A/3/40917');
});

test('it keeps the bytes, and says why, where from and whom it is about', () => {
  expect(repeated({})).toEqual({
    reason: 'not_json',
    source: null,
    step: 'decode',
    detail: 'value: must be UTF-8',
    topic: 'login',
    incarnation: 'q7xUa0gTQ0uM2m0X9zJb3A',
    partition: 3,
    offset: 40917,
    appendedAt: message.appendedAt,
    key: 'firm-a/client-1042',
    client: { firmId: 'firm-a', clientId: 'client-1042' },
    value: new Uint8Array([123, 255, 0]),
    truncated: false,
    sizeBytes: 3,
    headers: {},
    redrivenFrom: null,
  });
});

test('given 256 KiB, it keeps all', () => {
  expect(repeated({ value: new Uint8Array(eventBytesMax) })?.value).toHaveLength(eventBytesMax);
});

test('given a byte more, it keeps the first 64 KiB and says so', () => {
  const value = new Uint8Array(eventBytesMax + 1).map((_, index) => index % 251);
  expect(repeated({ value })).toMatchObject({
    truncated: true,
    sizeBytes: eventBytesMax + 1,
    value: value.slice(0, truncatedBytesMax),
  });
});

test('given a null value, it is no null itself, which would remove it, and is read back as null', () => {
  const { value, headers } = deadLetterOf({ ...message, value: null }, 'decode', refusal);
  expect([value, readDeadLetter(value, headers)?.value]).toEqual([new Uint8Array(0), null]);
});

test('given neither key nor client, says neither', () => {
  expect(repeated({ key: null }, { ...refusal, client: null })).toMatchObject({ key: null, client: null });
});

test('given a key and a detail of any length, keeps their start', () => {
  const kept = repeated({ key: 'k'.repeat(5000) }, { ...refusal, detail: 'd'.repeat(5000) });
  expect([kept?.key?.length, kept?.detail.length]).toEqual([keptKeyCharactersMax, detailCharactersMax]);
});

test('given any append time, is put away and read back', () => {
  fc.assert(
    fc.property(fc.oneof(fc.double(), fc.maxSafeInteger()), (appendedAt) => {
      expect(repeated({ appendedAt })?.offset).toBe(40917);
    }),
  );
});

test('headers of the original are kept for who sends it again, but for our own and for secrets', () => {
  const headers = {
    'ce-type': 'login',
    'signalfold-redriven-from': 'login@q/3/1',
    'Signalfold-Other': 'x',
    Authorization: 'Basic x',
  };
  expect(repeated({ headers })).toMatchObject({ headers: { 'ce-type': 'login' }, redrivenFrom: 'login@q/3/1' });
});

test('given headers without end, keeps the first of them', () => {
  const headers = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`h${index}`, 'v'.repeat(1000)]));
  const kept = repeated({ headers })?.headers ?? {};
  expect(Object.keys(kept)).toEqual(Array.from({ length: 16 }, (_, index) => `h${index}`));
  expect(JSON.stringify(kept).length).toBeLessThan(keptHeadersCharactersMax + 1024);
});

test('given a reason and a step of a later release, or of another writer, reads them as they are', () => {
  const { value, headers } = deadLetterOf(message, 'decode', refusal);
  const written = { ...headers, reason: 'no_subject', step: 'identity', source: 'mail', provider: 'ses' };
  expect(readDeadLetter(value, written)).toMatchObject({ reason: 'no_subject', step: 'identity', source: 'mail' });
});

test('a mark says when and by whom a letter was redriven, and is no letter', () => {
  const { key, value, headers } = redriveMarkOf('login@q/3/1', { at: message.appendedAt, by: 'key:ops' });
  expect([markedPosition(key), markedPosition('login@q/3/1')]).toEqual(['login@q/3/1', null]);
  expect(readRedriveMark(headers)).toEqual({ at: message.appendedAt, by: 'key:ops' });
  expect(readDeadLetter(value, headers)).toBeNull();
});

test('an erased one, or a message of somebody else, is none', () => {
  const { headers } = deadLetterOf(message, 'decode', refusal);
  expect([readDeadLetter(null, headers), readDeadLetter(new Uint8Array(0), { reason: 'not_json' })]).toEqual([
    null,
    null,
  ]);
});
