// Growing byte output and checked byte input: varints, UTF-8 text, blocks. Core has no Node Buffer and no TextEncoder.

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

  /** UTF-8 with its length in front. A lone surrogate, which UTF-8 cannot hold, becomes U+FFFD. */
  text(value: string): void {
    const start = this.length;
    // Most text is ASCII and shorter than 128 bytes: one length byte and one pass.
    if (value.length < 0x80) {
      this.byte(value.length);
      let index = 0;
      for (; index < value.length; index += 1) {
        const unit = value.charCodeAt(index);
        if (unit >= 0x80) break;
        this.byte(unit);
      }
      if (index === value.length) return;
      this.length = start;
    }
    const encoded: number[] = [];
    for (const character of value) pushUtf8(encoded, character.codePointAt(0) ?? 0);
    this.varint(encoded.length);
    for (const byte of encoded) this.byte(byte);
  }

  /** Null and text told apart. */
  optionalText(value: string | null): void {
    this.byte(value === null ? 0 : 1);
    if (value !== null) this.text(value);
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  /** Forgets what was written; the memory is used again. */
  clear(): void {
    this.length = 0;
  }

  private grow(by: number): void {
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + by));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

/** A text where it is stored, in UTF-8, for those who do not need it decoded. */
export type StoredText = { readonly bytes: Uint8Array; readonly start: number; readonly end: number };

export function textOf({ bytes, start, end }: StoredText): string {
  let text = '';
  for (let index = start; index < end; ) {
    const lead = bytes[index] ?? 0;
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    let point = length === 1 ? lead : lead & (0xff >> (length + 1));
    for (let next = 1; next < length; next += 1) point = (point << 6) | ((bytes[index + next] ?? 0) & 0x3f);
    text += String.fromCodePoint(point);
    index += length;
  }
  return text;
}

/** Reading past the end throws: stored bytes are ours, so a short value is a broken invariant, not bad input. */
export class ByteReader {
  private readonly bytes: Uint8Array;
  private offset: number;
  private readonly end: number;

  /** Reads from `start` up to `end`, which is the end of the bytes unless told otherwise. */
  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = start;
    this.end = end;
  }

  byte(): number {
    const value = this.bytes[this.offset];
    if (value === undefined || this.offset >= this.end) this.tooShort(1);
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

  /** Where the next byte is read. */
  get position(): number {
    return this.offset;
  }

  skip(length: number): void {
    if (length > this.end - this.offset) this.tooShort(length);
    this.offset += length;
  }

  private tooShort(length: number): never {
    throw new RangeError(`stored value ends at byte ${this.end}, ${length} were expected from ${this.offset} on`);
  }

  /** A view of the next `length` bytes, not a copy. */
  block(length: number): Uint8Array {
    const start = this.offset;
    this.skip(length);
    // Plain bytes, also out of a Buffer: making a Buffer costs more.
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + start, length);
  }

  text(): string {
    return textOf(this.storedText());
  }

  optionalText(): string | null {
    return this.byte() === 0 ? null : this.text();
  }

  storedText(): StoredText {
    const length = this.varint();
    const start = this.offset;
    this.skip(length);
    return { bytes: this.bytes, start, end: this.offset };
  }

  optionalStoredText(): StoredText | null {
    return this.byte() === 0 ? null : this.storedText();
  }

  skipText(): void {
    this.skip(this.varint());
  }

  rest(): Uint8Array {
    return this.block(this.end - this.offset);
  }
}

function pushUtf8(bytes: number[], codePoint: number): void {
  const point = codePoint >= 0xd800 && codePoint <= 0xdfff ? 0xfffd : codePoint;
  if (point < 0x80) bytes.push(point);
  else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
  else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
  else {
    bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 0x3f));
    bytes.push(0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
  }
}
