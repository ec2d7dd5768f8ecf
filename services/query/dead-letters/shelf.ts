// What the topic of dead letters holds at present, without the values: the newest letter under each key that was not taken
// out again, and whether it was redriven.
import {
  type DeadLetterRecord,
  markedPosition,
  type RedriveMark,
  readDeadLetter,
  readRedriveMark,
} from '../../core/dead-letter.ts';
import { maskedLine } from '../../core/mask.ts';
import { readText } from '../../log/codec.ts';
import type { LogMessage } from '../../log/port.ts';

/** Of the masked line that a list shows of each. */
const lineCharactersMax = 240;
/** Of a longer value only the start is masked for the line. */
const lineBytesMax = 16 * 1024;

export type Letter = Omit<DeadLetterRecord, 'value'> & {
  /** Its key: `topic@incarnation/partition/offset` of the original, or what another writer calls it by. */
  readonly position: string;
  /** Where the letter itself stands in its topic. */
  readonly place: { readonly partition: number; readonly offset: number };
  /** When it was put away, or put away again by a replay; epoch ms. */
  readonly putAwayAt: number;
  /** One masked line of its value. */
  readonly line: string;
};

export class LetterShelf {
  private readonly letters = new Map<string, Letter>();
  private readonly marks = new Map<string, RedriveMark>();
  private readonly lettersMax: number;
  /** How many of the oldest were left out because there are too many. */
  forgotten = 0;

  constructor(lettersMax: number) {
    this.lettersMax = lettersMax;
  }

  /** Messages of one key have to come in their order; those of others need not. */
  take(message: LogMessage): void {
    const key = message.key === null ? null : readText(message.key);
    if (key === null) return;
    const marked = markedPosition(key);
    if (marked !== null) this.takeMark(marked, message);
    else this.takeLetter(key, message);
  }

  private takeMark(position: string, { value, headers }: LogMessage): void {
    const mark = value === null ? null : readRedriveMark(headers);
    this.marks.delete(position);
    if (mark === null) return;
    this.marks.set(position, mark);
    if (this.marks.size > this.lettersMax) removeFirst(this.marks);
  }

  private takeLetter(position: string, message: LogMessage): void {
    // Taken out first, so that the newest stands last.
    this.letters.delete(position);
    const letter = letterOf(position, message);
    if (letter === null) return;
    this.letters.set(position, letter);
    if (this.letters.size <= this.lettersMax) return;
    removeFirst(this.letters);
    this.forgotten += 1;
  }

  /**
   * A replay writes letters anew and their marks stay. No source is replayed: what one puts away after the mark was sent
   * again in vain, and is open.
   */
  markOf({ position, source, putAwayAt }: Pick<Letter, 'position' | 'source' | 'putAwayAt'>): RedriveMark | null {
    const mark = this.marks.get(position) ?? null;
    return mark !== null && source !== null && mark.at < putAwayAt ? null : mark;
  }

  find(position: string): Letter | null {
    return this.letters.get(position) ?? null;
  }

  /** In the order in which they came. */
  all(): IterableIterator<Letter> {
    return this.letters.values();
  }
}

function letterOf(position: string, message: LogMessage): Letter | null {
  const { value, headers, partition, offset, appendedAt } = message;
  const record = readDeadLetter(value, headers);
  if (record === null) return null;
  const { value: kept, ...said } = record;
  return { ...said, position, place: { partition, offset }, putAwayAt: appendedAt, line: lineOf(kept) };
}

function lineOf(value: Uint8Array | null): string {
  if (value === null) return '‹null›';
  const start = value.length > lineBytesMax ? value.subarray(0, lineBytesMax) : value;
  return maskedLine(readText(start), lineCharactersMax);
}

function removeFirst(map: Map<string, unknown>): void {
  const first = map.keys().next();
  if (first.done !== true) map.delete(first.value);
}
