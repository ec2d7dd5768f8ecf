// Marks of a profile straight from the stored view (views/profile/view.ts): what lists filter and sort by. The main
// address, nearly always a text of its own, is only pointed at.
import { ByteReader } from './bytes.ts';
import { noDay } from './list-marks.ts';
import { dayMs, instantMin, startOfDay } from './time.ts';

export type ProfileMarks = {
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly type: string;
  readonly isActive: boolean;
  readonly adviser: { readonly id: string; readonly name: string | null } | null;
  /** Where in the bytes the main address stands; empty when there is none. */
  readonly emailStart: number;
  readonly emailEnd: number;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Days from 1970; `noDay` for none. */
  readonly nextReview: number;
  readonly previousReview: number;
  readonly anniversary: number;
};

/** Gives the text of UTF-8 bytes; who has a fast way brings it. */
export type TextOf = (bytes: Uint8Array, start: number, end: number) => string;

const format = 1;

/** Null when there is no profile, as after an erasure. Throws a RangeError for a format this version does not read. */
export function readProfileMarks(bytes: Uint8Array, offset: number, textOf: TextOf): ProfileMarks | null {
  const source = new ByteReader(bytes);
  source.skip(offset);
  const found = source.byte();
  if (found !== format) throw new RangeError(`stored profile has format ${found}, this version reads ${format}`);
  const parts = source.byte();
  if ((parts & 2) !== 0) {
    source.varint();
    source.varint();
  }
  if ((parts & 1) === 0) return null;
  source.varint();
  const firstName = readOptional(source, bytes, textOf);
  const lastName = readOptional(source, bytes, textOf);
  const type = readText(source, bytes, textOf);
  const isActive = source.byte() === 1;
  const adviserId = readOptional(source, bytes, textOf);
  const adviser = adviserId === null ? null : { id: adviserId, name: readOptional(source, bytes, textOf) };
  let emailStart = 0;
  let emailEnd = 0;
  for (let emails = source.varint(), index = 0; index < emails; index += 1) {
    const length = source.varint();
    source.skip(length);
    if (index > 0) continue;
    emailStart = source.position - length;
    emailEnd = source.position;
  }
  const createdAt = source.varint() + instantMin;
  const updatedAt = source.varint();
  return {
    firstName,
    lastName,
    type,
    isActive,
    adviser,
    emailStart,
    emailEnd,
    createdAt,
    updatedAt,
    nextReview: readDay(source, bytes),
    previousReview: readDay(source, bytes),
    anniversary: readDay(source, bytes),
  };
}

function readText(source: ByteReader, bytes: Uint8Array, textOf: TextOf): string {
  const length = source.varint();
  source.skip(length);
  return textOf(bytes, source.position - length, source.position);
}

function readOptional(source: ByteReader, bytes: Uint8Array, textOf: TextOf): string | null {
  return source.byte() === 0 ? null : readText(source, bytes, textOf);
}

function readDay(source: ByteReader, bytes: Uint8Array): number {
  if (source.byte() === 0) return noDay;
  const length = source.varint();
  source.skip(length);
  return dayAt(bytes, source.position - length);
}

/** YYYY-MM-DD, which was checked when it came, as days from 1970. */
function dayAt(bytes: Uint8Array, at: number): number {
  const midnight = startOfDay(digits(bytes, at, 4), digits(bytes, at + 5, 2), digits(bytes, at + 8, 2));
  return midnight === null ? noDay : Math.floor(midnight / dayMs);
}

function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index += 1) value = value * 10 + (bytes[index] ?? 0) - 48;
  return value;
}
