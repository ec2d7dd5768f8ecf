// The firm that a page is about, and what the page knows of it from the start.
import { createContext, type ReactNode, useContext } from 'react';
import type { Firms, Me } from '../../query/wire.ts';

export type Start = { readonly me: Me; readonly firms: Firms['items']; readonly labels: Firms['labels'] };
type Firm = Firms['items'][number];

const StartContext = createContext<Start | null>(null);
const FirmContext = createContext<Firm | null>(null);

export function StartProvider({ start, children }: { readonly start: Start; readonly children: ReactNode }) {
  return <StartContext value={start}>{children}</StartContext>;
}

export function FirmProvider({ firm, children }: { readonly firm: Firm; readonly children: ReactNode }) {
  return <FirmContext value={firm}>{children}</FirmContext>;
}

export function useStart(): Start {
  const start = useContext(StartContext);
  if (start === null) throw new Error('There is no StartProvider around this.');
  return start;
}

/** Within pages that are of a firm. */
export function useFirm(): Firm {
  const firm = useContext(FirmContext);
  if (firm === null) throw new Error('There is no FirmProvider around this.');
  return firm;
}
