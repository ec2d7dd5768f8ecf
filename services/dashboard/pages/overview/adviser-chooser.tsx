// Whose clients the overview is about: everybody's, or one adviser's.
import { useId } from 'react';
import type { List } from '../../../query/wire.ts';
import { count } from '../../frame/format.ts';
import { Select } from '../../parts/select.tsx';

type ChooserProps = {
  readonly advisers: List['facets']['adviser'];
  readonly chosen: string | null;
  readonly onChoose: (id: string | null) => void;
};

export function AdviserChooser({ advisers, chosen, onChoose }: ChooserProps) {
  const id = useId();
  const isListed = chosen === null || advisers.some((adviser) => adviser.id === chosen);
  return (
    <div className="adviser-chooser">
      <label htmlFor={id}>Adviser</label>
      <Select id={id} value={chosen ?? ''} onChange={(event) => onChoose(event.target.value || null)}>
        <option value="">Everybody’s clients</option>
        {isListed ? null : <option value={chosen}>{chosen}</option>}
        {advisers.map(({ id: adviser, name, count: clients }) => (
          <option key={adviser} value={adviser}>
            {name ?? adviser} ({count(clients)})
          </option>
        ))}
      </Select>
    </div>
  );
}
