// Spans, rates and instants as this page writes them.
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const rate = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 3 });

/** "10:48:12", by the reader's own clock: this page is of no firm. */
export function clockTime(instant: string): string {
  return clock.format(new Date(instant));
}

export function momentText(instant: string): string {
  return moment.format(new Date(instant));
}

export function perSecond(value: number): string {
  return rate.format(value);
}

/** "80 ms", "12 s", "5 min", "3 h", "90 days". */
export function span(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 120) return `${rate.format(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

export function bytes(size: number): string {
  return size < 1024 ? `${size} bytes` : `${Math.round(size / 1024)} KiB`;
}
