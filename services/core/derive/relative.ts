// "14 hours ago": how long ago an instant was, in the largest unit that fits.
import { dayMs } from '../time.ts';

const units = [
  { name: 'year', ms: 365 * dayMs },
  { name: 'month', ms: 30 * dayMs },
  { name: 'day', ms: dayMs },
  { name: 'hour', ms: 3_600_000 },
  { name: 'minute', ms: 60_000 },
] as const;

/** Both in epoch ms; whole units, rounded down; "just now" below a minute. */
export function relativeTo(now: number, instant: number): string {
  const age = now - instant;
  for (const unit of units) {
    const count = Math.floor(age / unit.ms);
    if (count >= 1) return `${count} ${unit.name}${count === 1 ? '' : 's'} ago`;
  }
  return 'just now';
}
