// The ledger: exact entries of one kind of signal, newest last, ordered by when each id was last seen, so that a session
// still being refreshed stays. What leaves it is settled (its caller knows where to).

/** `seen`: UTC minute of the id's newest counting event. `at`: epoch ms of its earliest. `device`: of that earliest. */
export type Entry = { readonly hash: number; seen: number; at: number; device: number };

/** Ascending by (seen, hash). */
export type Ledger = Entry[];

export type LedgerLimits = { readonly entriesMin: number; readonly entriesMax: number };

/** From the design's §12, proved there against hostile histories. */
export const loginLedgerLimits: LedgerLimits = { entriesMin: 32, entriesMax: 64 };
export const mailLedgerLimits: LedgerLimits = { entriesMin: 8, entriesMax: 16 };
const reachMinutesMax = 72 * 60;

export function minuteOf(instantMs: number): number {
  return Math.floor(instantMs / 60_000);
}

export function indexOfHash(entries: readonly { readonly hash: number }[], hash: number): number {
  // From the newest, where repeats are; at most 64 entries.
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    if (entries[index]?.hash === hash) return index;
  }
  return -1;
}

/** Takes another event of an entry's id in: it counts at its earliest, and is seen at its newest. */
export function merge(ledger: Ledger, index: number, at: number, device: number): void {
  const entry = ledger[index];
  if (entry === undefined) return;
  if (at < entry.at || (at === entry.at && device > entry.device)) {
    entry.at = at;
    entry.device = device;
  }
  const minute = minuteOf(at);
  if (minute <= entry.seen) return;
  entry.seen = minute;
  ledger.splice(index, 1);
  insert(ledger, entry);
}

export function insert(ledger: Ledger, entry: Entry): void {
  let index = ledger.length;
  for (; index > 0; index -= 1) {
    const before = ledger[index - 1];
    if (before === undefined || before.seen < entry.seen) break;
    if (before.seen === entry.seen && before.hash < entry.hash) break;
  }
  ledger.splice(index, 0, entry);
}

/** Takes the oldest out while there are too many, or more than the least number reaching over more than 72 hours. */
export function takeOverdue(ledger: Ledger, limits: LedgerLimits): Entry | undefined {
  const oldest = ledger[0];
  const newest = ledger[ledger.length - 1];
  if (oldest === undefined || newest === undefined || ledger.length <= limits.entriesMin) return undefined;
  if (ledger.length <= limits.entriesMax && newest.seen - oldest.seen <= reachMinutesMax) return undefined;
  return ledger.shift();
}
