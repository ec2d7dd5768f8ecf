// A glance at stored access: only what says who may sign in at an instant, read past ids, flags and addresses.
import type { ByteReader } from '../../bytes.ts';
import { checkFormat, readExpiry, readKind } from './codec.ts';
import { featureNames, type Grant, initialLogin, permissionNames, standingAfter } from './state.ts';

/**
 * The grant of each address of which something is known by `at`, in the order of decodeAccess. Reads what encodeAccess
 * wrote; throws a RangeError for a format this version does not read.
 */
export function grantsAt(source: ByteReader, at: number): readonly Grant[] {
  checkFormat(source);
  source.varint();
  const grants: Grant[] = [];
  for (let count = source.varint(); count > 0; count -= 1) {
    const grant = readGrant(source, at);
    if (grant !== null) grants.push(grant);
  }
  return grants;
}

function readGrant(source: ByteReader, at: number): Grant | null {
  source.skipText();
  let grant = source.byte() === 0 ? null : readBase(source, at);
  for (let count = source.varint(); count > 0; count -= 1) {
    const isKnown = source.varint() <= at;
    source.skipText();
    const kind = readKind(source);
    const expiresOn = readExpiry(source);
    skipFlags(source);
    skipFlags(source);
    source.byte();
    if (!isKnown) continue;
    const before: Grant = grant ?? initialLogin;
    const { known, granted } = standingAfter(before, kind);
    grant = { known, granted, expiresOn: expiresOn === undefined ? before.expiresOn : expiresOn };
  }
  for (let bounces = source.varint(); bounces > 0; bounces -= 1) source.varint();
  return grant;
}

function readBase(source: ByteReader, at: number): Grant | null {
  const isKnown = source.varint() <= at;
  source.skipText();
  const bits = source.byte();
  source.byte();
  source.varint();
  const expiresOn = source.optionalText();
  source.skip(permissionNames.length + featureNames.length);
  return isKnown ? { known: (bits & 1) !== 0, granted: (bits & 2) !== 0, expiresOn } : null;
}

function skipFlags(source: ByteReader): void {
  if (source.byte() === 2) source.varint();
}
