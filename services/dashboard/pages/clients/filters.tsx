// The filters of the list: ratings at a glance and one click away, the others behind a button each; all with how many
// clients they would give.
import type { List } from '../../../query/wire.ts';
import { useFirm, useStart } from '../../frame/firm.tsx';
import { count } from '../../frame/format.ts';
import { ChoiceCount, Choices } from '../../parts/choices.tsx';
import { RatingMark } from '../../parts/lozenge.tsx';
import { Popover } from '../../parts/popover.tsx';
import { accessFilters, type ListState, ratings, statuses } from './list-fields.ts';

type FiltersProps = {
  readonly state: ListState;
  /** Null before the first answer. */
  readonly facets: List['facets'] | null;
  readonly change: (changed: Partial<ListState>) => void;
};

export function RatingFilter({ state, facets, change }: FiltersProps) {
  const { labels } = useStart();
  const { rating: chosen } = state;
  return (
    <fieldset className="rating-filter">
      <legend className="unseen">Engagement rating</legend>
      {ratings.map((rating) => (
        <label key={rating} className={`rating-choice rating-choice-${rating}`}>
          <input
            type="checkbox"
            className="unseen"
            checked={chosen.includes(rating)}
            onChange={() =>
              change({ rating: chosen.includes(rating) ? chosen.filter((one) => one !== rating) : [...chosen, rating] })
            }
          />
          <span className="rating-choice-name">
            <RatingMark rating={rating} />
            {labels.rating[rating]}
          </span>
          <span className="rating-choice-count">{facets === null ? '–' : count(facets.rating[rating])}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function MoreFilters({ state, facets, change }: FiltersProps) {
  const { labels, me } = useStart();
  const { settings } = useFirm();
  const advisers = (facets?.adviser ?? []).map(({ id, name, count: number }) => ({ id, label: name ?? id, number }));
  const types = facets?.type ?? [];
  const status = facets?.status;
  const statusCounts = { active: status?.active, inactive: status?.inactive, all: sum(status) };
  const nameOf = (id: string) => advisers.find((adviser) => adviser.id === id)?.label ?? id;
  return (
    <>
      <Popover label="Access" chosen={shown(state.access.map((one) => labels.accessFilter[one]))}>
        {() => (
          <Choices
            legend="Portal access"
            chosen={state.access}
            onChoose={(values) => change({ access: accessFilters.filter((one) => values.includes(one)) })}
            choices={accessFilters.map((value) => ({
              value,
              label: labels.accessFilter[value],
              count: facets?.access[value] ?? null,
            }))}
            note={`Recently: in the last ${settings.recentDays} days. They overlap.`}
          />
        )}
      </Popover>
      {me.adviserId === null ? (
        <Popover label="Adviser" chosen={shown(state.adviser.map(nameOf))}>
          {() => (
            <Choices
              legend="Adviser"
              chosen={state.adviser}
              onChoose={(adviser) => change({ adviser })}
              choices={[
                ...advisers.map(({ id, label, number }) => ({ value: id, label, count: number })),
                ...state.adviser
                  .filter((id) => !advisers.some((adviser) => adviser.id === id))
                  .map((id) => ({ value: id, label: id, count: 0 })),
              ]}
            />
          )}
        </Popover>
      ) : null}
      <Popover label="Type" chosen={shown(state.type)}>
        {() => (
          <Choices
            legend="Client type"
            chosen={state.type}
            onChoose={(type) => change({ type })}
            choices={[
              ...types.map(({ type, count: number }) => ({ value: type, label: type, count: number })),
              ...state.type
                .filter((one) => !types.some(({ type }) => type === one))
                .map((one) => ({ value: one, label: one, count: 0 })),
            ]}
          />
        )}
      </Popover>
      <Popover label="Status" chosen={state.status === 'all' ? undefined : statusLabels[state.status]}>
        {() => (
          <fieldset className="choices">
            <legend>Client status</legend>
            {statuses.map((one) => (
              <label key={one} className="choice">
                <input
                  type="radio"
                  name="status"
                  checked={state.status === one}
                  onChange={() => change({ status: one })}
                />
                <span className="choice-label">{statusLabels[one]}</span>
                <ChoiceCount number={statusCounts[one] ?? null} />
              </label>
            ))}
          </fieldset>
        )}
      </Popover>
    </>
  );
}

const statusLabels = { all: 'Active and inactive', active: 'Active', inactive: 'Inactive' } as const;

function sum(counts: { readonly active: number; readonly inactive: number } | undefined): number | undefined {
  return counts === undefined ? undefined : counts.active + counts.inactive;
}

function shown(names: readonly string[]): string | undefined {
  const [first, ...more] = names;
  if (first === undefined) return undefined;
  return more.length === 0 ? first : `${first} +${more.length}`;
}
