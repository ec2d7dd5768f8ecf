// A glance at signals: as much of them as facts are derived from, as columns in memory that is used again. It is read past
// the hashes straight from stored bytes, which takes a fraction of decoding them, or taken from a state.
import { BitReader } from '../../bits.ts';
import { noInstant } from '../../time.ts';
import { bitsFor, checkFormat, hashBits, minuteMs, readMax, shortHashBits } from './codec.ts';
import type { Ledger } from './ledger.ts';
import type { Mails, Signals } from './state.ts';

/** All columns have the newest first: entries by when they were last seen, quarters as they are. */
export class SignalsGlance {
  erasedAt = 0;
  readonly logins = new KindGlance();
  readonly emails = new KindGlance();
  readonly invites = new KindGlance();
  readonly outbound = new KindGlance();
}

/** Logins, or mails of one kind. */
export class KindGlance {
  /** Entries of the ledger. */
  entries = 0;
  at = new Float64Array(64);
  /** Of logins only, as are counts. */
  device = new Int32Array(64);
  /** Quarter hours with settled ones. */
  quarters = 0;
  quarter = new Int32Array(64);
  /** How many are settled in each; beside the quarters. */
  count = new Int32Array(64);
  /** The latest settled one; noInstant when there is none, or once it may be wrong. */
  settledAt = noInstant;
  settledDevice = 0;

  reserveEntries(entries: number): void {
    if (entries <= this.at.length) return;
    this.at = new Float64Array(2 * entries);
    this.device = new Int32Array(2 * entries);
  }

  reserveQuarters(quarters: number): void {
    if (quarters <= this.quarter.length) return;
    this.quarter = new Int32Array(2 * quarters);
    this.count = new Int32Array(2 * quarters);
  }
}

/** Reads one stored value after the other, each over the one before. */
export class SignalsReader {
  private readonly source = new BitReader();
  private readonly glance = new SignalsGlance();
  /** Of one ledger at a time: when entries were last seen, how many minutes before that they occurred, when in that one. */
  private seen = new Int32Array(64);
  private lags = new Int32Array(64);
  private within = new Int32Array(64);

  /**
   * Reads what encodeSignals wrote, from `start` on. The answer stands until the next read. Throws a RangeError for a
   * format this version does not read.
   */
  read(bytes: Uint8Array, start = 0): SignalsGlance {
    const { source, glance } = this;
    source.open(bytes, start);
    checkFormat(source);
    glance.erasedAt = source.lone();
    this.readLogins(glance.logins);
    const impersonated = source.lone();
    this.skipAscending(impersonated);
    source.skip(impersonated * hashBits);
    this.readMails(glance.emails);
    this.readMails(glance.invites);
    this.readMails(glance.outbound);
    return glance;
  }

  private readLogins(logins: KindGlance): void {
    const { source } = this;
    this.readLedger(logins);
    if (logins.entries > 0) readDevices(source, logins);
    this.readQuarters(logins);
    logins.settledAt = noInstant;
    if (logins.quarters === 0) return;
    source.columnInto(logins.count, logins.quarters);
    for (let index = 0; index < logins.quarters; index += 1) logins.count[index] = (logins.count[index] ?? 0) + 1;
    reverse(logins.count, logins.quarters);
    logins.settledAt = readMax(source) ?? noInstant;
    logins.settledDevice = source.bits(8);
    skipRecalled(source);
    source.lone();
    skipRecalled(source);
  }

  private readMails(mails: KindGlance): void {
    this.readLedger(mails);
    this.readQuarters(mails);
    mails.settledAt = mails.quarters === 0 ? noInstant : (readMax(this.source) ?? noInstant);
  }

