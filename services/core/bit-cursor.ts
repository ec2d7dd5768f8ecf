// Reads a few numbers out of bit-wise columns (bits.ts) and passes over the rest: no array for a column, no object.

const escapeLength = 24;
const escapedBits = 48;
const parameterBits = 5;
/** Bits of a window that are there wherever it begins. */
const windowBits = 25;

export class BitCursor {
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;

  /** Starts at the first bit of byte `offset`. */
  open(bytes: Uint8Array, offset: number): void {
    this.bytes = bytes;
    this.at = offset * 8;
  }

  /** A place to come back to, in bits. */
  get position(): number {
    return this.at;
  }

  go(position: number): void {
    this.at = position;
  }

  skip(bits: number): void {
    this.at += bits;
  }

  /** Throws a RangeError when more was read than there is: stored bytes are ours, so that is a broken invariant. */
  close(): void {
    if (this.at > this.bytes.length * 8) throw new RangeError('a stored view is shorter than it says');
  }

  /** The next 32 bits, of which the first 25 are there. */
  private window(): number {
    const { bytes, at } = this;
    const byte = at >>> 3;
    const found =
      ((bytes[byte] ?? 0) << 24) |
      ((bytes[byte + 1] ?? 0) << 16) |
      ((bytes[byte + 2] ?? 0) << 8) |
      (bytes[byte + 3] ?? 0);
    return found << (at & 7);
  }

  /** The lowest `bits` (0–24) bits of a non-negative integer. */
  bits(bits: number): number {
    if (bits === 0) return 0;
    const value = this.window() >>> (32 - bits);
    this.at += bits;
    return value;
  }

  wide(bits: number): number {
    const high = this.bits(bits - 24);
    return high * 2 ** 24 + this.bits(24);
  }

  lone(): number {
    const length = this.bits(6);
    return length > 24 ? this.wide(length) : this.bits(length);
  }

  /** Begins a column; answers its parameter, with which its values are read. */
  column(): number {
    return this.bits(parameterBits);
  }

  rice(parameter: number): number {
    const window = this.window();
    const ones = Math.clz32(~window);
    if (ones >= escapeLength) {
      this.at += escapeLength;
      return this.wide(escapedBits);
    }
    this.at += ones + 1;
    const remainder = parameter > 24 ? this.wide(parameter) : this.bits(parameter);
    return ones * 2 ** parameter + remainder;
  }

  skipRices(parameter: number, count: number): void {
    for (let index = 0; index < count; index += 1) {
      const ones = Math.clz32(~this.window());
      this.at += ones >= escapeLength ? escapeLength + escapedBits : ones + 1 + parameter;
    }
  }

  skipColumn(count: number): void {
    this.skipRices(this.bits(parameterBits), count);
  }

  /** Passes over a column of nothing but zeros, which has a bit for each; stays where it is, and false, at any other. */
  skipZeros(count: number): boolean {
    const begin = this.at;
    let left = this.bits(parameterBits) === 0 ? count : -1;
    while (left > 0) {
      const zeros = Math.min(Math.clz32(this.window()), windowBits, left);
      this.at += zeros;
      left = zeros === 0 ? -1 : left - zeros;
    }
    if (left < 0) this.at = begin;
    return left === 0;
  }
}
