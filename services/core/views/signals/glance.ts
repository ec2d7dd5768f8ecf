// A glance at stored signals: only what facts are derived from, read past the hashes into memory that is used again.
// Whole firms are read like this; it takes a tenth of decoding, and what is derived is the same.
import { BitReader } from '../../bits.ts';
import { checkFormat, hashBits, readAscending, readDevices, readMax, shortHashBits } from './codec.ts';
import type { LoginsGlance, MailsGlance, SignalsGlance } from './state.ts';

const minuteMs = 60_000;

export class SignalsReader {
  private readonly source = new BitReader();
  private readonly logins = new Entries();
  private readonly emails = new Entries();
  private readonly invites = new Entries();
  private readonly outbound = new Entries();

  /**
   * Reads what encodeSignals wrote, from `start` on. The answer stands until the next read. Throws a RangeError for a
   * format this version does not read.
   */
  read(bytes: Uint8Array, start = 0): SignalsGlance {
    const { source } = this;
    source.open(bytes, start);
    checkFormat(source);
    const erasedAt = source.lone();
    const logins = readLogins(source, this.logins);
    skipImpersonated(source);
    return {
      erasedAt,
      logins,
      emails: readMails(source, this.emails),
      invites: readMails(source, this.invites),
      outbound: readMails(source, this.outbound),
    };
  }
}

type Entry = { at: number; device: number };

/** The entries of ledgers, made once. */
class Entries {
  private readonly entries: Entry[] = [];
  private readonly byCount: (Entry[] | undefined)[] = [];

  /** So many of them; what they held before still stands in them. */
  first(count: number): readonly Entry[] {
    const known = this.byCount[count];
    if (known !== undefined) return known;
    while (this.entries.length < count) this.entries.push({ at: 0, device: 0 });
    const first = this.entries.slice(0, count);
    this.byCount[count] = first;
    return first;
  }
}

function readLogins(source: BitReader, entries: Entries): LoginsGlance {
  const ledger = readLedger(source, entries);
  if (ledger.length > 0) readDevices(source, ledger);
  const quarters = readAscending(source);
  if (quarters.length === 0) return { ledger, settled: { quarters, counts: quarters }, settledMax: null };
  const counts = source.column(quarters.length);
  for (let index = 0; index < counts.length; index += 1) counts[index] = (counts[index] ?? 0) + 1;
  const at = readMax(source);
  const device = source.bits(8);
  skipRecalled(source);
  source.lone();
  skipRecalled(source);
  return { ledger, settled: { quarters, counts }, settledMax: at === null ? null : { at, device } };
}

function readMails(source: BitReader, entries: Entries): MailsGlance {
  const ledger = readLedger(source, entries);
  const settled = readAscending(source);
  return { ledger, settled, settledMax: settled.length > 0 ? readMax(source) : null };
}

function readLedger(source: BitReader, entries: Entries): readonly Entry[] {
  const seen = readAscending(source);
  const ledger = entries.first(seen.length);
  if (seen.length === 0) return ledger;
  const lags = source.column(seen.length);
  const wholeSeconds = source.bits(1) === 1;
  for (let index = 0; index < ledger.length; index += 1) {
    const entry = ledger[index];
    if (entry === undefined) break;
    const within = wholeSeconds ? source.bits(6) * 1000 : source.bits(16);
    entry.at = ((seen[index] ?? 0) - (lags[index] ?? 0)) * minuteMs + within;
    source.skip(hashBits);
  }
  return ledger;
}

function skipRecalled(source: BitReader): void {
  const count = source.lone();
  if (count === 0) return;
  source.lone();
  source.skipColumn(count - 1);
  source.skip(count * shortHashBits);
}

function skipImpersonated(source: BitReader): void {
  source.skip(readAscending(source).length * hashBits);
}
