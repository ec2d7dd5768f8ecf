// Marks of signals straight from the stored view: the newest instant of each kind is found without decoding the rest.
// What it answers is what deriving at the end of time gives; the layout is the one of views/signals/codec.ts.
import { BitCursor } from './bit-cursor.ts';
import { type Known, later } from './derive/facts.ts';
import { never, type SignalMarks } from './list-marks.ts';
import { quarterOf, startOfQuarter } from './time.ts';

const format = 1;
const hashBits = 40;
const shortHashBits = 32;
const minuteMs = 60_000;

// One for all: reading a view is done in one go.
const source = new BitCursor();
let minutes = new Float64Array(128);

/** `offset`: where behind the seal the view begins. Throws a RangeError for a format this version does not read. */
export function readSignalMarks(bytes: Uint8Array, offset: number): SignalMarks {
  source.open(bytes, offset);
  const found = source.bits(8);
  if (found !== format) throw new RangeError(`stored signals have format ${found}, this version reads ${format}`);
  source.lone();
  const login = readLogins();
  skipImpersonated();
  const email = readMails();
  const invite = readMails();
  const message = readMails();
  source.close();
  return {
    login: login?.at ?? never,
    email: later(email, invite)?.at ?? never,
    emailButInvites: email?.at ?? never,
    message: message?.at ?? never,
  };
}

function readLogins(): Known | null {
  const newest = readLedger(true);
  const count = source.lone();
  if (count === 0) return newestOf(newest, null, null);
  const settled = source.lone();
  source.skipColumn(count - 1);
  source.skipColumn(count);
  const max = readMax();
  source.skip(8);
  skipRecalled();
  source.lone();
  skipRecalled();
  return newestOf(newest, settled, max);
}

function readMails(): Known | null {
  const newest = readLedger(false);
  const count = source.lone();
  if (count === 0) return newestOf(newest, null, null);
  const settled = source.lone();
  source.skipColumn(count - 1);
  return newestOf(newest, settled, readMax());
}

/** Of exact entries, the newest quarter of settled ones, and the latest of those where it is known exactly. */
function newestOf(entry: number, settled: number | null, max: number | null): Known | null {
  if (settled !== null) {
    if (max !== null && quarterOf(max) === settled) return { at: Math.max(entry, max), exact: true };
    if (quarterOf(entry) <= settled) return { at: startOfQuarter(settled), exact: false };
  }
  return entry === never ? null : { at: entry, exact: true };
}

/** The newest instant in a ledger; `never` when it is empty. */
function readLedger(withDevices: boolean): number {
  const count = source.lone();
  if (count === 0) return never;
  const seenLast = source.lone();
  const begin = source.position;
  // Most sessions were seen once, at their beginning: then the last entries, seen in one minute, are the newest.
  let last = 1;
  const gaps = source.column();
  while (last < count && source.rice(gaps) === 0) last += 1;
  if (last < count) source.skipRices(gaps, count - 1 - last);
  const isSeenOnce = source.skipZeros(count);
  const minute = isSeenOnce ? seenLast : newestMinute(count, seenLast, begin);
  const wholeSeconds = source.bits(1) === 1;
  const withinBits = wholeSeconds ? 6 : 16;
  const entries = source.position;
  let within = 0;
  for (let index = isSeenOnce ? count - last : 0; index < count; index += 1) {
    if (!isSeenOnce && minutes[index] !== minute) continue;
    source.go(entries + index * (withinBits + hashBits));
    within = Math.max(within, source.bits(withinBits));
  }
  source.go(entries + count * (withinBits + hashBits));
  if (withDevices) {
    const distinct = source.bits(8);
    source.skip(distinct * 8 + count * (distinct <= 1 ? 0 : 32 - Math.clz32(distinct - 1)));
  }
  return minute * minuteMs + (wholeSeconds ? within * 1000 : within);
}

/** Reads a ledger's columns, which begin at `begin`, into `minutes`: when each entry happened. Answers the newest. */
function newestMinute(count: number, seenLast: number, begin: number): number {
  if (count > minutes.length) minutes = new Float64Array(count * 2);
  source.go(begin);
  // Gaps go from the last entry back to the first, lags from the first to the last.
  let seen = seenLast;
  const gaps = source.column();
  for (let index = count - 1; index >= 0; index -= 1) {
    minutes[index] = seen;
    if (index > 0) seen -= source.rice(gaps);
  }
  let newest = -1;
  const lags = source.column();
  for (let index = 0; index < count; index += 1) {
    const at = (minutes[index] ?? 0) - source.rice(lags);
    minutes[index] = at;
    if (at > newest) newest = at;
  }
  return newest;
}

function skipRecalled(): void {
  const count = source.lone();
  if (count === 0) return;
  source.lone();
  source.skipColumn(count - 1);
  source.skip(count * shortHashBits);
}

function skipImpersonated(): void {
  const count = source.lone();
  if (count === 0) return;
  source.lone();
  source.skipColumn(count - 1);
  source.skip(count * hashBits);
}

function readMax(): number | null {
  return source.bits(1) === 0 ? null : source.lone();
}
