// What a sender merely knows: a user and password (Basic), or a fixed value of a header (Auth0, Okta, bearer tokens).
// Nothing is signed: whoever sees one delivery can send others, so these are for TLS alone.
import { anySame, decodeBase64, digestOf, sameSecret } from './compare.ts';
import { accepted, assertSecrets, readHeader, refused } from './verdicts.ts';
import type { Verify } from './verification.ts';

export type BasicScheme = { readonly users: readonly { readonly user: string; readonly password: string }[] };

export function basic(scheme: BasicScheme): Verify {
  assertSecrets(
    scheme.users.map(({ password }) => password),
    'password',
  );
  if (scheme.users.some(({ user }) => user.includes(':'))) throw new RangeError('a user must not hold a colon');
  const expected = scheme.users.map(({ user, password }) => `${user}:${password}`);
  return async (signed) => {
    const value = readHeader(signed, 'Authorization');
    if (typeof value !== 'string') return value;
    const [, text] = /^basic +(\S+)$/i.exec(value) ?? [];
    const offered = text === undefined ? null : decodeBase64(text);
    if (offered?.includes(':') !== true)
      return refused('header', 'Authorization must be "Basic" and base64 of user:password.');
    if (anySame([offered.toString('utf8')], expected, sameSecret)) return accepted(digestOf([signed.bytes]));
    return refused('secret', 'User and password are not those of this source.');
  };
}

export type StaticHeaderScheme = {
  /** As people write it, as "Authorization". */
  readonly header: string;
  /** The whole value, as "Bearer …". One, or several while they are being changed. */
  readonly values: readonly string[];
};

export function staticHeader(scheme: StaticHeaderScheme): Verify {
  assertSecrets(scheme.values, 'value');
  const expected = scheme.values.map((value) => value.trim());
  return async (signed) => {
    const value = readHeader(signed, scheme.header);
    if (typeof value !== 'string') return value;
    if (anySame([value], expected, sameSecret)) return accepted(digestOf([signed.bytes]));
    return refused(
      'secret',
      `${scheme.header} is not the value of this source, of which every character counts ("Bearer" too).`,
    );
  };
}
