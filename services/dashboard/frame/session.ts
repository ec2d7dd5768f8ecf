// Who is signed in: a key or token, kept in memory and for as long as this tab lives, never in the address or a cookie. What
// came from the issuer is renewed before it expires: without leaving the page where the issuer allows it, else by way of the
// issuer and back to this very address.
import { useSyncExternalStore } from 'react';
import type { Granted, Issuer } from './issuer.ts';

export type Session = {
  /** Counts readers: another one, other answers. A token that is renewed is no other reader. */
  readonly reader: number;
  /** The service did not take what it was given, or was given nothing and wants something: what it said. */
  readonly refused: string | null;
};

/** A sign-in at the issuer. Its refresh token is not stored: it lives longer than a tab should. */
type Stay = { readonly issuer: Issuer; readonly renewAt: number | null; readonly idToken: string | null };

const tokenKey = 'signalfold.token';
const stayKey = 'signalfold.stay';

const listeners = new Set<() => void>();
let session: Session = { reader: 0, refused: null };
let token: string | null = window.sessionStorage.getItem(tokenKey);
let stay: Stay | null = JSON.parse(window.sessionStorage.getItem(stayKey) ?? 'null');
let refreshToken: string | null = null;
let renewing: Promise<void> | null = null;

function keep(nextToken: string | null, nextStay: Stay | null): void {
  token = nextToken;
  stay = nextStay;
  for (const [key, text] of [
    [tokenKey, token],
    [stayKey, stay === null ? null : JSON.stringify(stay)],
  ] as const) {
    if (text === null) window.sessionStorage.removeItem(key);
    else window.sessionStorage.setItem(key, text);
  }
}

function tell(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

/** The token to call with; null: none is known. Renewed first when it is about to expire. */
export async function freshToken(): Promise<string | null> {
  if (stay !== null && stay.renewAt !== null && stay.renewAt < Date.now()) {
    renewing ??= renewed(stay).finally(() => {
      renewing = null;
    });
    await renewing;
  }
  return token;
}

async function renewed({ issuer }: Stay): Promise<void> {
  try {
    const { renew, leaveFor } = await import('./issuer.ts');
    if (refreshToken !== null) keepGranted(issuer, await renew(issuer, refreshToken));
    else await leaveFor(issuer, window.location.pathname + window.location.search, true);
  } catch {
    // With the token as it is: the service says that it does not count any more, and one signs in again.
    refreshToken = null;
  }
}

function keepGranted(issuer: Issuer, granted: Granted): void {
  refreshToken = granted.refreshToken;
  keep(granted.token, { issuer, renewAt: granted.renewAt, idToken: granted.idToken ?? stay?.idToken ?? null });
}

export function signIn(given: string): void {
  refreshToken = null;
  keep(given, null);
  tell({ reader: session.reader + 1, refused: null });
}

/** With what the issuer granted. */
export function signInBy(issuer: Issuer, granted: Granted): void {
  keepGranted(issuer, granted);
  tell({ reader: session.reader + 1, refused: null });
}

export function isSignedIn(): boolean {
  return token !== null;
}

/** `why`: what the service said; null when it wants to know who one is, and was told nothing. */
export function signOut(why: string | null): void {
  // Several requests may be refused at once: the first says why.
  if (token === null && session.refused !== null) return;
  refreshToken = null;
  keep(null, null);
  tell({ reader: session.reader, refused: why ?? '' });
}

/** Of the issuer too, where one signed in there and it offers that: else the next sign-in would ask nothing. */
export async function leave(): Promise<void> {
  const left = stay;
  signOut(null);
  if (left === null) return;
  const { farewellAt } = await import('./issuer.ts');
  const address = await farewellAt(left.issuer, left.idToken).catch(() => null);
  if (address !== null) window.location.assign(address);
}

/** Whoever keeps answers forgets them when another reader comes. Answers how to stop listening. */
export function onSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSession(): Session {
  return useSyncExternalStore(onSession, () => session);
}
