// Lines of CSV as bytes, after RFC 4180: what comes from outside is defused and escaped, and where neither is needed, which
// is nearly always, its bytes are copied as they are stored. A library wants every cell as a string first.
import { type StoredText, textOf } from '../core/bytes.ts';
import { defuse } from './spreadsheet-text.ts';

const comma = 0x2c;
const space = 0x20;
const zero = 0x30;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;

/** What has one of these stands in quotes. RFC 4180 does not ask it of a bar; fast-csv, which wrote these files, does. */
const escaped = /[",\r\n|]/;

/** Bytes that may stand in a cell as they are, if it begins plainly. */
const isPlain = byteTable((byte) => byte >= 0x20 && !escaped.test(String.fromCharCode(byte)));
/** Bytes that begin no formula and nothing that may stand before one. */
const beginsPlainly = byteTable((byte) => /[0-9A-Za-z]/.test(String.fromCharCode(byte)));

export class CsvLines {
  private bytes: Buffer;
  /** Bytes written so far. */
  length = 0;

  /** `bytesStart`: as much as is usually taken at once; there is always room for more. */
  constructor(bytesStart: number) {
    this.bytes = Buffer.allocUnsafeSlow(bytesStart);
  }

  /** So that spreadsheets read the file as UTF-8; at its beginning. */
  byteOrderMark(): void {
    this.reserve(3);
    this.length += this.bytes.write('\ufeff', this.length);
  }

  /** A cell of ours: ASCII, and nothing in it to defuse or to escape. */
  own(text: string): void {
    this.ascii(text);
    this.endCell();
  }

  /** A part of such a cell. */
  ascii(text: string): void {
    this.reserve(text.length);
    const { bytes, length } = this;
    for (let index = 0; index < text.length; index += 1) bytes[length + index] = text.charCodeAt(index);
    this.length = length + text.length;
  }

  /** Another: a non-negative integer below 10 to the power of `width`, with zeros in front. */
  digits(value: number, width: number): void {
    this.reserve(width);
    const { bytes, length } = this;
    let rest = value;
    for (let index = length + width - 1; index >= length; index -= 1) {
      const tenth = Math.trunc(rest / 10);
      bytes[index] = zero + rest - 10 * tenth;
      rest = tenth;
    }
    this.length = length + width;
  }

  /** A cell with a count. */
  count(value: number): void {
    let width = 1;
    for (let limit = 10; value >= limit; limit *= 10) width += 1;
    this.digits(value, width);
    this.endCell();
  }

  endCell(): void {
    this.reserve(1);
    this.bytes[this.length] = comma;
    this.length += 1;
  }

  /** A cell of what comes from outside; two texts are parted by a space. */
  outside(text: StoredText | null, second: StoredText | null = null): void {
    const start = this.length;
    const isWritten = this.copy(text, start) && this.copy(second, start);
    if (isWritten && (this.length === start || beginsPlainly[this.bytes[start] ?? 0] === 1)) {
      this.endCell();
      return;
    }
    this.length = start;
    const texts = [text, second].filter((each) => each !== null && each.end > each.start);
    this.cell(defuse(texts.map((each) => (each === null ? '' : textOf(each))).join(' ')));
  }

  /** A cell of any text. NUL, which spreadsheets stumble over, is left out. */
  cell(text: string): void {
    const clean = text.replaceAll('\0', '');
    const cell = escaped.test(clean) ? `"${clean.replaceAll('"', '""')}"` : clean;
    this.reserve(cell.length * 3);
    this.length += this.bytes.write(cell, this.length);
    this.endCell();
  }

  endLine(): void {
    // In place of the comma behind the last cell.
    this.reserve(1);
    this.bytes[this.length - 1] = carriageReturn;
    this.bytes[this.length] = lineFeed;
    this.length += 1;
  }

  /** Gives out what was written, and begins anew in other memory. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.length);
    this.bytes = Buffer.allocUnsafeSlow(this.bytes.length);
    this.length = 0;
    return taken;
  }

  /** Copies a text behind those of its cell; false when it cannot stand as it is. */
  private copy(text: StoredText | null, cellStart: number): boolean {
    if (text === null || text.start === text.end) return true;
    this.reserve(text.end - text.start + 1);
    const { bytes } = this;
    let { length } = this;
    if (length > cellStart) {
      bytes[length] = space;
      length += 1;
    }
    for (let index = text.start; index < text.end; index += 1) {
      const byte = text.bytes[index] ?? 0;
      if (isPlain[byte] !== 1) return false;
      bytes[length] = byte;
      length += 1;
    }
    this.length = length;
    return true;
  }

  private reserve(bytes: number): void {
    if (this.length + bytes > this.bytes.length) this.grow(bytes);
  }

  private grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, this.length + bytes));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

function byteTable(isIn: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (isIn(byte) ? 1 : 0));
}
