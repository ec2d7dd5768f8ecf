// Compares what a caller offers with what is expected, in a time that tells nothing of how much of it was right.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export type HmacAlgorithm = 'sha1' | 'sha256' | 'sha512';
export type SignatureEncoding = 'hex' | 'base64';

/** Text of signatures, whose length is no secret. Differs by a letter's case, or by base64's spare bits: not the same. */
export function sameText(offered: string, expected: string): boolean {
  const [left, right] = [Buffer.from(offered), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Text of passwords and tokens: even their length stays untold. */
export function sameSecret(offered: string, expected: string): boolean {
  return timingSafeEqual(sha256(offered), sha256(expected));
}

/** Whether any of the offered is any of the expected; all pairs are compared, whichever fits first. */
export function anySame(
  offered: readonly string[],
  expected: readonly string[],
  same: (offered: string, expected: string) => boolean,
): boolean {
  let found = false;
  for (const one of offered) {
    for (const other of expected) found = same(one, other) || found;
  }
  return found;
}

export function hmacOf(
  algorithm: HmacAlgorithm,
  key: string | Uint8Array,
  encoding: SignatureEncoding,
  parts: readonly (string | Uint8Array)[],
): string {
  const hmac = createHmac(algorithm, key);
  for (const part of parts) hmac.update(part);
  return hmac.digest(encoding);
}

/** Names a delivery by what was signed of it, for schemes whose deliveries carry no id that is signed. */
export function digestOf(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('base64url');
}

const signatureBytes: Readonly<Record<HmacAlgorithm, number>> = { sha1: 20, sha256: 32, sha512: 64 };
const hexDigits = /^[0-9a-f]*$/;

/** Whether the text can be such a signature at all; what cannot is a malformed header, not a wrong secret. */
export function isSignature(text: string, algorithm: HmacAlgorithm, encoding: SignatureEncoding): boolean {
  const size = signatureBytes[algorithm];
  if (encoding === 'hex') return text.length === size * 2 && hexDigits.test(text);
  return decodeBase64(text)?.length === size;
}

/** Strict: padded, no spare bits set, nothing that is not of the alphabet. Null for anything else. */
export function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

/** Says what a signature has to look like. */
export function signatureForm(algorithm: HmacAlgorithm, encoding: SignatureEncoding): string {
  const size = signatureBytes[algorithm];
  return encoding === 'hex' ? `${size * 2} lower-case hex digits` : `${Math.ceil(size / 3) * 4} characters of base64`;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
