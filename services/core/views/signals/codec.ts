// The signals view as bytes: a format number, then columns, delta- and Rice-coded. DynamoDB bills by the kilobyte, and an
// ordinary client's view must stay well below one. Old formats stay readable: a new one gets a new number here.
import { BitReader, BitWriter } from '../../bits.ts';
import { dayMs, quarterHourMs } from '../../time.ts';
import { type Entry, type Ledger, minuteOf } from './ledger.ts';
import { lowerBound } from './quarters.ts';
import { emptySignals, type Impersonated, type Mails, type Recalled, type Signals } from './state.ts';

const format = 1;
export const hashBits = 40;
export const shortHashBits = 32;
export const minuteMs = 60_000;
const quartersOfDay = dayMs / quarterHourMs;
/** How far back buckets reach from the newest settled entry of their kind, quarters. */
export const loginQuartersKept = 800 * quartersOfDay;
export const mailQuartersKept = 420 * quartersOfDay;

// One for all views: encoding is done in one go, and a buffer for each would cost more than what is written into it.
const out = new BitWriter();
/** Reading too. */
const source = new BitReader();

export function encodeSignals(view: Signals): Uint8Array {
  out.clear();
  out.bits(format, 8);
  out.lone(view.erasedAt);

  const { logins } = view;
  writeLedger(out, logins.ledger, true);
  const keptFrom = firstKept(logins.settled.quarters, loginQuartersKept);
  const { quarters, counts } = logins.settled;
  writeAscending(out, quarters, keptFrom);
  if (quarters.length > keptFrom) {
    const repeats = columnOf(counts.length - keptFrom);
    for (let index = keptFrom; index < counts.length; index += 1) repeats[index - keptFrom] = (counts[index] ?? 1) - 1;
    out.column(repeats, counts.length - keptFrom);
    writeMax(out, logins.settledMax?.at ?? null);
    out.bits(logins.settledMax?.device ?? 0, 8);
    writeRecalled(out, logins.recall);
    out.lone(logins.forgottenQuarter);
    writeRecalled(out, logins.lateArrivals);
  }
  const horizon = (quarters.at(-1) ?? 0) - loginQuartersKept;
  writeImpersonated(out, view.impersonated, (horizon * quarterHourMs) / minuteMs);

  for (const mails of [view.emails, view.invites, view.outbound, view.inbound]) {
    writeLedger(out, mails.ledger, false);
    const from = firstKept(mails.settled, mailQuartersKept);
    writeAscending(out, mails.settled, from);
    if (mails.settled.length > from) writeMax(out, mails.settledMax);
  }
  return out.take();
}

/** Throws a RangeError for a format this version does not read. */
export function decodeSignals(bytes: Uint8Array): Signals {
  source.open(bytes);
  checkFormat(source);
  const view = emptySignals();
  view.erasedAt = source.lone();

  const { logins } = view;
  readLedger(source, logins.ledger, true);
  logins.settled.quarters.push(...readAscending(source));
  const buckets = logins.settled.quarters.length;
  if (buckets > 0) {
    logins.settled.counts.push(...source.column(buckets).map((count) => count + 1));
    const at = readMax(source);
    const device = source.bits(8);
    logins.settledMax = at === null ? null : { at, device };
    logins.recall.push(...readRecalled(source));
    logins.forgottenQuarter = source.lone();
    logins.lateArrivals.push(...readRecalled(source));
  }
  view.impersonated.push(...readImpersonated(source));

  for (const mails of [view.emails, view.invites, view.outbound, view.inbound]) readMails(source, mails);
  return view;
}

/** Reads the format number; see decodeSignals. */
export function checkFormat(source: BitReader): void {
  const found = source.bits(8);
  if (found !== format) throw new RangeError(`stored signals have format ${found}, this version reads ${format}`);
}

function readMails(source: BitReader, mails: Mails): void {
  readLedger(source, mails.ledger, false);
  mails.settled.push(...readAscending(source));
  if (mails.settled.length > 0) mails.settledMax = readMax(source);
}

function firstKept(quarters: readonly number[], kept: number): number {
  const newest = quarters[quarters.length - 1];
  return newest === undefined ? 0 : lowerBound(quarters, newest - kept);
}

/** Ascending integers, equal ones allowed: the count, the last, and the gaps from the last back to the first. */
function writeAscending(out: BitWriter, values: readonly number[], from = 0): void {
  const count = values.length - from;
  out.lone(count);
  if (count === 0) return;
  out.lone(values[values.length - 1] ?? 0);
  const gaps = columnOf(count - 1);
  for (let index = 0; index < count - 1; index += 1) {
    const later = values.length - 1 - index;
    gaps[index] = (values[later] ?? 0) - (values[later - 1] ?? 0);
  }
  out.column(gaps, count - 1);
}

/** The same for when entries were seen. */
function writeSeen(out: BitWriter, entries: readonly { readonly seen: number }[]): void {
  const count = entries.length;
  out.lone(count);
  if (count === 0) return;
  out.lone(entries[count - 1]?.seen ?? 0);
  const gaps = columnOf(count - 1);
  for (let index = 0; index < count - 1; index += 1) {
    const later = count - 1 - index;
    gaps[index] = (entries[later]?.seen ?? 0) - (entries[later - 1]?.seen ?? 0);
  }
  out.column(gaps, count - 1);
}

/** One for all columns: each is written in one go, and a list for each would be the most that encoding leaves behind. */
let spare = new Float64Array(1_024);

