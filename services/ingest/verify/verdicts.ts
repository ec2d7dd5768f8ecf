// What every scheme says alike: accepted, a header that is missing or malformed, a signature that fits nothing.
import type { Signed, Verdict, Wrong } from './verification.ts';

export type Refused = Extract<Verdict, { ok: false }>;

export function accepted(replayId: string | null): Verdict {
  return { ok: true, replayId };
}

export function refused(wrong: Wrong, detail: string): Refused {
  return { ok: false, wrong, detail };
}

const blank = /^[ \t]*$/;

/** `name` as the provider writes it; a refusal when there is none. Blank is as good as missing. */
export function readHeader(signed: Signed, name: string): string | Refused {
  const key = name.toLowerCase();
  const value = Object.hasOwn(signed.headers, key) ? signed.headers[key] : undefined;
  if (value !== undefined && !blank.test(value)) return value;
  return refused(
    'header',
    `The header ${name} is missing: the sender does not sign, or something on the way removed it.`,
  );
}

/** Bodies up to here are looked at for how they may have been rewritten. */
const rewrittenBytesMax = 256 * 1024;

/**
 * The signature fits nothing. Secret and body cannot be told apart by that alone, unless the signature fits the body with
 * its white space as another would write it: then something on the way rewrote it. `fits` asks whether it fits a body.
 */
export function mismatch(name: string, secret: string, body: Uint8Array, fits: (body: Uint8Array) => boolean): Refused {
  if (body.length <= rewrittenBytesMax && rewritings(body).some(fits)) {
    const detail = `${name} fits this body as it was before something on the way rewrote its white space. Pass it on as it comes.`;
    return refused('body', detail);
  }
  const detail = `${name} does not fit: ${secret} is not the sender's, or the body was changed on its way. The two cannot be told apart.`;
  return refused('secret', detail);
}

function rewritings(body: Uint8Array): readonly Uint8Array[] {
  const text = Buffer.from(body).toString('utf8');
  const trimmed = text.trimEnd();
  const candidates = [trimmed, `${trimmed}\n`, `${trimmed}\r\n`];
  try {
    candidates.push(JSON.stringify(JSON.parse(text)));
  } catch {
    // Not JSON: then nobody writes it anew.
  }
  return candidates.filter((candidate) => candidate !== text).map((candidate) => Buffer.from(candidate));
}

/** Configuration that could never verify anything is a mistake to find at start. Throws a RangeError. */
export function assertSecrets(secrets: readonly string[], what = 'secret'): void {
  if (secrets.length === 0) throw new RangeError(`a source needs at least one ${what}`);
  if (secrets.some((secret) => secret.trim() === '')) throw new RangeError(`a ${what} must not be blank`);
}
