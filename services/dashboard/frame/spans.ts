// How far apart two instants are, in words.
const relative = new Intl.RelativeTimeFormat('en-GB', { numeric: 'always' });

const units = [
  { unit: 'day', ms: 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
] as const;

/** "3 days ago", "in 5 hours"; whole units, rounded towards now. Both RFC 3339. */
export function fromNow(instant: string, now: string): string {
  const ms = Date.parse(instant) - Date.parse(now);
  for (const { unit, ms: one } of units) {
    const whole = Math.trunc(ms / one);
    if (whole !== 0) return relative.format(whole, unit);
  }
  return ms < 0 ? 'just now' : 'within a minute';
}
