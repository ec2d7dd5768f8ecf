// Who is signed in: a key or token, kept in memory and for as long as this tab lives, never in the address or a cookie.
import { useSyncExternalStore } from 'react';

export type Session = {
  readonly token: string | null;
  /** The service did not take what it was given, or was given nothing and wants something: what it said. */
  readonly refused: string | null;
};

const storageKey = 'signalfold.token';
const listeners = new Set<() => void>();
let session: Session = { token: window.sessionStorage.getItem(storageKey), refused: null };

function set(next: Session): void {
  session = next;
  if (next.token === null) window.sessionStorage.removeItem(storageKey);
  else window.sessionStorage.setItem(storageKey, next.token);
  for (const listener of listeners) listener();
}

export function currentToken(): string | null {
  return session.token;
}

export function signIn(token: string): void {
  set({ token, refused: null });
}

/** `refused`: what the service said; null when one signs out by oneself. */
export function signOut(refused: string | null): void {
  // Several requests may be refused at once: the first says why.
  if (session.token === null && session.refused !== null) return;
  set({ token: null, refused: refused ?? '' });
}

/** Whoever keeps answers forgets them when another reader comes. Answers how to stop listening. */
export function onSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSession(): Session {
  return useSyncExternalStore(onSession, () => session);
}
