// Searching by parts of names, several at once. It asks when one pauses, and leaves no trail of half-typed words for the
// back button.
import { useEffect, useEffectEvent, useState } from 'react';
import { Icon } from '../../parts/icons.tsx';

const pauseMs = 250;

type SearchBoxProps = { readonly names: readonly string[]; readonly onSearch: (names: readonly string[]) => void };

export function SearchBox({ names, onSearch }: SearchBoxProps) {
  const [typed, setTyped] = useState(names.join(', '));
  const current = JSON.stringify(names);
  const follow = useEffectEvent(() => {
    if (JSON.stringify(namesIn(typed)) !== current) setTyped(names.join(', '));
  });
  // The address changed by other means: the back button, a link, "clear".
  // biome-ignore lint/correctness/useExhaustiveDependencies: as text, because the list is another one each time.
  useEffect(follow, [current]);
  const search = useEffectEvent(() => {
    if (JSON.stringify(namesIn(typed)) !== current) onSearch(namesIn(typed));
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each key begins the pause anew.
  useEffect(() => {
    const pause = window.setTimeout(() => search(), pauseMs);
    return () => window.clearTimeout(pause);
  }, [typed]);
  return (
    <search className="search-box">
      <Icon name="search" size={16} />
      <input
        type="search"
        className="input"
        aria-label="Search clients by name"
        placeholder="Search names; several by comma"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        spellCheck={false}
        autoComplete="off"
      />
    </search>
  );
}

function namesIn(typed: string): readonly string[] {
  return [...new Set(typed.split(',').map((name) => name.trim()))].filter((name) => name !== '');
}