function columnOf(count: number): Float64Array {
  if (count > spare.length) spare = new Float64Array(count * 2);
  return spare;
}

function readAscending(source: BitReader): number[] {
  const count = source.lone();
  if (count === 0) return [];
  const values = new Array<number>(count);
  let value = source.lone();
  values[count - 1] = value;
  const gaps = source.column(count - 1);
  for (let index = count - 2; index >= 0; index -= 1) {
    value -= gaps[count - 2 - index] ?? 0;
    values[index] = value;
  }
  return values;
}

/**
 * `at` is stored beside `seen`: how many minutes earlier (nearly always none), then the time within its minute, in whole
 * seconds where every entry allows it (many sources know no finer).
 */
function writeLedger(out: BitWriter, ledger: Ledger, withDevices: boolean): void {
  writeSeen(out, ledger);
  if (ledger.length === 0) return;
  const lags = columnOf(ledger.length);
  for (let index = 0; index < ledger.length; index += 1) {
    const entry = ledger[index];
    lags[index] = entry === undefined ? 0 : entry.seen - minuteOf(entry.at);
  }
  out.column(lags, ledger.length);
  const wholeSeconds = ledger.every((entry) => withinMinute(entry.at) % 1000 === 0);
  out.bits(wholeSeconds ? 1 : 0, 1);
  for (const entry of ledger) {
    const within = withinMinute(entry.at);
    if (wholeSeconds) out.bits(within / 1000, 6);
    else out.bits(within, 16);
    out.wide(entry.hash, hashBits);
  }
  if (withDevices) writeDevices(out, ledger);
}

/** Not `at % minuteMs`, which is slow for what exceeds 32 bits. The result is a small integer, and `| 0` says so. */
function withinMinute(at: number): number {
  return (at - minuteOf(at) * minuteMs) | 0;
}

function readLedger(source: BitReader, ledger: Ledger, withDevices: boolean): void {
  const seen = readAscending(source);
  if (seen.length === 0) return;
  const lags = source.column(seen.length);
  const wholeSeconds = source.bits(1) === 1;
  for (let index = 0; index < seen.length; index += 1) {
    const minute = seen[index] ?? 0;
    const within = wholeSeconds ? source.bits(6) * 1000 : source.bits(16);
    const at = (minute - (lags[index] ?? 0)) * minuteMs + within;
    ledger.push({ hash: source.wide(hashBits), seen: minute, at, device: 0 });
  }
  if (withDevices) readDevices(source, ledger);
}

/** A person has few devices: the distinct codes, then an index into them for each entry. */
function writeDevices(out: BitWriter, ledger: Ledger): void {
  const distinct: number[] = [];
  for (const { device } of ledger) if (!distinct.includes(device)) distinct.push(device);
  out.bits(distinct.length, 8);
  for (const device of distinct) out.bits(device, 8);
  const indexBits = bitsFor(distinct.length);
  for (const entry of ledger) out.bits(distinct.indexOf(entry.device), indexBits);
}

function readDevices(source: BitReader, ledger: readonly Entry[]): void {
  const distinct: number[] = [];
  for (let count = source.bits(8); count > 0; count -= 1) distinct.push(source.bits(8));
  const indexBits = bitsFor(distinct.length);
  for (const entry of ledger) entry.device = distinct[source.bits(indexBits)] ?? 0;
}

export function bitsFor(values: number): number {
  return values <= 1 ? 0 : 32 - Math.clz32(values - 1);
}

/** In order of arrival for the late ones, so quarters are stored from the oldest up, zigzag beside each other. */
function writeRecalled(out: BitWriter, recalled: readonly Recalled[]): void {
  out.lone(recalled.length);
  const first = recalled[0];
  if (first === undefined) return;
  out.lone(first.quarter);
  const steps = columnOf(recalled.length - 1);
  for (let index = 1; index < recalled.length; index += 1) {
    const step = (recalled[index]?.quarter ?? 0) - (recalled[index - 1]?.quarter ?? 0);
    steps[index - 1] = step >= 0 ? step * 2 : -step * 2 - 1;
  }
  out.column(steps, recalled.length - 1);
  for (const entry of recalled) out.wide(entry.hash, shortHashBits);
}

function readRecalled(source: BitReader): Recalled[] {
  const count = source.lone();
  if (count === 0) return [];
  let quarter = source.lone();
  const quarters = [quarter];
  for (const step of source.column(count - 1)) {
    quarter += step % 2 === 0 ? step / 2 : -(step + 1) / 2;
    quarters.push(quarter);
  }
  return quarters.map((each) => ({ quarter: each, hash: source.wide(shortHashBits) }));
}

/** Kept as long as the buckets: an older mark can meet no login that still counts. */
function writeImpersonated(out: BitWriter, impersonated: readonly Impersonated[], minuteMin: number): void {
  const kept = impersonated.filter((session) => session.seen >= minuteMin);
  writeSeen(out, kept);
  for (const session of kept) out.wide(session.hash, hashBits);
}

function readImpersonated(source: BitReader): Impersonated[] {
  return readAscending(source).map((seen) => ({ seen, hash: source.wide(hashBits) }));
}

function writeMax(out: BitWriter, at: number | null): void {
  out.bits(at === null ? 0 : 1, 1);
  if (at !== null) out.lone(at);
}

export function readMax(source: BitReader): number | null {
  return source.bits(1) === 0 ? null : source.lone();
}
