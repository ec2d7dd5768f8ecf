// ECDSA on P-256 with SHA-256 over "<timestamp><body>", as SendGrid's signed event webhook has it.
// https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { decodeBase64, digestOf } from './compare.ts';
import { accepted, assertSecrets, mismatch, readHeader, refused } from './verdicts.ts';
import type { Verify } from './verification.ts';
import { outsideWindow, readStamp, type TimeWindow } from './window.ts';

export type EcdsaScheme = {
  /** SubjectPublicKeyInfo, base64 of its DER, as the provider shows it. One, or several while they are being changed. */
  readonly publicKeys: readonly string[];
  /** As the provider writes them. */
  readonly signatureHeader: string;
  readonly timestampHeader: string;
  readonly window: TimeWindow;
};

/** Throws a RangeError for a key that is not one of P-256. */
export function ecdsa(scheme: EcdsaScheme): Verify {
  assertSecrets(scheme.publicKeys, 'public key');
  const keys = scheme.publicKeys.map(keyOf);
  const { signatureHeader, timestampHeader, window } = scheme;
  return async ({ bytes, ...signed }) => {
    const text = readHeader({ bytes, ...signed }, signatureHeader);
    if (typeof text !== 'string') return text;
    const signature = decodeBase64(text);
    if (signature === null || signature[0] !== derSequence || signature.length > signatureBytesMax) {
      return refused('header', `${signatureHeader} must be a DER signature in base64.`);
    }
    const stamp = readHeader({ bytes, ...signed }, timestampHeader);
    if (typeof stamp !== 'string') return stamp;
    const signedAt = readStamp(timestampHeader, stamp, 's');
    if (typeof signedAt !== 'number') return signedAt;
    const fits = (body: Uint8Array) => {
      const text = Buffer.concat([Buffer.from(stamp), body]);
      return keys.some((key) => isSignedBy(key, text, signature));
    };
    if (!fits(bytes)) return mismatch(signatureHeader, 'the public key', bytes, fits);
    // Of an ECDSA signature another valid one can be made without the key, so it cannot name the delivery.
    return outsideWindow(signedAt, signed.now, window) ?? accepted(digestOf([stamp, bytes]));
  };
}

const derSequence = 0x30;
/** Two numbers of 33 bytes, each with its tag and length, in a sequence. */
const signatureBytesMax = 72;

/** A public key holds no secret, so nothing has to be constant in time here. */
function isSignedBy(key: KeyObject, text: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify('sha256', text, key, signature);
  } catch {
    return false;
  }
}

function keyOf(text: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
  } catch {
    throw new RangeError('the public key must be base64 of its DER form, as the provider shows it');
  }
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new RangeError('the public key must be of the curve P-256');
  return key;
}
