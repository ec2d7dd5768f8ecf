// What design §5 and §12 promise a view to remember, said about a history and not about an implementation: the 32 logins
// last seen exactly, the 64 before them to the quarter hour; 8 emails, 8 invites, 8 outbound messages exactly.
import type { CanonicalEvent } from '../../services/core/topics.ts';
import { instantOf, marks } from './events.ts';
import { minuteMs, quarterMs } from './timeline.ts';

export const loginsExactMin = 32;
export const loginsMin = 96;
export const mailsExactMin = 8;

/** The session or message that an event may count for, by a name that tells the kinds apart; null when it never counts. */
export function countsFor({ topic, event }: CanonicalEvent): string | null {
  if (topic === 'login') return event.outcome === 'success' && event.interactive ? `login ${event.sessionId}` : null;
  if (topic === 'email') {
    return event.status === 'sent' || event.status === 'delivered' ? `email ${event.messageId}` : null;
  }
  if (topic === 'message') return `${event.direction} ${event.messageId}`;
  return null;
}

type Seen = { readonly login: number[]; readonly email: number[]; readonly outbound: number[] };

/** When each session, email and outbound message was last seen, over the whole history. Impersonated sessions took room. */
export function lastSeen(events: readonly CanonicalEvent[]): Seen {
  const newestOf = new Map<string, number>();
  for (const event of events) {
    const id = countsFor(event);
    if (id !== null) newestOf.set(id, Math.max(newestOf.get(id) ?? 0, instantOf(event)));
  }
  const of = (kind: string): number[] =>
    [...newestOf].filter(([id]) => id.startsWith(`${kind} `)).map(([, instant]) => instant);
  return { login: of('login'), email: of('email'), outbound: of('outbound') };
}

/**
 * True when neither what happened at `instant` nor anything else of its quarter hour can ever have left the ledger, in
 * whatever order the history arrived. (Of a settled neighbour only the quarter hour may be known, and it could be later.)
 */
export function staysExact(seen: readonly number[], instant: number, ledgerMin: number): boolean {
  const quarter = Math.floor(instant / quarterMs) * quarterMs;
  return seen.filter((other) => other >= quarter).length <= ledgerMin;
}

/** True when the ledgers alone hold the whole history, so that everything about it is known exactly. */
export function fitsLedgers(events: readonly CanonicalEvent[]): boolean {
  const { login, email, outbound } = lastSeen(events);
  return login.length <= loginsExactMin && email.length <= mailsExactMin && outbound.length <= mailsExactMin;
}

/**
 * The events of a heavy history, in order of time, that find their session or message while at most the given number of
 * others have been seen in its last minute or since; the others are left out, because nobody promises anything of them.
 */
export function withinMemory(
  inOrder: readonly CanonicalEvent[],
  newerMax: { readonly logins: number; readonly mails: number },
): readonly CanonicalEvent[] {
  const marked = new Set<string>();
  const minutesOf = new Map<string, Map<string, number>>();
  return inOrder.filter((event) => {
    const mark = marks(event);
    const id = mark && 'sessionId' in event.event ? `login ${event.event.sessionId}` : countsFor(event);
    if (id === null || marked.has(id)) return true;
    const kind = id.slice(0, id.indexOf(' '));
    const minutes = minutesOf.get(kind) ?? new Map<string, number>();
    minutesOf.set(kind, minutes);
    const minute = Math.floor(instantOf(event) / minuteMs);
    const seen = minutes.get(id);
    if (seen !== undefined) {
      const newer = [...minutes.values()].filter((other) => other >= seen).length - 1;
      if (newer > (kind === 'login' ? newerMax.logins : newerMax.mails)) return false;
    }
    if (mark) marked.add(id);
    else minutes.set(id, Math.max(minute, seen ?? 0));
    return true;
  });
}
