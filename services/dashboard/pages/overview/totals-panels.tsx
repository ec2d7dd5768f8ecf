// Ratings and access of all clients: the very totals of the list, which each bar leads to.
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { List, Rating } from '../../../query/wire.ts';
import { useFirm, useStart } from '../../frame/firm.tsx';
import { counted } from '../../frame/format.ts';
import { Panel } from '../../parts/panel.tsx';
import { Empty, Failed, Loading } from '../../parts/states.tsx';
import { Bars, type Part } from './bars.tsx';

type TotalsProps = { readonly totals: UseQueryResult<List>; readonly adviser: string | null };

const ratings = ['green', 'amber', 'red', 'none'] as const satisfies readonly Rating[];

export function RatingPanel({ totals, adviser }: TotalsProps) {
  const { labels } = useStart();
  return (
    <TotalsPanel title="Engagement" totals={totals} adviser={adviser}>
      {({ total, facets: { rating } }) => {
        const parts = ratings.map((one): Part => {
          return { name: labels.rating[one], mark: one, clients: rating[one], tone: one, filter: { rating: [one] } };
        });
        const rated = parts.reduce((sum, { clients }) => sum + clients, 0);
        // Who never had a portal record and no signal is not "Not Engaged".
        const rest: Part = { name: 'No signal, no portal record', clients: total - rated, tone: 'rest', filter: null };
        return <Bars parts={rated === total ? parts : [...parts, rest]} all={total} adviser={adviser} />;
      }}
    </TotalsPanel>
  );
}

export function AccessPanel({ totals, adviser }: TotalsProps) {
  const { labels } = useStart();
  const { settings } = useFirm();
  return (
    <TotalsPanel
      title="Portal access"
      note={`recently: ${counted(settings.recentDays, 'day')}`}
      totals={totals}
      adviser={adviser}
    >
      {({ total, facets: { access } }) => {
        const part = (one: keyof typeof access, tone: string, isWithin: boolean): Part => {
          return { name: labels.accessFilter[one], clients: access[one], tone, filter: { access: [one] }, isWithin };
        };
        const others = access.has_portal_access - access.logged_in_recently - access.never_logged_in;
        const longAgo = { name: 'Logged in earlier', clients: others, tone: 'access-soft', filter: null };
        const parts: readonly Part[] = [
          part('has_portal_access', 'access', false),
          part('logged_in_recently', 'access', true),
          { ...longAgo, isWithin: true },
          part('never_logged_in', 'access-faint', true),
          part('no_portal_access', 'rest', false),
        ];
        return <Bars parts={parts} all={total} adviser={adviser} />;
      }}
    </TotalsPanel>
  );
}

type PanelProps = {
  readonly title: string;
  readonly note?: string;
  readonly totals: UseQueryResult<List>;
  readonly adviser: string | null;
  readonly children: (list: List) => ReactNode;
};

function TotalsPanel({ title, note = '', totals, adviser, children }: PanelProps) {
  const { data, error } = totals;
  const said = data === undefined ? 'Loading …' : [counted(data.total, 'client'), note].filter(Boolean).join('; ');
  return (
    <Panel title={title} note={error !== null && data === undefined ? undefined : said} className="totals">
      {data !== undefined ? (
        data.total === 0 ? (
          <NobodyYet ofAdviser={adviser !== null} />
        ) : (
          children(data)
        )
      ) : error === null ? (
        <Loading what={title} lines={5} />
      ) : (
        <Failed error={error} onRetry={() => void totals.refetch()} />
      )}
    </Panel>
  );
}

function NobodyYet({ ofAdviser }: { readonly ofAdviser: boolean }) {
  return ofAdviser ? (
    <Empty icon="clients" title="No client of this adviser">
      Choose another adviser, or everybody’s clients.
    </Empty>
  ) : (
    <Empty icon="clients" title="No client yet">
      A client appears with its profile, on the topic <code>client</code>.
    </Empty>
  );
}
