// What a source is: a provider whose events come in, as one line of configuration says, read and checked.
import type { FirmId } from '../../core/ids.ts';
import type { Offer } from '../providers/offer.ts';
import type { Provider } from '../providers/provider.ts';
import type { Puller } from '../providers/puller.ts';
import type { Scheme, Verify } from '../verify/verification.ts';

/** Where the firm of an event is written. */
export type FirmRule =
  | { readonly kind: 'fixed'; readonly firmId: FirmId }
  /** `firms`: the provider's words for our firms; null: the field holds our id. */
  | { readonly kind: 'field'; readonly field: string; readonly firms: ReadonlyMap<string, FirmId> | null };

/** Where the client of an event is written; `email` asks the index of addresses, the others hold our id. */
export type ClientRule =
  | { readonly kind: 'userId' }
  | { readonly kind: 'email' }
  | { readonly kind: 'field'; readonly field: string };

export type Rules = {
  readonly firm: FirmRule;
  /** In order: the first that an event has an answer to decides. */
  readonly client: readonly ClientRule[];
};

/** How a webhook is verified, and what its provider signs with. */
export type Signing = {
  readonly scheme: Scheme;
  readonly secrets: readonly string[];
  readonly options: unknown;
  readonly verify: Verify;
};

export type Transport =
  /** `signing` null: by nothing, which only loopback may. */
  | { readonly kind: 'webhook'; readonly signing: Signing | null }
  /** The topic's name as the broker has it: our prefix is not put in front. */
  | { readonly kind: 'kafka'; readonly topic: string }
  | { readonly kind: 'pull'; readonly puller: Puller };

export type Source = {
  /** In lower case, digits and "-"; part of the webhook's address and of event ids, so it never changes. */
  readonly name: string;
  readonly offer: Offer;
  /** The offer's, or one made for this source. */
  readonly provider: Provider;
  readonly rules: Rules;
  /** Events whose field is there and says none of these are ignored, as logins to another application of the realm. */
  readonly only: Readonly<Record<string, readonly string[]>>;
  /** IANA zone of times that say none. */
  readonly zone: string;
  /** Where the provider calls, as it knows it; null: as the request says. */
  readonly url: string | null;
  readonly transport: Transport;
};

/** How long and how many events may wait for a client that is not known yet. */
export type WaitingBounds = { readonly days: number; readonly count: number };

export type Sources = {
  readonly sources: readonly Source[];
  readonly waiting: WaitingBounds;
};

export const noSources: Sources = { sources: [], waiting: { days: 30, count: 10_000 } };

/** The field by which an event is not what the source is narrowed to; null when it is. A field that is not there is no matter. */
export function elsewhereBy({ only }: Source, fields: Readonly<Record<string, string>>): string | null {
  const found = Object.entries(only).find(([field, values]) => {
    const value = Object.hasOwn(fields, field) ? fields[field] : undefined;
    return value !== undefined && !values.includes(value);
  });
  return found?.[0] ?? null;
}

/** True when some rule asks whose an address is, so that the index has to be kept. */
export function asksIndex({ rules }: Source): boolean {
  return rules.client.some(({ kind }) => kind === 'email');
}
