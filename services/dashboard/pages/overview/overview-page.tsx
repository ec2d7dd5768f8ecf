// The firm, or one adviser's book, at a glance: who is engaged, who can sign in, who did, whose rating moves, and what
// other thresholds would change.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { firmActivityQuery, overviewKey, totalsKey, totalsQuery } from '../../api/overview.ts';
import { useChanges } from '../../api/use-changes.ts';
import { useFirm, useStart } from '../../frame/firm.tsx';
import { instantText } from '../../frame/format.ts';
import { oneOf, text, useSearch } from '../../frame/search.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Stale } from '../../parts/states.tsx';
import { AdviserChooser } from './adviser-chooser.tsx';
import { HealthPanel } from './health-panel.tsx';
import { LoginsPanel } from './logins-panel.tsx';
import { MovementsPanels } from './movements-panels.tsx';
import { AccessPanel, RatingPanel } from './totals-panels.tsx';
import { WhatIfPanel } from './what-if-panel.tsx';
import './overview-page.css';

const spans = ['90', '365'] as const;
const fields = { adviser: text(), days: oneOf(spans, '90') };

/** Totals follow changes at most so often. */
const followMsMin = 2_000;

export default function OverviewPage() {
  const { firmId, settings } = useFirm();
  const { me } = useStart();
  const [{ adviser: named, days }, change] = useSearch(fields);
  // Who sees one book alone has nothing to choose.
  const adviser = named === '' || me.adviserId !== null ? null : named;
  const of = { firmId, adviser };
  const totals = useQuery({ ...totalsQuery(of), placeholderData: (before) => before });
  const activity = useQuery({ ...firmActivityQuery(of, Number(days)), placeholderData: (before) => before });
  useFollow(firmId);
  return (
    <>
      <PageHeader
        title="Overview"
        note={noteOf(me.adviserId, settings.timeZone)}
        actions={
          me.adviserId === null ? (
            <AdviserChooser
              advisers={totals.data?.facets.adviser ?? []}
              chosen={adviser}
              onChoose={(id) => change({ adviser: id ?? '' })}
            />
          ) : null
        }
      />
      {totals.data === undefined || totals.error === null ? null : (
        <Stale
          error={totals.error}
          since={instantText(totals.data.evaluatedAt, settings.timeZone)}
          onRetry={() => void totals.refetch()}
        />
      )}
      <div className="overview">
        <RatingPanel totals={totals} adviser={adviser} />
        <AccessPanel totals={totals} adviser={adviser} />
        <HealthPanel activity={activity} />
        <LoginsPanel activity={activity} days={days} onDays={(chosen) => change({ days: chosen })} />
        <MovementsPanels of={of} />
        <WhatIfPanel of={of} />
      </div>
    </>
  );
}

function noteOf(ownBook: string | null, timeZone: string): string {
  return `${ownBook === null ? 'All clients' : 'Your own clients'}, in the days of ${timeZone}`;
}

/** Totals follow what happens; scans are asked for again at their own pace. */
function useFollow(firmId: string): void {
  const queries = useQueryClient();
  const timer = useRef<number | null>(null);
  const follow = () => {
    timer.current ??= window.setTimeout(() => {
      timer.current = null;
      void queries.invalidateQueries({ queryKey: totalsKey(firmId) });
    }, followMsMin);
  };
  useEffect(
    () => () => {
      if (timer.current !== null) window.clearTimeout(timer.current);
    },
    [],
  );
  useChanges(firmId, {
    changed: follow,
    begun: follow,
    missed: () => void queries.invalidateQueries({ queryKey: overviewKey(firmId) }),
  });
}
