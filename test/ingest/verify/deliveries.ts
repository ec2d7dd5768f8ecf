// A delivery as the verifiers are given it, and the same with one bit changed.
import fc from 'fast-check';
import type { Signed, Verdict, Verify } from '../../../services/ingest/verify/verification.ts';

/** 14 November 2023, 22:13:20 UTC: the second that the constants of these tests were signed in. */
export const signedAt = 1_700_000_000_000;
export const secret = 'horse-battery';
export const body = '{"type":"LOGIN","userId":"u-1"}';

export type Delivery = { readonly body: string | Uint8Array; readonly headers: Readonly<Record<string, string>> };

export function signed(
  delivery: Delivery,
  { now = signedAt, url = 'https://hooks.example.org/v1/webhooks/a' } = {},
): Signed {
  return { bytes: Buffer.from(delivery.body), headers: delivery.headers, url, now };
}

/** As "ok", "clock" or "header". */
export async function outcome(verify: Verify, delivery: Signed): Promise<string> {
  const verdict = await verify(delivery);
  return verdict.ok ? 'ok' : verdict.wrong;
}

export async function refusal(verify: Verify, delivery: Signed): Promise<Extract<Verdict, { ok: false }>> {
  const verdict = await verify(delivery);
  if (verdict.ok) throw new Error('it was accepted');
  return verdict;
}

/** Every delivery that differs from this one in a single bit of its body or of one of these headers. */
export function* flippedBits(delivery: Signed, headers: readonly string[]): Generator<Signed> {
  for (let bit = 0; bit < delivery.bytes.length * 8; bit += 1) {
    yield { ...delivery, bytes: flip(delivery.bytes, bit) };
  }
  for (const name of headers) {
    const value = Buffer.from(delivery.headers[name] ?? '', 'latin1');
    for (let bit = 0; bit < value.length * 8; bit += 1) {
      yield { ...delivery, headers: { ...delivery.headers, [name]: flip(value, bit).toString('latin1') } };
    }
  }
}

function flip(bytes: Uint8Array, bit: number): Buffer {
  const flipped = Buffer.from(bytes);
  const at = bit >> 3;
  flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit & 7));
  return flipped;
}

/** What of the flipped deliveries was accepted; there must be none. */
export async function acceptedFlips(
  verify: Verify,
  delivery: Signed,
  headers: readonly string[],
): Promise<readonly Signed[]> {
  const found: Signed[] = [];
  for (const flipped of flippedBits(delivery, headers)) {
    if ((await verify(flipped)).ok) found.push(flipped);
  }
  return found;
}

/** Whatever a stranger sends, to these headers among others. */
export function anyDelivery(headers: readonly string[]): fc.Arbitrary<Signed> {
  const text = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[0-9a-f]{64}$/),
    fc.base64String(),
    fc.stringMatching(/^\d{10}$/),
  );
  const json = fc.json().map((value) => Buffer.from(value));
  return fc.record({
    bytes: fc.oneof(fc.uint8Array(), json),
    headers: fc.dictionary(fc.oneof(fc.constantFrom(...headers), fc.string()), text),
    url: fc.oneof(fc.webUrl(), fc.string()),
    now: fc.constant(signedAt),
  });
}

export async function neverAccepts(verify: Verify, headers: readonly string[]): Promise<void> {
  await fc.assert(fc.asyncProperty(anyDelivery(headers), async (delivery) => !(await verify(delivery)).ok));
}
