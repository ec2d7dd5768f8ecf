// Numbers, days and instants as people read them. Words that follow a rule ("14 hours ago", "At Risk") come from the API.

const locale = 'en-GB';
const whole = new Intl.NumberFormat(locale);
const share = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });

export function count(value: number): string {
  return whole.format(value);
}

/** `part` of `all`; a dash where there is nothing to be a part of. */
export function percent(part: number, all: number): string {
  return all === 0 ? '–' : share.format(part / all);
}

/** "1 client", "2,140 clients". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Something of it is seen when it is written: neither spaces alone, nor signs that only steer how others are written. */
const visible = /[^\p{Z}\p{C}]/u;

/** What a client is called: by its names, or by its id where they say nothing. */
export function nameOf(client: {
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly clientId: string;
}): string {
  const { firstName, lastName, clientId } = client;
  return [firstName, lastName].filter((part) => part !== null && visible.test(part)).join(' ') || clientId;
}

/** "24 Nov 2026, 09:30:12 GMT", in the firm's zone. `instant`: RFC 3339. */
export function instantText(instant: string, timeZone: string): string {
  return cached(timeZone, { dateStyle: 'medium', timeStyle: 'long' }).format(new Date(instant));
}

/** "24 Nov 2026", in the firm's zone. */
export function dayOfInstant(instant: string, timeZone: string): string {
  return cached(timeZone, { dateStyle: 'medium' }).format(new Date(instant));
}

/** "09:30", in the firm's zone. */
export function timeOfDay(instant: string, timeZone: string): string {
  return cached(timeZone, { timeStyle: 'short' }).format(new Date(instant));
}

/** "24 Nov 2026". `date`: YYYY-MM-DD, of no zone. */
export function dateText(date: string): string {
  return cached('UTC', { dateStyle: 'medium' }).format(new Date(`${date}T00:00:00Z`));
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making one takes longer than a hundred uses. */
function cached(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${timeZone} ${JSON.stringify(options)}`;
  const format = formats.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, timeZone });
  formats.set(key, format);
  return format;
}
