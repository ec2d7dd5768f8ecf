// Maps a body as a source would, and says whose it is by the source's rules, without log, store or service.
import type { ClientKey } from '../core/ids.ts';
import { type AnyDraft, canonicalMessage } from './canonical-message.ts';
import { failureOfNobody, isFailure, ownerOf } from './identity/rules.ts';
import type { Item } from './items.ts';
import type { Mapped, Provider, Subject } from './providers/provider.ts';
import { elsewhereBy, type Source } from './sources/source.ts';

/** Whose an event is, as far as it can be told without the index of addresses. */
export type TriedOwner =
  | { readonly kind: 'client'; readonly client: ClientKey }
  /** A service asks its index by these. */
  | { readonly kind: 'ask'; readonly firmId: string; readonly address: string | null; readonly userId: string | null }
  | { readonly kind: 'nobody'; readonly detail: string }
  /** No source is given, so no rules are. */
  | { readonly kind: 'untold' };

export type Tried =
  | {
      readonly kind: 'event';
      readonly draft: AnyDraft;
      readonly subject: Subject;
      readonly owner: TriedOwner;
      readonly why: string;
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'ignored'; readonly why: string }
  | { readonly kind: 'unusable'; readonly detail: string };

export type Trial = {
  /** Null: as the provider maps, without rules. */
  readonly source: Source | null;
  readonly provider: Provider;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Epoch ms. */
  readonly arrivedAt: number;
  readonly zone: string;
};

/** One outcome for each event, in order. Of an array or of JSON lines each element is mapped alone, as when it arrives. */
export function tryItems(items: readonly Item[], trial: Trial): readonly Tried[] {
  return items.flatMap(({ parsed }) => {
    if (parsed === null) return [{ kind: 'unusable', detail: 'the body: is not JSON in UTF-8' } as const];
    const { headers, arrivedAt, zone } = trial;
    return trial.provider.map({ body: parsed.value, headers, arrivedAt, zone }).map((one) => tried(one, trial));
  });
}

function tried(mapped: Mapped, { source, arrivedAt }: Trial): Tried {
  if (mapped.kind !== 'event') return mapped;
  const { draft, subject, why, warnings } = mapped;
  if (source === null) return { kind: 'event', draft, subject, owner: { kind: 'untold' }, why, warnings };
  const elsewhere = elsewhereBy(source, subject.fields);
  if (elsewhere !== null) return { kind: 'ignored', why: `${elsewhere}: is not what the source is narrowed to` };
  const owner = ownerOf(source.rules, subject);
  if (owner.kind === 'nobody' && isFailure(draft)) return { kind: 'ignored', why: failureOfNobody };
  if (owner.kind !== 'client') return { kind: 'event', draft, subject, owner, why, warnings };
  const client = { firmId: owner.firmId, clientId: owner.clientId };
  const made = canonicalMessage(draft, source.name, client, arrivedAt);
  if (made.kind === 'dead-letter') return { kind: 'unusable', detail: made.detail };
  return { kind: 'event', draft, subject, owner: { kind: 'client', client }, why, warnings };
}