  private readLedger(kind: KindGlance): void {
    const { source } = this;
    const entries = source.lone();
    kind.entries = entries;
    if (entries === 0) return;
    kind.reserveEntries(entries);
    if (entries > this.seen.length) {
      this.seen = new Int32Array(2 * entries);
      this.lags = new Int32Array(2 * entries);
      this.within = new Int32Array(2 * entries);
    }
    const { seen, lags, within } = this;
    readDescending(source, seen, entries);
    const isPrompt = source.skipZeroColumn(entries);
    if (!isPrompt) source.columnInto(lags, entries);
    // What is stored behind these begins with the oldest.
    const [unitMs, bits] = source.bits(1) === 1 ? [1000, 6] : [1, 16];
    source.fieldsBackInto(within, entries, bits, bits + hashBits);
    for (let index = 0; index < entries; index += 1) {
      const lag = isPrompt ? 0 : (lags[entries - 1 - index] ?? 0);
      kind.at[index] = ((seen[index] ?? 0) - lag) * minuteMs + (within[index] ?? 0) * unitMs;
    }
  }

  private readQuarters(kind: KindGlance): void {
    const quarters = this.source.lone();
    kind.quarters = quarters;
    if (quarters === 0) return;
    kind.reserveQuarters(quarters);
    readDescending(this.source, kind.quarter, quarters);
  }

  private skipAscending(count: number): void {
    if (count === 0) return;
    this.source.lone();
    this.source.skipColumn(count - 1);
  }
}

/** Takes what is in a state, over what was in the glance. */
export function takeGlance(glance: SignalsGlance, { erasedAt, logins, emails, invites, outbound }: Signals): void {
  glance.erasedAt = erasedAt;
  const { quarters, counts } = logins.settled;
  takeKind(glance.logins, logins.ledger, quarters, logins.settledMax?.at ?? noInstant);
  glance.logins.settledDevice = logins.settledMax?.device ?? 0;
  counts.forEach((count, index) => {
    glance.logins.count[counts.length - 1 - index] = count;
  });
  takeMails(glance.emails, emails);
  takeMails(glance.invites, invites);
  takeMails(glance.outbound, outbound);
}

function takeMails(into: KindGlance, { ledger, settled, settledMax }: Mails): void {
  takeKind(into, ledger, settled, settledMax ?? noInstant);
}

function takeKind(into: KindGlance, ledger: Ledger, quarters: readonly number[], settledAt: number): void {
  into.entries = ledger.length;
  into.reserveEntries(ledger.length);
  ledger.forEach(({ at, device }, index) => {
    into.at[ledger.length - 1 - index] = at;
    into.device[ledger.length - 1 - index] = device;
  });
  into.quarters = quarters.length;
  into.reserveQuarters(quarters.length);
  quarters.forEach((quarter, index) => {
    into.quarter[quarters.length - 1 - index] = quarter;
  });
  into.settledAt = settledAt;
}

/** What writeAscending wrote, behind its count: the last, and the gaps from the last back to the first. */
function readDescending(source: BitReader, values: Int32Array, count: number): void {
  const last = source.lone();
  source.columnInto(values, count - 1);
  let value = last;
  for (let index = 0; index < count; index += 1) {
    const gap = values[index] ?? 0;
    values[index] = value;
    value -= gap;
  }
}

/** A person has few devices: the distinct codes, then an index into them for each entry, oldest first. */
function readDevices(source: BitReader, logins: KindGlance): void {
  const distinct = source.bits(8);
  const codes = new Array<number>(distinct);
  for (let index = 0; index < distinct; index += 1) codes[index] = source.bits(8);
  const { device, entries } = logins;
  const indexBits = bitsFor(distinct);
  source.fieldsBackInto(device, entries, indexBits, indexBits);
  for (let index = 0; index < entries; index += 1) device[index] = codes[device[index] ?? 0] ?? 0;
}

function skipRecalled(source: BitReader): void {
  const count = source.lone();
  if (count === 0) return;
  source.lone();
  source.skipColumn(count - 1);
  source.skip(count * shortHashBits);
}

function reverse(values: Int32Array, count: number): void {
  for (let low = 0, high = count - 1; low < high; low += 1, high -= 1) {
    const value = values[low] ?? 0;
    values[low] = values[high] ?? 0;
    values[high] = value;
  }
}
