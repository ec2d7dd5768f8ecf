// Whose clients the overview is about: everybody's, or one adviser's.
import type { List } from '../../../query/wire.ts';
import { count } from '../../frame/format.ts';

type ChooserProps = {
  readonly advisers: List['facets']['adviser'];
  readonly chosen: string | null;
  readonly onChoose: (id: string | null) => void;
};

export function AdviserChooser({ advisers, chosen, onChoose }: ChooserProps) {
  const isListed = chosen === null || advisers.some(({ id }) => id === chosen);
  return (
    <label className="adviser-chooser">
      <span>Adviser</span>
      <select className="input select" value={chosen ?? ''} onChange={(event) => onChoose(event.target.value || null)}>
        <option value="">Everybody’s clients</option>
        {isListed ? null : <option value={chosen}>{chosen}</option>}
        {advisers.map(({ id, name, count: clients }) => (
          <option key={id} value={id}>
            {name ?? id} ({count(clients)})
          </option>
        ))}
      </select>
    </label>
  );
}
