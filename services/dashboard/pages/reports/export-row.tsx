// One export: how it stands, what is in it, and what can be done with it.
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ExportJobWire } from '../../../query/wire.ts';
import { downloadExport, type ExportWish } from '../../api/exports.ts';
import { useFirm, useStart } from '../../frame/firm.tsx';
import { counted, dateText, instantText, percent } from '../../frame/format.ts';
import { Button } from '../../parts/button.tsx';
import { Icon, type IconName } from '../../parts/icons.tsx';
import { useFilterWords } from './filter-words.ts';

type RowProps = {
  readonly firmId: string;
  readonly job: ExportJobWire;
  /** It was asked for on this page, so how it stands is said aloud. */
  readonly isNew: boolean;
  readonly onAgain: (wish: ExportWish) => void;
};

const standings: Readonly<Record<ExportJobWire['status'], { readonly word: string; readonly icon: IconName }>> = {
  queued: { word: 'Waiting for its turn', icon: 'info' },
  running: { word: 'Being made', icon: 'refresh' },
  done: { word: 'Ready', icon: 'check' },
  failed: { word: 'Failed', icon: 'alert' },
  erased: { word: 'Gone', icon: 'info' },
};

export function ExportRow({ firmId, job, isNew, onAgain }: RowProps) {
  const { settings } = useFirm();
  const { me } = useStart();
  const words = useFilterWords(job);
  const taken = useMutation({ mutationFn: () => downloadExport(firmId, job.id) });
  const { word, icon } = standings[job.status];
  const again = () =>
    onAgain({
      report: job.report,
      format: job.format,
      filter: job.filter,
      ...(job.asOf === undefined ? {} : { asOf: job.asOf.date }),
    });
  return (
    <li className="export">
      <div className="export-head">
        <h3>{words}</h3>
        {/* Announced only for the one made here: others would talk over it. */}
        <p className={`export-state export-${job.status}`} role={isNew ? 'status' : undefined}>
          <Icon name={icon} size={14} />
          {word}
          {job.status === 'done' ? `: ${counted(job.rows, 'row')}` : null}
        </p>
      </div>
      <Body job={job} timeZone={settings.timeZone} />
      {taken.error === null ? null : (
        <p className="export-error" role="alert">
          {taken.error.message}
        </p>
      )}
      <div className="export-foot">
        <p className="export-made">
          Asked for {instantText(job.createdAt, settings.timeZone)}
          {job.book === undefined || job.book === me.adviserId ? null : `, by adviser ${job.book}`}
        </p>
        {job.status === 'done' ? (
          <Button
            icon="download"
            disabled={taken.isPending}
            aria-label={`Download: ${words}`}
            onClick={() => taken.mutate()}
          >
            {taken.isPending ? 'Fetching …' : 'Download'}
          </Button>
        ) : null}
        {job.status === 'failed' || job.status === 'erased' ? (
          <Button icon="refresh" aria-label={`Make it again: ${words}`} onClick={again}>
            Make it again
          </Button>
        ) : null}
      </div>
    </li>
  );
}

type BodyProps = { readonly job: ExportJobWire; readonly timeZone: string };

function Body({ job, timeZone }: BodyProps): ReactNode {
  switch (job.status) {
    case 'queued':
      return <p className="export-text">It begins as soon as the export worker is free.</p>;
    case 'running':
      return (
        <div className="export-progress">
          <progress max={1} value={job.progress} aria-label="How much of it is made" />
          <span>
            {percent(job.progress, 1)} · {counted(job.rows, 'row')}
          </span>
        </div>
      );
    case 'failed':
      return (
        <p className="export-error">
          {job.error ?? 'It did not end.'} Make it again; if that fails too, tell who runs signalfold.
        </p>
      );
    case 'erased':
      return (
        <p className="export-text">
          A client of the firm was erased since, so the file went. A new one is cut without that client.
        </p>
      );
    case 'done':
      return (
        <dl className="export-proof">
          <div>
            <dt>Cut</dt>
            <dd>{job.cut === null ? '–' : instantText(job.cut.at, timeZone)}</dd>
          </div>
          <div>
            <dt>SHA-256</dt>
            <dd>
              <code>{job.sha256}</code>
            </dd>
          </div>
          {job.asOf === undefined || job.asOf.partialRows === 0 ? null : (
            <div>
              <dt>Partial</dt>
              <dd>{`${counted(job.asOf.partialRows, 'row')} of ${dateText(job.asOf.date)} reach past what is remembered exactly`}</dd>
            </div>
          )}
        </dl>
      );
  }
}
