// Twilio: HMAC-SHA1 of the address it called and, for a form, of its sorted fields; of JSON the address carries a digest.
// https://www.twilio.com/docs/usage/security
import { createHash } from 'node:crypto';
import { anySame, digestOf, hmacOf, isSignature, sameText, signatureForm } from './compare.ts';
import { accepted, assertSecrets, readHeader, refused } from './verdicts.ts';
import type { Verify } from './verification.ts';

export type TwilioScheme = {
  /** The account's auth token; primary and secondary while they are being changed. */
  readonly secrets: readonly string[];
};

const header = 'X-Twilio-Signature';

export function twilioSignature(scheme: TwilioScheme): Verify {
  assertSecrets(scheme.secrets, 'auth token');
  return async (signed) => {
    const offered = readHeader(signed, header);
    if (typeof offered !== 'string') return offered;
    if (!isSignature(offered, 'sha1', 'base64')) {
      return refused('header', `${header} must be ${signatureForm('sha1', 'base64')}.`);
    }
    if (!URL.canParse(signed.url)) return refused('header', 'The address that Twilio called is not known here.');
    const bodyDigest = new URL(signed.url).searchParams.get('bodySHA256');
    const fields = bodyDigest === null ? fieldsText(signed.bytes) : '';
    const texts = addressForms(signed.url).map((address) => address + fields);
    const expected = texts.flatMap((text) => scheme.secrets.map((secret) => hmacOf('sha1', secret, 'base64', [text])));
    if (!anySame([offered], expected, sameText)) {
      const what = bodyDigest === null ? ', or the body was changed' : '';
      const detail = `${header} does not fit: the auth token is not the account's, or Twilio called another address than the public one configured here (scheme, host, path and query all count)${what}. They cannot be told apart.`;
      return refused('secret', detail);
    }
    if (bodyDigest !== null && !sameText(createHash('sha256').update(signed.bytes).digest('hex'), bodyDigest)) {
      return refused('body', 'The address is signed, and the digest it carries (bodySHA256) is of another body.');
    }
    return accepted(digestOf([signed.bytes]));
  };
}

/** Names and values without anything between them, in the order of names; a name's values once each, in order. */
function fieldsText(bytes: Uint8Array): string {
  const form = new URLSearchParams(Buffer.from(bytes).toString('utf8'));
  const names = [...new Set(form.keys())].sort();
  return names.flatMap((name) => [...new Set(form.getAll(name))].sort().map((value) => name + value)).join('');
}

/**
 * The address with and without its port: Twilio signs it now so, now so. Also as it was given, for what a URL would write
 * in another way.
 */
function addressForms(address: string): readonly string[] {
  const bare = new URL(address);
  const standardPort = bare.protocol === 'https:' ? '443' : '80';
  const port = bare.port === '' ? standardPort : bare.port;
  bare.port = '';
  const text = bare.toString();
  const hostEnd = text.indexOf('/', bare.protocol.length + 2);
  const withPort = `${text.slice(0, hostEnd)}:${port}${text.slice(hostEnd)}`;
  return [...new Set([address, text, withPort])];
}
