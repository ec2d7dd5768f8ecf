// Moving between pages: the address bar is the state, and the browser's own buttons work.
import { type AnchorHTMLAttributes, type MouseEvent, type ReactNode, useSyncExternalStore } from 'react';
import { type Place, pathOf } from './places.ts';

const listeners = new Set<() => void>();
const told = () => {
  for (const listener of listeners) listener();
};

/** How one came to where one is: by loading the page, by a link, or by the browser's back and forward. */
export type Move = 'load' | 'push' | 'pop';
let lastMove: Move = 'load';

// Pages are put together here, so the browser cannot know when they are long enough to scroll to where one was.
window.history.scrollRestoration = 'manual';
const scrolledTo = new Map<string, number>();
const entryKey = () => {
  const state: unknown = window.history.state;
  return typeof state === 'string' ? state : '';
};
let here = entryKey();
window.addEventListener('popstate', () => {
  scrolledTo.set(here, window.scrollY);
  here = entryKey();
  lastMove = 'pop';
  told();
});

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Path and search of the address bar; whoever reads it is drawn anew when it changes. */
export function useAddress(): { readonly pathname: string; readonly search: string } {
  const pathname = useSyncExternalStore(subscribe, () => window.location.pathname);
  const search = useSyncExternalStore(subscribe, () => window.location.search);
  return { pathname, search };
}

/** `replace` leaves no step for the back button: for what follows the same thought, such as a word being typed. */
export function navigate(href: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  if (href === window.location.pathname + window.location.search) return;
  if (replace) window.history.replaceState(here, '', href);
  else {
    scrolledTo.set(here, window.scrollY);
    here = crypto.randomUUID();
    lastMove = 'push';
    window.history.pushState(here, '', href);
  }
  told();
}

export function howMoved(): Move {
  return lastMove;
}

/** Where one was on this page before, or its top. */
export function scrollToPlace(): void {
  window.scrollTo(0, (lastMove === 'pop' ? scrolledTo.get(here) : undefined) ?? 0);
}

/** `search` as searchOf makes it. */
export function hrefOf(place: Place, search = ''): string {
  return pathOf(place) + search;
}

type LinkProps = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> & {
  readonly to: Place;
  readonly search?: string;
  readonly children: ReactNode;
};

/** A plain link that does not load the page anew; with a modifier key it opens a tab, as any link. */
export function Link({ to, search = '', onClick, children, ...rest }: LinkProps) {
  const href = hrefOf(to, search);
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (event.defaultPrevented || !isPlain || (rest.target !== undefined && rest.target !== '_self')) return;
    event.preventDefault();
    navigate(href);
  };
  return (
    <a {...rest} href={href} onClick={follow}>
      {children}
    </a>
  );
}
