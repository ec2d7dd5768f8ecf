// The list of a firm's clients: found by name, filtered, sorted, followed live, and taken along as a file.
import { useEffect, useRef } from 'react';
import { useFirm, useStart } from '../../frame/firm.tsx';
import { count, counted, timeOfDay } from '../../frame/format.ts';
import { howMoved } from '../../frame/router.tsx';
import { useSearch } from '../../frame/search.ts';
import { Button } from '../../parts/button.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Empty, Failed, Stale } from '../../parts/states.tsx';
import { CsvButton } from './csv-button.tsx';
import { MoreFilters, RatingFilter } from './filters.tsx';
import { hasFilters, type ListState, listFields, noFilters } from './list-fields.ts';
import { Rows } from './rows.tsx';
import { SearchBox } from './search-box.tsx';
import { SortChoice } from './sort-choice.tsx';
import { useWalk } from './use-walk.ts';
import './clients-page.css';

export default function ClientsPage() {
  const { firmId, settings } = useFirm();
  const { me } = useStart();
  const [state, change] = useSearch(listFields);
  const walked = useWalk(firmId, state);
  const { view, isOld, restart } = walked;
  const top = useRef<HTMLDivElement>(null);
  const search = JSON.stringify(state);
  const shownSearch = useRef(search);
  useEffect(() => {
    if (shownSearch.current === search) return;
    shownSearch.current = search;
    // Another question begins at its first answer.
    if (howMoved() !== 'pop' && (top.current?.getBoundingClientRect().top ?? 0) < 0) top.current?.scrollIntoView();
  }, [search]);
  const facets = view.now?.facets ?? null;
  const begunAt = view.first === null ? '' : timeOfDay(view.first.evaluatedAt, settings.timeZone);
  return (
    <>
      <PageHeader
        title="Clients"
        note={
          <span role="status">
            {view.now === null ? 'Counting …' : noteOf(view.now.total, state)}
            {me.adviserId === null ? '' : ' · your own book'}
          </span>
        }
        actions={me.scopes.includes('export') ? <CsvButton state={state} total={view.now?.total ?? null} /> : undefined}
      />
      <div className="list-tools">
        <RatingFilter state={state} facets={facets} change={change} />
        <div className="list-bar">
          <SearchBox names={state.name} onSearch={(name) => change({ name }, { replace: true })} />
          <div className="list-filters">
            <MoreFilters state={state} facets={facets} change={change} />
            {hasFilters(state) ? (
              <Button kind="plain" icon="close" onClick={() => change(noFilters)}>
                Clear all
              </Button>
            ) : null}
          </div>
          <SortChoice state={state} change={change} />
        </div>
      </div>
      <div ref={top} className="list-place">
        {view.moved > 0 && !isOld ? <Moved moved={view.moved} restart={restart} /> : null}
        {view.error !== null && view.rows.length > 0 ? (
          <Stale error={view.error} since={begunAt} onRetry={restart} />
        ) : null}
        <List walked={walked} state={state} change={change} />
      </div>
    </>
  );
}

type ListProps = {
  readonly walked: ReturnType<typeof useWalk>;
  readonly state: ListState;
  readonly change: (changed: Partial<ListState>) => void;
};

function List({ walked, state, change }: ListProps) {
  const { view, restart } = walked;
  if (view.error !== null && view.rows.length === 0) return <Failed error={view.error} onRetry={restart} />;
  if (view.first?.total === 0 && hasFilters(state)) {
    return (
      <Empty
        icon="search"
        title="Nobody matches"
        action={<Button onClick={() => change(noFilters)}>Clear all filters</Button>}
      >
        Take a filter away, or search for a part of the name.
      </Empty>
    );
  }
  if (view.first?.total === 0) {
    return (
      <Empty icon="clients" title="No clients yet">
        A client is listed once its profile has arrived: send it to <code>POST /v1/events/client</code>.
      </Empty>
    );
  }
  return (
    <>
      <Rows walked={walked} state={state} change={change} />
      {view.first !== null && view.rows.length >= view.first.total ? (
        <p className="list-end">{view.first.total > 1 ? `All ${count(view.first.total)} clients` : 'That is all'}</p>
      ) : null}
    </>
  );
}

function Moved({ moved, restart }: { readonly moved: number; readonly restart: () => void }) {
  return (
    <div className="list-moved" role="status">
      <p>{counted(moved, 'client')} changed and may stand elsewhere by now.</p>
      <Button kind="plain" icon="refresh" onClick={restart}>
        Refresh
      </Button>
    </div>
  );
}

function noteOf(total: number, state: ListState): string {
  return hasFilters(state)
    ? `${counted(total, 'client')} ${total === 1 ? 'matches' : 'match'}`
    : counted(total, 'client');
}
