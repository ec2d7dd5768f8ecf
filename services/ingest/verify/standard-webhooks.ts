// Standard Webhooks (Clerk, Resend, and whoever sends through Svix): HMAC-SHA256 of "<id>.<timestamp>.<body>".
// Follows the specification at https://www.standardwebhooks.com; its symmetric signatures "v1" alone.
import { anySame, decodeBase64, hmacOf, isSignature, sameText } from './compare.ts';
import { accepted, assertSecrets, mismatch, readHeader, refused } from './verdicts.ts';
import type { Verify } from './verification.ts';
import { fiveMinutes, outsideWindow, readStamp, type TimeWindow } from './window.ts';

export type StandardWebhooksScheme = {
  /** As shown by the sender: "whsec_" and base64. One, or several while they are being changed. */
  readonly secrets: readonly string[];
  /** "webhook" as the standard has it, "svix" as Svix has it: names the headers, as "svix-signature". */
  readonly headers: 'webhook' | 'svix';
  readonly window?: TimeWindow;
};

const secretPrefix = 'whsec_';
const version = 'v1,';
/** A sender signs with each secret that is valid; more than a few are made up. */
const signaturesMax = 16;
const idPattern = /^[!-~]{1,256}$/;

/** Throws a RangeError for a secret that is not "whsec_" and base64. */
export function standardWebhooks(scheme: StandardWebhooksScheme): Verify {
  assertSecrets(scheme.secrets);
  const keys = scheme.secrets.map(keyOf);
  const window = scheme.window ?? fiveMinutes;
  const name = (part: string) => `${scheme.headers}-${part}`;
  return async (signed) => {
    const id = readHeader(signed, name('id'));
    if (typeof id !== 'string') return id;
    if (!idPattern.test(id)) return refused('header', `${name('id')} must be up to 256 printable ASCII characters.`);
    const stamp = readHeader(signed, name('timestamp'));
    if (typeof stamp !== 'string') return stamp;
    const signedAt = readStamp(name('timestamp'), stamp, 's');
    if (typeof signedAt !== 'number') return signedAt;
    const listed = readHeader(signed, name('signature'));
    if (typeof listed !== 'string') return listed;
    const offered = listed
      .split(' ')
      .filter((one) => one.startsWith(version))
      .map((one) => one.slice(version.length));
    if (offered.length > signaturesMax || !offered.some((one) => isSignature(one, 'sha256', 'base64'))) {
      return refused('header', `${name('signature')} must hold "v1," and 44 characters of base64, one or a few.`);
    }
    const fits = (body: Uint8Array) => {
      const expected = keys.map((key) => hmacOf('sha256', key, 'base64', [id, '.', stamp, '.', body]));
      return anySame(offered, expected, sameText);
    };
    if (!fits(signed.bytes)) return mismatch(name('signature'), 'the secret', signed.bytes, fits);
    return outsideWindow(signedAt, signed.now, window) ?? accepted(id);
  };
}

function keyOf(secret: string): Buffer {
  const text = secret.startsWith(secretPrefix) ? secret.slice(secretPrefix.length) : secret;
  const key = decodeBase64(text);
  if (key === null || key.length === 0)
    throw new RangeError(`the secret must be "${secretPrefix}" and base64, as the sender shows it`);
  return key;
}
