// How old, or how far ahead, a signed time may be: what bounds the time in which a captured delivery can be sent again.
import { type Refused, refused } from './verdicts.ts';

/** In ms; exactly so much is still fine. Ahead is for clocks that differ. */
export type TimeWindow = { readonly pastMs: number; readonly aheadMs: number };

export type StampUnit = 's' | 'ms';

/** What Standard Webhooks recommends. */
export const fiveMinutes: TimeWindow = { pastMs: 5 * 60_000, aheadMs: 5 * 60_000 };

const stampPattern: Readonly<Record<StampUnit, RegExp>> = { s: /^[1-9]\d{0,10}$/, ms: /^[1-9]\d{11,13}$/ };
const unitNames: Readonly<Record<StampUnit, string>> = { s: 'seconds', ms: 'milliseconds' };

/** Reads a header's epoch time as ms. Digits of that very unit only: were the wrong unit taken, every window would pass. */
export function readStamp(name: string, text: string, unit: StampUnit): number | Refused {
  if (!stampPattern[unit].test(text)) {
    return refused('header', `${name} must hold the time as whole ${unitNames[unit]} since 1970, in digits alone.`);
  }
  return unit === 's' ? Number(text) * 1000 : Number(text);
}

/** Null when the time lies within the window. `signedAt` and `now` are epoch ms. */
export function outsideWindow(signedAt: number, now: number, window: TimeWindow): Refused | null {
  const age = now - signedAt;
  if (age > window.pastMs) {
    const detail = `It was signed ${spell(age)} ago, and ${spell(window.pastMs)} are allowed: an old delivery sent again, or this machine's clock is ahead.`;
    return refused('clock', detail);
  }
  if (-age > window.aheadMs) {
    const detail = `It was signed ${spell(-age)} ahead of this machine's clock, and ${spell(window.aheadMs)} are allowed: one of the two clocks is wrong.`;
    return refused('clock', detail);
  }
  return null;
}

function spell(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds === 1 ? '1 second' : `${seconds} seconds`;
}
