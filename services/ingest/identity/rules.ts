// Whose an event is, as the rules of its source say: a firm, and then a client by id, or something to ask the index for.

import { Address, normaliseAddress } from '../../core/events/parts.ts';
import { ClientId, FirmId } from '../../core/ids.ts';
import type { Draft, Subject } from '../providers/provider.ts';
import type { FirmRule, Rules } from '../sources/source.ts';

/** What the index is asked: whose the address is, or else which client that user of the provider was found to be. */
export type Asked = {
  readonly firmId: FirmId;
  /** Normalised. */
  readonly address: string | null;
  readonly userId: string | null;
};

export type Owner =
  | { readonly kind: 'client'; readonly firmId: FirmId; readonly clientId: ClientId }
  | ({ readonly kind: 'ask' } & Asked)
  /** `detail` names fields, never what they hold. */
  | { readonly kind: 'nobody'; readonly detail: string };

/**
 * A failed login changes nothing. Of nobody known it is ignored: whoever tries names at random must fill neither the waiting
 * place nor the dead letters.
 */
export function isFailure(draft: Draft): boolean {
  return draft.topic === 'login' && draft.event.outcome === 'failure';
}

export const failureOfNobody = 'a failed login of nobody known';

export function ownerOf(rules: Rules, subject: Subject): Owner {
  const firm = firmOf(rules.firm, subject);
  if (typeof firm === 'object') return { kind: 'nobody', ...firm };
  const empty: string[] = [];
  for (const rule of rules.client) {
    if (rule.kind === 'email') {
      const address = addressOf(subject.email);
      if (address !== null || subject.userId !== null) {
        return { kind: 'ask', firmId: firm, address, userId: subject.userId };
      }
      empty.push('email');
      continue;
    }
    const name = rule.kind === 'userId' ? 'userId' : `field ${rule.field}`;
    const text = rule.kind === 'userId' ? subject.userId : fieldOf(subject, rule.field);
    if (text === null) {
      empty.push(name);
      continue;
    }
    const clientId = ClientId.safeParse(text);
    if (clientId.success) return { kind: 'client', firmId: firm, clientId: clientId.data };
    return { kind: 'nobody', detail: `client: ${name} is no client id of ours` };
  }
  return { kind: 'nobody', detail: `client: the event has no ${empty.join(', no ')}` };
}

function firmOf(rule: FirmRule, subject: Subject): FirmId | { readonly detail: string } {
  if (rule.kind === 'fixed') return rule.firmId;
  const text = fieldOf(subject, rule.field);
  if (text === null) return { detail: `firm: the event has no field ${rule.field}` };
  if (rule.firms !== null) {
    return rule.firms.get(text) ?? { detail: `firm: "firms" of the source does not tell what ${rule.field} says` };
  }
  const firmId = FirmId.safeParse(text);
  return firmId.success ? firmId.data : { detail: `firm: field ${rule.field} is no firm id of ours` };
}

/** A field that is there and not blank. */
function fieldOf({ fields }: Subject, name: string): string | null {
  const text = Object.hasOwn(fields, name) ? fields[name]?.trim() : undefined;
  return text === undefined || text === '' ? null : text;
}

function addressOf(email: string | null): string | null {
  const address = Address.safeParse(email);
  return address.success ? normaliseAddress(address.data) : null;
}
