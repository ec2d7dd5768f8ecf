// Numbers distinct texts, and finds them by their bytes as well as by the text itself: a message names its firm and client
// again and again, and making a string each time would cost more than finding the client does.

const slotsMin = 16;
const argumentsMax = 4_096;
/** A table half full finds what it holds at the first or second look. */
const fullShareMax = 0.5;

export class TextTable {
  private readonly texts: string[] = [];
  /** Pairs of a number counted from 1, where 0 is free, and its hash, each at that hash or soon after: one look for both. */
  private slots = new Int32Array(slotsMin * 2);

  get size(): number {
    return this.texts.length;
  }

  /** The number of a text, counted from 0 in the order in which they were first asked for. */
  numberOf(text: string): number {
    let hash = 0;
    for (let index = 0; index < text.length; index += 1) hash = mix(hash, text.charCodeAt(index));
    const { slots } = this;
    const mask = slots.length - 1;
    for (let slot = placeOf(hash) & mask; ; slot = (slot + 2) & mask) {
      const number = (slots[slot] ?? 0) - 1;
      if (number < 0) return this.add(text, hash, slot);
      if (slots[slot + 1] === hash && this.texts[number] === text) return number;
    }
  }

  /** The same for the text that the bytes from `start` to `end` (exclusive) spell, all of which are ASCII. */
  numberOfAscii(bytes: Uint8Array, start: number, end: number): number {
    let hash = 0;
    for (let index = start; index < end; index += 1) hash = mix(hash, bytes[index] ?? 0);
    const { slots } = this;
    const mask = slots.length - 1;
    for (let slot = placeOf(hash) & mask; ; slot = (slot + 2) & mask) {
      const number = (slots[slot] ?? 0) - 1;
      if (number < 0) return this.add(asciiText(bytes, start, end), hash, slot);
      if (slots[slot + 1] === hash && spells(bytes, start, end, this.texts[number] ?? '')) return number;
    }
  }

  /** Throws a RangeError for a number that was never given. */
  textOf(number: number): string {
    const text = this.texts[number];
    if (text === undefined) throw new RangeError(`${number} of ${this.texts.length} texts`);
    return text;
  }

  private add(text: string, hash: number, slot: number): number {
    const number = this.texts.push(text) - 1;
    this.slots[slot] = number + 1;
    this.slots[slot + 1] = hash;
    if (this.texts.length * 2 > this.slots.length * fullShareMax) this.grow();
    return number;
  }

  private grow(): void {
    const smaller = this.slots;
    const larger = new Int32Array(smaller.length * 2);
    const mask = larger.length - 1;
    for (let old = 0; old < smaller.length; old += 2) {
      const number = smaller[old] ?? 0;
      if (number === 0) continue;
      const hash = smaller[old + 1] ?? 0;
      let slot = placeOf(hash) & mask;
      while (larger[slot] !== 0) slot = (slot + 2) & mask;
      larger[slot] = number;
      larger[slot + 1] = hash;
    }
    this.slots = larger;
  }
}

/** True when the bytes from `start` to `end` (exclusive) spell the text. */
export function spells(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[start + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

export function asciiText(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  // In parts, because there is a limit to the arguments of a call.
  for (let at = start; at < end; at += argumentsMax) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(end, at + argumentsMax)));
  }
  return text;
}

// FNV's step: texts that differ in their last digits only still part.
function mix(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 16_777_619);
}

/** An even place, before it is cut to the table's size. */
function placeOf(hash: number): number {
  return (hash ^ (hash >>> 15)) << 1;
}
