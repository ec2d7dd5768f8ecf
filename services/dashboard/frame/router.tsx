// Moving between pages: the address bar is the state, and the browser's own buttons work.
import { type AnchorHTMLAttributes, type MouseEvent, type ReactNode, useSyncExternalStore } from 'react';
import { type Place, pathOf } from './places.ts';

const listeners = new Set<() => void>();
const told = () => {
  for (const listener of listeners) listener();
};
let hasMovedBefore = false;
window.addEventListener('popstate', () => {
  hasMovedBefore = true;
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
  if (replace) window.history.replaceState(null, '', href);
  else {
    window.history.pushState(null, '', href);
    hasMovedBefore = true;
  }
  told();
}

/** Whether one came to this page from another of ours: the first page after loading keeps the focus where it is. */
export function hasMoved(): boolean {
  return hasMovedBefore;
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
