// One client: portal access, and with it the rating and why, the last login, a year of days, the rating's history, the
// portal logins. Without portal access nothing further.
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Card } from '../../../query/wire.ts';
import { cardQuery, clientKey } from '../../api/client.ts';
import { useChanges } from '../../api/use-changes.ts';
import { useFirm } from '../../frame/firm.tsx';
import { dateText, instantText, nameOf } from '../../frame/format.ts';
import { day, useSearch } from '../../frame/search.ts';
import { AsOf } from '../../parts/as-of.tsx';
import { Lozenge } from '../../parts/lozenge.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Failed, Loading, Stale } from '../../parts/states.tsx';
import { AccessPanel } from './access-panel.tsx';
import { HistoryPanel } from './history-panel.tsx';
import { LastLoginPanel, LoginsPanel } from './logins-panels.tsx';
import { PortalLogins } from './portal-logins.tsx';
import { UnknownClient } from './unknown-client.tsx';
import { WhyPanel } from './why-panel.tsx';
import { YearPanel } from './year-panel.tsx';
import './client-page.css';

const fields = { as_of: day() };

export default function ClientPage({ clientId }: { readonly clientId: string }) {
  const { firmId, settings } = useFirm();
  const [{ as_of: asOf }, change] = useSearch(fields);
  const of = { firmId, clientId, asOf };
  // Another day takes the place of the one before when it is there, so that nothing jumps.
  const card = useQuery({ ...cardQuery(of), placeholderData: keepPreviousData });
  const queries = useQueryClient();
  const reload = () => void queries.invalidateQueries({ queryKey: clientKey(of) });
  useChanges(firmId, { changed: (ids) => ids.has(clientId) && reload(), missed: reload, begun: reload });

  const chooser = <AsOf value={asOf} timeZone={settings.timeZone} onChange={(as_of) => change({ as_of })} />;
  // An error goes before what was shown: a client that was erased is not to be seen any longer.
  if (card.error !== null && isUnknown(card.error)) return <UnknownClient clientId={clientId} />;
  if (card.data === undefined) {
    return (
      <>
        <PageHeader title={clientId} actions={chooser} />
        {card.error === null ? (
          <Loading what="the client" lines={8} />
        ) : (
          <Failed error={card.error} onRetry={() => void card.refetch()} />
        )}
      </>
    );
  }
  const shown = card.data;
  return (
    <>
      <PageHeader
        title={nameOf(shown)}
        mark={
          shown.engagement === null ? null : <Lozenge rating={shown.engagement.rating} label={shown.engagement.label} />
        }
        note={<About card={shown} />}
        actions={chooser}
      />
      {card.error === null ? null : (
        <Stale
          error={card.error}
          since={instantText(shown.evaluatedAt, settings.timeZone)}
          onRetry={() => void card.refetch()}
        />
      )}
      {shown.asOf === undefined ? null : <AsOfNote date={shown.asOf.date} profile={shown.asOf.profile} />}
      <div className="client" aria-busy={card.isPlaceholderData}>
        <Facts card={shown} asOf={asOf} />
      </div>
    </>
  );
}

function Facts({ card, asOf }: { readonly card: Card; readonly asOf: string | null }) {
  const { engagement, logins, lastSignals } = card;
  if (engagement === null || logins === null || lastSignals === null) return <AccessPanel card={card} />;
  const of = { firmId: card.firmId, clientId: card.clientId, asOf };
  return (
    <>
      <div className="client-facts">
        <AccessPanel card={card} />
        <LastLoginPanel lastLogin={card.lastLogin} />
        <LoginsPanel logins={logins} coverage={card.coverage} />
      </div>
      <WhyPanel engagement={engagement} lastSignals={lastSignals} evaluatedAt={card.evaluatedAt} />
      <YearPanel of={of} />
      <HistoryPanel of={of} />
      <PortalLogins logins={card.portalAccess.logins} />
    </>
  );
}

function About({ card }: { readonly card: Card }) {
  const parts = [
    card.type,
    card.adviser === null ? null : `Adviser: ${card.adviser.name ?? card.adviser.id}`,
    card.email,
    card.status === 'inactive' ? 'Inactive client' : null,
    card.lastName === null && card.firstName === null ? 'No profile has arrived yet' : card.clientId,
  ].filter((part) => part !== null && part !== '');
  return parts.map((part, index) => (
    <span key={part} className="about-part">
      {index === 0 ? null : <span aria-hidden="true"> · </span>}
      {part}
    </span>
  ));
}

function AsOfNote({ date, profile }: { readonly date: string; readonly profile: string }) {
  return (
    <p className="as-of-note" role="status">
      At the end of {dateText(date)}. Profile and adviser are {profile}; signals are known to the quarter hour.
    </p>
  );
}

function isUnknown(error: Error): boolean {
  return 'code' in error && error.code === 'client_unknown';
}
