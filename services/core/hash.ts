// One fast non-cryptographic hash (cyrb53 by bryc, public domain): 53 bits from a string, of which callers keep what
// they need. Two multiplications a character; §12 of the design measured it against SHA-1 and SHA-256.

/** 53 bits as a safe integer. Equal text always gives an equal hash, in every version: stored views hold them. */
export function hash53(text: string): number {
  const { high, low } = halves(text);
  return (low & 0x1f_ffff) * 2 ** 32 + high;
}

const highSeed = 0xdeadbeef;
const lowSeed = 0x41c6ce57;

function mixHigh(high: number, unit: number): number {
  return Math.imul(high ^ unit, 2654435761);
}

function mixLow(low: number, unit: number): number {
  return Math.imul(low ^ unit, 1597334677);
}

type Halves = { readonly high: number; readonly low: number };

/** 32 bits each, unsigned. */
function halves(text: string): Halves {
  let high = highSeed;
  let low = lowSeed;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    high = mixHigh(high, unit);
    low = mixLow(low, unit);
  }
  return finish(high, low);
}

function finish(mixedHigh: number, mixedLow: number): Halves {
  let high = mixedHigh;
  let low = mixedLow;
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return { high: high >>> 0, low: low >>> 0 };
}

const bits8 = 2 ** 8;

/** 40 bits: below 1e-10 false repeats a login among the hundreds one view remembers. */
export function hash40(text: string): number {
  return lowest40(halves(text));
}

/** The same for the text that the bytes from `start` to `end` (exclusive) spell, all of which are ASCII. */
export function hash40OfAscii(bytes: Uint8Array, start: number, end: number): number {
  let high = highSeed;
  let low = lowSeed;
  for (let index = start; index < end; index += 1) {
    const unit = bytes[index] ?? 0;
    high = mixHigh(high, unit);
    low = mixLow(low, unit);
  }
  return lowest40(finish(high, low));
}

/** Of the 53 bits, without a division. */
function lowest40({ high, low }: Halves): number {
  return (low & 0xff) * 2 ** 32 + high;
}

/** The 32 upper bits of a 40-bit hash. */
export function shorten(hash: number): number {
  return Math.floor(hash / bits8);
}
