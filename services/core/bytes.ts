// Growing byte output and checked byte input: varints, fixed bytes. Core has no Node Buffer.

export class ByteWriter {
  private bytes = new Uint8Array(256);
  private length = 0;

  byte(value: number): void {
    if (this.length === this.bytes.length) this.grow(1);
    this.bytes[this.length] = value;
    this.length += 1;
  }

  /** A non-negative safe integer, seven bits a byte, lowest first. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  block(block: Uint8Array): void {
    if (this.length + block.length > this.bytes.length) this.grow(block.length);
    this.bytes.set(block, this.length);
    this.length += block.length;
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private grow(by: number): void {
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + by));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

/** Reading past the end throws: stored bytes are ours, so a short value is a broken invariant, not bad input. */
export class ByteReader {
  private offset = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  byte(): number {
    const value = this.bytes[this.offset];
    if (value === undefined) throw new RangeError(`stored value ends at byte ${this.offset}, more was expected`);
    this.offset += 1;
    return value;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  /** A view of the next `length` bytes, not a copy. */
  block(length: number): Uint8Array {
    const end = this.offset + length;
    if (end > this.bytes.length) throw new RangeError(`stored value has ${this.bytes.length} bytes, ${end} expected`);
    const block = this.bytes.subarray(this.offset, end);
    this.offset = end;
    return block;
  }

  rest(): Uint8Array {
    return this.block(this.bytes.length - this.offset);
  }
}
