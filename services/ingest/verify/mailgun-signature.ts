// Mailgun signs in the body: HMAC-SHA256 of "<timestamp><token>". The event itself is not covered, so the token must be
// taken once only. https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
import { at } from '../providers/look.ts';
import { anySame, hmacOf, isSignature, sameText, signatureForm } from './compare.ts';
import { accepted, assertSecrets, refused } from './verdicts.ts';
import type { Verify } from './verification.ts';
import { outsideWindow, readStamp, type TimeWindow } from './window.ts';

export type MailgunScheme = {
  /** The webhook signing key; one, or several while they are being changed. */
  readonly secrets: readonly string[];
  readonly window: TimeWindow;
};

const tokenPattern = /^[!-~]{16,128}$/;

export function mailgunSignature(scheme: MailgunScheme): Verify {
  assertSecrets(scheme.secrets);
  return async ({ bytes, now }) => {
    const fields = signatureFields(bytes);
    if (fields === null) {
      return refused('body', 'The body must hold "signature" with timestamp, token and signature, as text.');
    }
    const { timestamp, token, signature } = fields;
    const signedAt = readStamp('signature.timestamp', timestamp, 's');
    if (typeof signedAt !== 'number') return refused('body', signedAt.detail);
    if (!tokenPattern.test(token)) return refused('body', 'signature.token must be 16 to 128 characters of ASCII.');
    if (!isSignature(signature, 'sha256', 'hex')) {
      return refused('body', `signature.signature must be ${signatureForm('sha256', 'hex')}.`);
    }
    const expected = scheme.secrets.map((secret) => hmacOf('sha256', secret, 'hex', [timestamp, token]));
    if (!anySame([signature], expected, sameText)) {
      const detail =
        "signature.signature does not fit: the signing key is not the sender's, or timestamp or token were changed. The two cannot be told apart.";
      return refused('secret', detail);
    }
    // Both together: a digit moved from the token's head to the timestamp's end would be signed as well, and look new.
    return outsideWindow(signedAt, now, scheme.window) ?? accepted(`${timestamp}${token}`);
  };
}

type Fields = { readonly timestamp: string; readonly token: string; readonly signature: string };

/** JSON with a `signature` object, or a form that has the three at its top, as older webhooks send it. */
function signatureFields(bytes: Uint8Array): Fields | null {
  const text = Buffer.from(bytes).toString('utf8');
  const form = new URLSearchParams(text);
  const read = text.trimStart().startsWith('{') ? readJson(text) : (name: string) => form.get(name);
  const [timestamp, token, signature] = [read('timestamp'), read('token'), read('signature')];
  if (typeof timestamp !== 'string' || typeof token !== 'string' || typeof signature !== 'string') return null;
  return { timestamp, token, signature };
}

function readJson(text: string): (name: string) => unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return () => undefined;
  }
  const held = at(parsed, 'signature');
  return (name) => {
    const value = at(held, name);
    // Some senders of the same scheme write the time as a number.
    return name === 'timestamp' && typeof value === 'number' ? String(value) : value;
  };
}
