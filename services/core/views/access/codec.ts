// The access view as bytes: a format number, then per address its base, changes and bounces. Flags are two bits each.
import { ByteReader, ByteWriter } from '../../bytes.ts';
import {
  type Access,
  type Change,
  changeKinds,
  emptyAccess,
  type FlagChange,
  type FlagChanges,
  featureNames,
  type Login,
  type LoginState,
  type Progress,
  permissionNames,
} from './state.ts';

const format = 1;
const progressCodes: readonly Progress[] = ['not_invited', 'invited', 'accepted', 'set_up', 'revoked'];

export function encodeAccess(access: Access): Uint8Array {
  const out = new ByteWriter();
  out.byte(format);
  out.varint(access.erasedAt);
  out.varint(access.logins.length);
  for (const login of access.logins) {
    out.text(login.address);
    out.byte(login.base === null ? 0 : 1);
    if (login.base !== null) {
      out.varint(login.base.at);
      out.text(login.base.eventId);
      writeState(out, login.base.state);
    }
    out.varint(login.changes.length);
    for (const change of login.changes) writeChange(out, change);
    out.varint(login.bounces.length);
    for (const bounce of login.bounces) out.varint(bounce);
  }
  return out.take();
}

/** Throws a RangeError for a format this version does not read. */
export function decodeAccess(bytes: Uint8Array): Access {
  const source = new ByteReader(bytes);
  checkFormat(source);
  const access = emptyAccess();
  access.erasedAt = source.varint();
  for (let count = source.varint(); count > 0; count -= 1) access.logins.push(readLogin(source));
  return access;
}

/** Reads the format number; see decodeAccess. */
export function checkFormat(source: ByteReader): void {
  const found = source.byte();
  if (found !== format) throw new RangeError(`stored access has format ${found}, this version reads ${format}`);
}

function readLogin(source: ByteReader): Login {
  const address = source.text();
  const base = source.byte() === 0 ? null : { at: source.varint(), eventId: source.text(), state: readState(source) };
  const changes = Array.from({ length: source.varint() }, () => readChange(source));
  const bounces = Array.from({ length: source.varint() }, () => source.varint());
  return { address, base, changes, bounces };
}

function writeChange(out: ByteWriter, change: Change): void {
  out.varint(change.at);
  out.text(change.eventId);
  out.byte(changeKinds.indexOf(change.kind));
  out.byte(change.expiresOn === undefined ? 0 : change.expiresOn === null ? 1 : 2);
  if (typeof change.expiresOn === 'string') out.text(change.expiresOn);
  writeFlagChanges(out, permissionNames, change.permissions);
  writeFlagChanges(out, featureNames, change.features);
  out.byte(flagCode(change.twoFactor));
}

function readChange(source: ByteReader): Change {
  const at = source.varint();
  const eventId = source.text();
  return {
    at,
    eventId,
    kind: readKind(source),
    expiresOn: readExpiry(source),
    permissions: readFlagChanges(source, permissionNames),
    features: readFlagChanges(source, featureNames),
    twoFactor: flagOf(source.byte()),
  };
}

export function readKind(source: ByteReader): Change['kind'] {
  const kind = changeKinds[source.byte()];
  if (kind === undefined) throw new RangeError('stored access holds a kind of change this version does not know');
  return kind;
}

export function readExpiry(source: ByteReader): Change['expiresOn'] {
  const expiry = source.byte();
  if (expiry === 0) return undefined;
  return expiry === 1 ? null : source.text();
}

/** 0 absent, 1 cleared, 2 given and then two bits a flag. */
function writeFlagChanges<Name extends string>(
  out: ByteWriter,
  names: readonly Name[],
  changes: FlagChanges<Name>,
): void {
  out.byte(changes === undefined ? 0 : changes === null ? 1 : 2);
  if (changes === undefined || changes === null) return;
  let bits = 0;
  for (const name of names) bits = (bits << 2) | flagCode(changes[name]);
  out.varint(bits);
}

function readFlagChanges<Name extends string>(source: ByteReader, names: readonly Name[]): FlagChanges<Name> {
  const given = source.byte();
  if (given === 0) return undefined;
  if (given === 1) return null;
  let bits = source.varint();
  const changes: Partial<Record<Name, FlagChange>> = {};
  for (const name of names.toReversed()) {
    changes[name] = flagOf(bits & 3);
    bits >>= 2;
  }
  return changes;
}

function flagCode(flag: FlagChange): number {
  if (flag === undefined) return 0;
  return flag === null ? 1 : flag ? 3 : 2;
}

function flagOf(code: number): FlagChange {
  if (code === 0) return undefined;
  return code === 1 ? null : code === 3;
}

function writeState(out: ByteWriter, state: LoginState): void {
  out.byte((state.known ? 1 : 0) | (state.granted ? 2 : 0) | (state.twoFactor ? 4 : 0));
  out.byte(progressCodes.indexOf(state.progress));
  out.varint(state.invitedAt === null ? 0 : state.invitedAt + 1);
  out.optionalText(state.expiresOn);
  for (const name of permissionNames) out.byte(state.permissions[name] ? 1 : 0);
  for (const name of featureNames) out.byte(state.features[name] ? 1 : 0);
}

function readState(source: ByteReader): LoginState {
  const bits = source.byte();
  const progress = progressCodes[source.byte()];
  if (progress === undefined) throw new RangeError('stored access holds a progress this version does not know');
  const invited = source.varint();
  const flag = () => source.byte() === 1;
  return {
    known: (bits & 1) !== 0,
    granted: (bits & 2) !== 0,
    twoFactor: (bits & 4) !== 0,
    progress,
    invitedAt: invited === 0 ? null : invited - 1,
    expiresOn: source.optionalText(),
    permissions: { write: flag(), delete: flag() },
    features: { welcome: flag(), wealth: flag(), goals: flag(), factfind: flag(), tasks: flag() },
  };
}
