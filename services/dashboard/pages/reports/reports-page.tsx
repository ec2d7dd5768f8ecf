// Reports: making the Portal Engagement Export, following it, and taking it along; and those that were made before.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { type ExportWish, startExport } from '../../api/exports.ts';
import { exportsKey, exportsQuery } from '../../api/past-exports.ts';
import { useFirm, useStart } from '../../frame/firm.tsx';
import { timeOfDay } from '../../frame/format.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Empty, Failed, Loading, Stale } from '../../parts/states.tsx';
import { ExportForm } from './export-form.tsx';
import { ExportRow } from './export-row.tsx';
import './reports-page.css';

export default function ReportsPage() {
  const { me } = useStart();
  if (me.scopes.includes('export')) return <Reports />;
  return (
    <>
      <PageHeader title="Reports" />
      <Empty title="You may not export">
        Reports need the scope <code>export</code>, which {me.name} does not have. Ask who runs signalfold for it.
      </Empty>
    </>
  );
}

function Reports() {
  const { firmId } = useFirm();
  const client = useQueryClient();
  const asked = useMutation({
    mutationFn: (wish: ExportWish) => startExport(firmId, wish),
    onSuccess: () => client.invalidateQueries({ queryKey: exportsKey(firmId) }),
  });
  const { mutate } = asked;
  const make = useCallback((wish: ExportWish) => mutate(wish), [mutate]);
  return (
    <>
      <PageHeader title="Reports" note="The Portal Engagement Export: one row for every client, as a CSV file." />
      <div className="reports">
        <Panel title="Make an export" note="Every choice narrows; without any, all clients are in it">
          <ExportForm onMake={make} isAsking={asked.isPending} error={asked.error} isAsked={asked.isSuccess} />
        </Panel>
        <Past firmId={firmId} newest={asked.data?.id ?? null} onAgain={make} />
      </div>
    </>
  );
}

type PastProps = {
  readonly firmId: string;
  /** The one that was asked for here. */
  readonly newest: string | null;
  readonly onAgain: (wish: ExportWish) => void;
};

function Past({ firmId, newest, onAgain }: PastProps) {
  const { me } = useStart();
  const { settings } = useFirm();
  const query = useQuery(exportsQuery(firmId));
  const { data, error, dataUpdatedAt } = query;
  const retry = () => void query.refetch();
  const whose = me.adviserId === null ? 'Made for this firm' : 'Made for your own book';
  return (
    <Panel title="Exports" note={`${whose}, newest first; files are kept for 30 days`} flush>
      {data === undefined && error === null ? <Loading what="the exports" lines={5} /> : null}
      {data === undefined && error !== null ? <Failed error={error} onRetry={retry} /> : null}
      {data !== undefined && error !== null ? (
        <Stale
          error={error}
          since={timeOfDay(new Date(dataUpdatedAt).toISOString(), settings.timeZone)}
          onRetry={retry}
        />
      ) : null}
      {data?.items.length === 0 ? (
        <Empty icon="reports" title="No export was made yet">
          Choose whom it is about and make one. It is cut in one go, with its instant and a checksum to show for it.
        </Empty>
      ) : null}
      <ol className="exports">
        {data?.items.map((job) => (
          <ExportRow key={job.id} firmId={firmId} job={job} isNew={job.id === newest} onAgain={onAgain} />
        ))}
      </ol>
    </Panel>
  );
}
