// Marks of portal access straight from the stored view (views/access/codec.ts): whether a record exists, through which day
// it gives access, and when it changed last. Ids, permissions and features are passed over.
import { ByteReader } from './bytes.ts';
import { type AccessMarks, dayOfDate, forEver, never, noDay } from './list-marks.ts';
import { applyChange, type Change, changeKinds, initialLogin, type LoginState } from './views/access/state.ts';

const format = 1;
/** Bytes of a base's permissions and features. */
const baseFlagsBytes = 7;
const unread = { eventId: '', permissions: undefined, features: undefined, twoFactor: undefined } as const;

/** `offset`: where behind the seal the view begins. Throws a RangeError for a format this version does not read. */
export function readAccessMarks(bytes: Uint8Array, offset: number): AccessMarks {
  const source = new ByteReader(bytes);
  source.skip(offset);
  const found = source.byte();
  if (found !== format) throw new RangeError(`stored access has format ${found}, this version reads ${format}`);
  source.varint();
  let everGranted = false;
  let throughDay = noDay;
  let changedAt = never;
  for (let logins = source.varint(); logins > 0; logins -= 1) {
    source.skip(source.varint());
    let state = initialLogin;
    if (source.byte() !== 0) {
      changedAt = Math.max(changedAt, source.varint());
      source.skip(source.varint());
      state = readBase(source);
    }
    for (let changes = source.varint(); changes > 0; changes -= 1) {
      const change = readChange(source);
      changedAt = Math.max(changedAt, change.at);
      state = applyChange(state, change);
    }
    for (let bounces = source.varint(); bounces > 0; bounces -= 1) source.varint();
    everGranted ||= state.known;
    if (state.granted) throughDay = Math.max(throughDay, dayOfDate(state.expiresOn) ?? forEver);
  }
  return { everGranted, throughDay, changedAt };
}

function readBase(source: ByteReader): LoginState {
  const bits = source.byte();
  const isRevoked = source.byte() === revokedCode;
  source.varint();
  const expiresOn = source.optionalText();
  source.skip(baseFlagsBytes);
  const progress = isRevoked ? 'revoked' : 'not_invited';
  return { ...initialLogin, known: (bits & 1) !== 0, granted: (bits & 2) !== 0, progress, expiresOn };
}

/** Of the steps a login goes through, the only one on which access depends; the codec's number for it. */
const revokedCode = 4;

function readChange(source: ByteReader): Change {
  const at = source.varint();
  source.skip(source.varint());
  const kind = changeKinds[source.byte()];
  if (kind === undefined) throw new RangeError('stored access holds a kind of change this version does not know');
  const expiry = source.byte();
  const expiresOn = expiry === 0 ? undefined : expiry === 1 ? null : source.text();
  // Permissions and features: two bits a flag, where they are given.
  if (source.byte() === 2) source.varint();
  if (source.byte() === 2) source.varint();
  source.byte();
  return { ...unread, at, kind, expiresOn };
}
