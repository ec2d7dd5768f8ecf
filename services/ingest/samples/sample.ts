// What a sample is: a realistic delivery of a provider, made anew each time, to try a source with and to test mappers by.

/** What makes one delivery differ from the last. */
export type Moment = {
  /** Epoch ms: when it happens. */
  readonly now: number;
  /** 32 hex digits that no other delivery has. */
  readonly serial: string;
  /** Whom it is about. */
  readonly person: Person;
};

export type Person = { readonly id: string; readonly email: string };

export type Sample = {
  /** As in `signalfold trigger <provider>.<name>`; the provider's own word for it. */
  readonly name: string;
  /** What happens, in a few words. */
  readonly about: string;
  /** Understood, and of no concern for engagement: to see that it is left alone. */
  readonly ignored?: true;
  /** Sent as application/x-www-form-urlencoded; as JSON unless said. */
  readonly form?: true;
  /** The provider's own headers beside content type and signature, names in lower case. */
  readonly headers?: (moment: Moment) => Readonly<Record<string, string>>;
  /** The body before it is written as JSON, or as a form. */
  readonly body: (moment: Moment) => Readonly<Record<string, unknown>> | readonly unknown[];
};

/** Whom samples are about unless told otherwise, so that one source with one client shows them all. */
export const somebody: Person = { id: 'client-1', email: 'client-1@example.org' };

/** What that person signs in and reads with. */
export const browser = {
  userAgent:
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  ip: '203.0.113.7',
} as const;

/** A colleague at the firm. */
export const colleague = { id: 'colleague-1', email: 'colleague-1@firm.example', name: 'Colleague 1' } as const;

/** RFC 3339, UTC, milliseconds. */
export function rfc3339(moment: Moment): string {
  return new Date(moment.now).toISOString();
}

/** A version-4 UUID, or the n-th other one of the same delivery. */
export function uuid(moment: Moment, nth = 0): string {
  const first = ((Number.parseInt(moment.serial.slice(0, 8), 16) + nth) >>> 0).toString(16).padStart(8, '0');
  const hex = `${first}${moment.serial.slice(8)}`;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
