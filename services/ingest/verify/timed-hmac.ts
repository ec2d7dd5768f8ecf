// One header that holds a time and signatures, as WorkOS's "t=1700000000000, v1=<hex>": HMAC-SHA256 of "<t>.<body>".
import { anySame, digestOf, hmacOf, isSignature, sameText, signatureForm } from './compare.ts';
import { accepted, assertSecrets, mismatch, readHeader, refused } from './verdicts.ts';
import type { Verify } from './verification.ts';
import { outsideWindow, readStamp, type StampUnit, type TimeWindow } from './window.ts';

export type TimedHmacScheme = {
  /** One, or several while they are being changed. */
  readonly secrets: readonly string[];
  /** As the provider writes it. */
  readonly header: string;
  readonly unit: StampUnit;
  readonly window: TimeWindow;
};

const [timeKey, signatureKey] = ['t', 'v1'];
/** A sender that changes its secret signs with both; nobody signs with more than a few. */
const signaturesMax = 8;

export function timedHmac(scheme: TimedHmacScheme): Verify {
  assertSecrets(scheme.secrets);
  const { header } = scheme;
  const form = `${header} must be "${timeKey}=<time>, ${signatureKey}=<${signatureForm('sha256', 'hex')}>".`;
  return async ({ bytes, ...signed }) => {
    const value = readHeader({ bytes, ...signed }, header);
    if (typeof value !== 'string') return value;
    const pairs = value.split(/,[ \t]*/).map((pair) => pair.split('='));
    const valuesOf = (key: string) =>
      pairs.filter((pair) => pair.length === 2 && pair[0] === key).map((pair) => pair[1] ?? '');
    const [stamp, ...moreStamps] = valuesOf(timeKey);
    const offered = valuesOf(signatureKey);
    if (stamp === undefined || moreStamps.length > 0) return refused('header', form);
    if (offered.length === 0 || offered.length > signaturesMax) return refused('header', form);
    if (!offered.some((signature) => isSignature(signature, 'sha256', 'hex'))) return refused('header', form);
    const signedAt = readStamp(header, stamp, scheme.unit);
    if (typeof signedAt !== 'number') return signedAt;
    const fits = (body: Uint8Array) => {
      const expected = scheme.secrets.map((secret) => hmacOf('sha256', secret, 'hex', [stamp, '.', body]));
      return anySame(offered, expected, sameText);
    };
    if (!fits(bytes)) return mismatch(header, 'the secret', bytes, fits);
    return outsideWindow(signedAt, signed.now, scheme.window) ?? accepted(digestOf([stamp, '.', bytes]));
  };
}
