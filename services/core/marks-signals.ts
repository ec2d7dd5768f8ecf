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
let lags = new Float64Array(128);

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
  if (count > minutes.length) {
    minutes = new Float64Array(count * 2);
    lags = new Float64Array(count * 2);
  }
  let minute = source.lone();
  // Gaps go from the last entry back to the first, lags from the first to the last.
  source.column(count - 1, minutes);
  source.column(count, lags);
  let newest = -1;
  for (let index = 0; index < count; index += 1) {
    if (index > 0) minute -= minutes[index - 1] ?? 0;
    const at = minute - (lags[count - 1 - index] ?? 0);
    lags[count - 1 - index] = at;
    if (at > newest) newest = at;
  }
  const wholeSeconds = source.bits(1) === 1;
  const withinBits = wholeSeconds ? 6 : 16;
  const entries = source.place;
  let within = 0;
  for (let index = 0; index < count; index += 1) {
    if (lags[index] !== newest) continue;
    source.go(entries + index * (withinBits + hashBits));
    within = Math.max(within, source.bits(withinBits));
  }
  source.go(entries + count * (withinBits + hashBits));
  if (withDevices) {
    const distinct = source.bits(8);
    source.skip(distinct * 8 + count * (distinct <= 1 ? 0 : 32 - Math.clz32(distinct - 1)));
  }
  return newest * minuteMs + (wholeSeconds ? within * 1000 : within);
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
