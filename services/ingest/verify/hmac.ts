// HMAC over the body, or over a text made of it, in one header: Keycloak webhooks, Stream, Intercom, and any of its like.

import {
  anySame,
  digestOf,
  type HmacAlgorithm,
  hmacOf,
  isSignature,
  type SignatureEncoding,
  sameText,
  signatureForm,
} from './compare.ts';
import { unzipped } from './unzip.ts';
import { accepted, assertSecrets, mismatch, type Refused, readHeader, refused } from './verdicts.ts';
import type { Signed, Verify } from './verification.ts';
import { outsideWindow, readStamp, type StampUnit, type TimeWindow } from './window.ts';

export type HmacScheme = {
  /** One, or several while they are being changed. */
  readonly secrets: readonly string[];
  readonly algorithm: HmacAlgorithm;
  readonly encoding: SignatureEncoding;
  /** The header with the signature, as the provider writes it. */
  readonly header: string;
  /** What stands before the signature in its header, as "sha1=". */
  readonly prefix?: string;
  /** What is signed, made of {body}, {timestamp}, {id} and the text between them; "{body}" unless told otherwise. */
  readonly template?: string;
  /** Where {timestamp} stands. A scheme without one has no window. */
  readonly timestamp?: { readonly header: string; readonly unit: StampUnit; readonly window: TimeWindow };
  /** Where {id} stands. */
  readonly idHeader?: string;
  /** The sender signs the body and packs it (gzip) afterwards. */
  readonly signsUnzipped?: boolean;
};

/** Throws a RangeError for a scheme that contradicts itself. */
export function hmac(scheme: HmacScheme): Verify {
  assertSecrets(scheme.secrets);
  const template = templateOf(scheme);
  return async (signed) => {
    const offered = signatureOf(signed, scheme);
    if (typeof offered !== 'string') return offered;
    const body = scheme.signsUnzipped === true ? unzipped(signed.bytes) : signed.bytes;
    if (body === null) return refused('body', 'The body begins as gzip does, and cannot be unzipped.');
    const values = valuesOf(signed, scheme);
    if ('ok' in values) return values;
    const textOf = (bytes: Uint8Array) => template.map((part) => fill(part, values, bytes));
    const fits = (bytes: Uint8Array) => {
      const text = textOf(bytes);
      const expected = scheme.secrets.map((secret) => hmacOf(scheme.algorithm, secret, scheme.encoding, text));
      return anySame([offered], expected, sameText);
    };
    if (!fits(body)) return mismatch(scheme.header, 'the secret', body, fits);
    if (values.signedAt !== null && scheme.timestamp !== undefined) {
      const outside = outsideWindow(values.signedAt, signed.now, scheme.timestamp.window);
      if (outside !== null) return outside;
    }
    // An id that is not signed could be exchanged, so only what was signed may name the delivery.
    return accepted(digestOf(textOf(body)));
  };
}

function signatureOf(signed: Signed, scheme: HmacScheme): string | Refused {
  const { header, prefix = '', algorithm, encoding } = scheme;
  const value = readHeader(signed, header);
  if (typeof value !== 'string') return value;
  const signature = value.slice(prefix.length);
  if (value.startsWith(prefix) && isSignature(signature, algorithm, encoding)) return signature;
  const before = prefix === '' ? '' : `"${prefix}" and `;
  return refused('header', `${header} must be ${before}${signatureForm(algorithm, encoding)}.`);
}

type Values = { readonly timestamp: string; readonly id: string; readonly signedAt: number | null };

function valuesOf(signed: Signed, scheme: HmacScheme): Values | Refused {
  const id = scheme.idHeader === undefined ? '' : readHeader(signed, scheme.idHeader);
  if (typeof id !== 'string') return id;
  if (scheme.timestamp === undefined) return { timestamp: '', id, signedAt: null };
  const timestamp = readHeader(signed, scheme.timestamp.header);
  if (typeof timestamp !== 'string') return timestamp;
  const signedAt = readStamp(scheme.timestamp.header, timestamp, scheme.timestamp.unit);
  return typeof signedAt === 'number' ? { timestamp, id, signedAt } : signedAt;
}

type Part = { readonly hole: 'body' | 'timestamp' | 'id' } | { readonly text: string };

const holes = /\{(body|timestamp|id)\}/;

function templateOf(scheme: HmacScheme): readonly Part[] {
  const parts = (scheme.template ?? '{body}').split(holes).map(partOf);
  const has = (hole: string) => parts.some((part) => 'hole' in part && part.hole === hole);
  if (!has('body')) throw new RangeError('the signed text must hold {body}');
  if (has('timestamp') !== (scheme.timestamp !== undefined))
    throw new RangeError('{timestamp} and its header go together');
  if (has('id') !== (scheme.idHeader !== undefined)) throw new RangeError('{id} and its header go together');
  return parts;
}

/** Splitting by a pattern with one group gives text and hole in turn. */
function partOf(text: string, index: number): Part {
  if (index % 2 === 0) return { text };
  return { hole: text === 'body' || text === 'timestamp' ? text : 'id' };
}

function fill(part: Part, values: Values, body: Uint8Array): string | Uint8Array {
  if ('text' in part) return part.text;
  return part.hole === 'body' ? body : values[part.hole];
}
