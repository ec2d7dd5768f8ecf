// Bit-wise output and input with Rice coding, for the columns of a stored view. A value that is small beside its column's
// mean costs few bits; an outlier is escaped, so that no value can blow a column up.

const escapeLength = 24;
const escapeMark = 2 ** escapeLength - 1;
const escapedBits = 48;
/** Largest Rice parameter, written in five bits. */
const parameterMax = 31;
const parameterBits = 5;

export class BitWriter {
  private bytes = new Uint8Array(512);
  private length = 0;
  private pending = 0;
  private pendingBits = 0;

  /** Writes the lowest `bits` (0–24) of a non-negative integer, highest first. */
  bits(value: number, bits: number): void {
    // Never more than 7 + 24 bits pend, which fits the 32 bits of JavaScript's shifts as an unsigned number.
    this.pending = ((this.pending << bits) | value) >>> 0;
    this.pendingBits += bits;
    while (this.pendingBits >= 8) {
      this.pendingBits -= 8;
      if (this.length === this.bytes.length) this.grow();
      this.bytes[this.length] = this.pending >>> this.pendingBits;
      this.length += 1;
    }
    this.pending &= (1 << this.pendingBits) - 1;
  }

  /** Writes a non-negative safe integer below 2^48 in `bits` (25–48) bits. */
  wide(value: number, bits: number): void {
    // Not by %, which is slow beyond 32 bits.
    const high = Math.floor(value / 2 ** 24);
    this.bits(high, bits - 24);
    this.bits(value - high * 2 ** 24, 24);
  }

  /** Writes a count or any lone non-negative integer below 2^48: six bits of length, then the bits. */
  lone(value: number): void {
    const length = bitLength(value);
    this.bits(length, 6);
    if (length > 24) this.wide(value, length);
    else this.bits(value, length);
  }

  /** Writes a column of non-negative integers below 2^48; the reader must know how many. */
  column(values: readonly number[]): void {
    const parameter = riceParameter(values);
    this.bits(parameter, parameterBits);
    const scale = 2 ** parameter;
    for (const value of values) this.rice(value, parameter, scale);
  }

  /** `scale` is 2 to the power of the parameter, which would be computed for every value otherwise. */
  private rice(value: number, parameter: number, scale: number): void {
    const quotient = Math.floor(value / scale);
    if (quotient >= escapeLength) {
      this.bits(escapeMark, escapeLength);
      this.wide(value, escapedBits);
      return;
    }
    // `quotient` ones, then a zero.
    this.bits((2 << quotient) - 2, quotient + 1);
    const remainder = value - quotient * scale;
    if (parameter > 24) this.wide(remainder, parameter);
    else this.bits(remainder, parameter);
  }

  /** Fills the last byte with zeros and gives a copy of everything written. */
  take(): Uint8Array {
    if (this.pendingBits > 0) this.bits(0, 8 - this.pendingBits);
    return this.bytes.slice(0, this.length);
  }

  /** Forgets everything written; the memory is used again. */
  clear(): void {
    this.length = 0;
    this.pending = 0;
    this.pendingBits = 0;
  }

  private grow(): void {
    const larger = new Uint8Array(this.bytes.length * 2);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

/** Reading past the end throws: stored bytes are ours, so a short value is a broken invariant, not bad input. */
export class BitReader {
  private readonly bytes: Uint8Array;
  private offset = 0;
  private pending = 0;
  private pendingBits = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  bits(bits: number): number {
    while (this.pendingBits < bits) {
      const byte = this.bytes[this.offset];
      if (byte === undefined) throw new RangeError(`stored view ends at byte ${this.offset}, more was expected`);
      this.offset += 1;
      this.pending = ((this.pending << 8) | byte) >>> 0;
      this.pendingBits += 8;
    }
    this.pendingBits -= bits;
    const value = this.pending >>> this.pendingBits;
    this.pending &= (1 << this.pendingBits) - 1;
    return bits === 0 ? 0 : value;
  }

  wide(bits: number): number {
    const high = this.bits(bits - 24);
    return high * 2 ** 24 + this.bits(24);
  }

  lone(): number {
    const length = this.bits(6);
    return length > 24 ? this.wide(length) : this.bits(length);
  }

  column(count: number): number[] {
    const parameter = this.bits(parameterBits);
    const scale = 2 ** parameter;
    const values = new Array<number>(count);
    for (let index = 0; index < count; index += 1) values[index] = this.rice(parameter, scale);
    return values;
  }

  private rice(parameter: number, scale: number): number {
    let quotient = 0;
    while (this.bits(1) === 1) {
      quotient += 1;
      if (quotient === escapeLength) return this.wide(escapedBits);
    }
    const remainder = parameter > 24 ? this.wide(parameter) : this.bits(parameter);
    return quotient * scale + remainder;
  }
}

function bitLength(value: number): number {
  return value >= 2 ** 32 ? 32 + bitLength(Math.floor(value / 2 ** 32)) : 32 - Math.clz32(value);
}

/** The parameter that suits the column's mean: log2 of the mean times ln 2, rounded down, is within 3 % of the best. */
function riceParameter(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = values.length === 0 ? 0 : sum / values.length;
  return Math.min(parameterMax, Math.max(0, bitLength(Math.floor(mean * Math.LN2 + 0.5)) - 1));
}
