// Whether there is room for a table, or for tiles alone. The same width as in the style sheet.
import { useSyncExternalStore } from 'react';

const narrow = window.matchMedia('(max-width: 47.99rem)');

export function useIsNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      narrow.addEventListener('change', listener);
      return () => narrow.removeEventListener('change', listener);
    },
    () => narrow.matches,
  );
}
