// Every sort the list knows, and both directions; the heads of the columns are only the quicker way to some of them.
import type { ListSort } from '../../../query/wire.ts';
import { useStart } from '../../frame/firm.tsx';
import { Button } from '../../parts/button.tsx';
import { Select } from '../../parts/select.tsx';
import { type ListState, sorts } from './list-fields.ts';

type SortChoiceProps = { readonly state: ListState; readonly change: (changed: Partial<ListState>) => void };

export function SortChoice({ state, change }: SortChoiceProps) {
  const { labels } = useStart();
  const isAscending = state.order === 'asc';
  const choose = (given: string) => {
    const sort = sorts.find((one): one is ListSort => one === given);
    if (sort !== undefined) change({ sort });
  };
  return (
    <div className="sort-choice">
      <Select aria-label="Sort by" value={state.sort} onChange={(event) => choose(event.target.value)}>
        {sorts.map((sort) => (
          <option key={sort} value={sort}>
            {labels.sort[sort]}
          </option>
        ))}
      </Select>
      <Button
        icon={isAscending ? 'up' : 'down'}
        aria-label={isAscending ? 'Ascending; sort descending' : 'Descending; sort ascending'}
        title={isAscending ? 'Ascending' : 'Descending'}
        onClick={() => change({ order: isAscending ? 'desc' : 'asc' })}
      />
    </div>
  );
}
