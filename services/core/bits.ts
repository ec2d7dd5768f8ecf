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

  /** Writes a column of non-negative integers below 2^48, the first `count` of them; the reader must know how many. */
  column(values: ArrayLike<number>, count = values.length): void {
    const parameter = riceParameter(values, count);
    this.bits(parameter, parameterBits);
    const scale = 2 ** parameter;
    for (let index = 0; index < count; index += 1) this.rice(values[index] ?? 0, parameter, scale);
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

/** Words are read from wherever a byte begins, so some may reach past the value. */
const roomBytes = 8;
/** A word that is read at a byte and shifted to a bit has at least so many of the bits that follow. */
const wordBits = 25;

/**
 * Reads a value word by word, out of memory of its own, so that one reader serves many values. Reading past the end
 * throws: stored bytes are ours, so a short value is a broken invariant, not bad input.
 */
export class BitReader {
  private bytes = new Uint8Array(1024);
  private words = new DataView(this.bytes.buffer);
  /** In bits, as the position is. */
  private end = 0;
  private position = 0;

  constructor(bytes?: Uint8Array) {
    if (bytes !== undefined) this.open(bytes);
  }

  /** Takes the bytes from `start` on as the next value to read. */
  open(bytes: Uint8Array, start = 0): void {
    const length = bytes.length - start;
    if (length + roomBytes > this.bytes.length) {
      this.bytes = new Uint8Array(2 * (length + roomBytes));
      this.words = new DataView(this.bytes.buffer);
    }
    this.bytes.set(start === 0 ? bytes : bytes.subarray(start));
    this.position = 0;
    this.end = 8 * length;
  }

  /** A non-negative integer of 0–24 bits. */
  bits(bits: number): number {
    const word = this.word();
    this.skip(bits);
    // In two steps, because a shift by 32 shifts nothing.
    return (word >>> 1) >>> (31 - bits);
  }

  /** One of 25–48 bits. */
  wide(bits: number): number {
    const high = this.bits(bits - 24);
    return high * 2 ** 24 + this.bits(24);
  }

  lone(): number {
    const length = this.bits(6);
    return length > 24 ? this.wide(length) : this.bits(length);
  }

  column(count: number): number[] {
    const values = new Array<number>(count);
    this.columnInto(values, count);
    return values;
  }

  /** The same into memory of the caller's, from its beginning on. */
  columnInto(values: number[] | Int32Array, count: number): void {
    const parameter = this.columnStart(count);
    for (let index = 0; index < count; index += 1) values[index] = this.rice(parameter);
    this.skip(0);
  }

  /** True, and skips the column, when all its values are zero. */
  skipZeroColumn(count: number): boolean {
    const start = this.position;
    if (this.columnStart(count) === 0 && this.skipZeros(count)) return true;
    this.position = start;
    return false;
  }

  private skipZeros(count: number): boolean {
    let rest = count;
    for (; rest >= wordBits; rest -= wordBits) {
      if (Math.clz32(this.word()) < wordBits) return false;
      this.position += wordBits;
    }
    if (Math.clz32(this.word()) < rest) return false;
    this.position += rest;
    return true;
  }

  /** Reads fields of 0–24 bits, each `stride` bits behind the one before, from the last place of `values` to its first. */
  fieldsBackInto(values: Int32Array, count: number, bits: number, stride: number): void {
    for (let index = count - 1; index >= 0; index -= 1) {
      values[index] = (this.word() >>> 1) >>> (31 - bits);
      this.position += stride;
    }
    this.skip(0);
  }

  skipColumn(count: number): void {
    const parameter = this.columnStart(count);
    for (let index = 0; index < count; index += 1) this.rice(parameter);
    this.skip(0);
  }

  skip(bits: number): void {
    this.position += bits;
    if (this.position > this.end) this.tooShort(this.position);
  }

  private tooShort(bits: number): never {
    throw new RangeError(`stored view has ${this.end} bits, ${bits} were expected`);
  }

  /** The bits that follow, in the highest places. */
  private word(): number {
    return this.words.getInt32(this.position >>> 3) << (this.position & 7);
  }

  /** Answers the Rice parameter. Every value takes a bit, so that no count can make us read for ever. */
  private columnStart(count: number): number {
    const parameter = this.bits(parameterBits);
    if (count > this.end - this.position) this.tooShort(this.position + count);
    return parameter;
  }

  /** Whoever calls it minds the end. */
  private rice(parameter: number): number {
    const word = this.word();
    const quotient = Math.clz32(~word);
    const length = quotient + 1 + parameter;
    if (length < wordBits) {
      this.position += length;
      return (quotient << parameter) | (((word << (quotient + 1)) >>> 1) >>> (31 - parameter));
    }
    if (quotient >= escapeLength) {
      this.position += escapeLength;
      return this.wide(escapedBits);
    }
    this.position += quotient + 1;
    return quotient * 2 ** parameter + (parameter > 24 ? this.wide(parameter) : this.bits(parameter));
  }
}

function bitLength(value: number): number {
  return value >= 2 ** 32 ? 32 + bitLength(Math.floor(value / 2 ** 32)) : 32 - Math.clz32(value);
}

/** The parameter that suits the column's mean: log2 of the mean times ln 2, rounded down, is within 3 % of the best. */
function riceParameter(values: ArrayLike<number>, count: number): number {
  let sum = 0;
  for (let index = 0; index < count; index += 1) sum += values[index] ?? 0;
  const mean = count === 0 ? 0 : sum / count;
  return Math.min(parameterMax, Math.max(0, bitLength(Math.floor(mean * Math.LN2 + 0.5)) - 1));
}
