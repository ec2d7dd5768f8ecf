// The heads of the columns, which sort; on a phone there is no room for them, and the choice of the sort stands alone.
import { Icon } from '../../parts/icons.tsx';
import { type Column, columns } from './columns.tsx';
import type { ListState } from './list-fields.ts';

type HeadProps = {
  readonly state: ListState;
  readonly change: (changed: Partial<ListState>) => void;
  readonly isNarrow: boolean;
};

const nameColumn: Column = { id: 'name', head: 'Client', sort: 'last_name', cell: () => null };

export function Head({ state, change, isNarrow }: HeadProps) {
  return (
    <thead className={isNarrow ? 'unseen' : 'rows-head'}>
      <tr aria-rowindex={1} className="row-head">
        {[nameColumn, ...(isNarrow ? [] : columns)].map((column) => (
          <ColumnHead key={column.id} column={column} state={state} change={change} canSort={!isNarrow} />
        ))}
      </tr>
    </thead>
  );
}

type ColumnHeadProps = Omit<HeadProps, 'isNarrow'> & { readonly column: Column; readonly canSort: boolean };

function ColumnHead({ column, state, change, canSort }: ColumnHeadProps) {
  const { id, head, longHead, sort, firstOrder = 'asc', isNumber } = column;
  const isSorted = sort === state.sort;
  const other = state.order === 'asc' ? 'desc' : 'asc';
  return (
    <th
      scope="col"
      className={`cell cell-${id} ${isNumber === true ? 'cell-number' : ''}`}
      aria-sort={isSorted ? (state.order === 'asc' ? 'ascending' : 'descending') : undefined}
    >
      {sort === undefined || !canSort ? (
        <span title={longHead}>
          <span className="unseen">{longHead ?? head}</span>
          <span aria-hidden="true">{head}</span>
        </span>
      ) : (
        <button
          type="button"
          className="head-button"
          onClick={() => change({ sort, order: isSorted ? other : firstOrder })}
        >
          {head}
          {isSorted ? <Icon name={state.order === 'asc' ? 'up' : 'down'} size={13} /> : null}
        </button>
      )}
    </th>
  );
}
