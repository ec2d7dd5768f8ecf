// How a client's rating came to be what it is: a year as a band, and every change with the signal behind it.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Timeline } from '../../../query/wire.ts';
import { activityQuery, type OfClient, timelineQuery } from '../../api/client.ts';
import { useFirm, useStart } from '../../frame/firm.tsx';
import { counted, dayOfInstant, instantText } from '../../frame/format.ts';
import { Button } from '../../parts/button.tsx';
import { Lozenge } from '../../parts/lozenge.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Failed, Loading } from '../../parts/states.tsx';
import './history.css';

/** How many changes are shown before all are asked for. */
const shownFirst = 6;

/** Of the same year as the strip above it. */
export function HistoryPanel({ of }: { readonly of: OfClient }) {
  const activity = useQuery({ ...activityQuery(of), placeholderData: (before) => before });
  const from = activity.data?.from;
  const timeline = useQuery({
    ...timelineQuery(of, from ?? ''),
    enabled: from !== undefined,
    placeholderData: (before) => before,
  });
  return (
    <Panel title="The rating through the year" note="By the thresholds of today" className="history">
      {timeline.data !== undefined ? (
        <History timeline={timeline.data} isPast={of.asOf !== null} />
      ) : timeline.error === null ? (
        <Loading what="the history of the rating" />
      ) : (
        <Failed error={timeline.error} onRetry={() => void timeline.refetch()} />
      )}
    </Panel>
  );
}

type Span = Timeline['spans'][number];

function History({ timeline, isPast }: { readonly timeline: Timeline; readonly isPast: boolean }) {
  const [isWhole, setWhole] = useState(false);
  const { spans, coverage } = timeline;
  const newestFirst = [...spans].reverse();
  const shown = isWhole ? newestFirst : newestFirst.slice(0, shownFirst);
  return (
    <>
      <Band timeline={timeline} />
      <ol className="spans">
        {shown.map((span) => (
          <SpanRow
            key={span.from}
            span={span}
            isOlder={span.from === timeline.from}
            end={timeline.to}
            standing={isPast ? 'then' : 'now'}
          />
        ))}
      </ol>
      {shown.length === spans.length ? null : (
        <Button onClick={() => setWhole(true)}>Show {counted(spans.length - shown.length, 'more change')}</Button>
      )}
      {coverage.partial ? <Coverage coverage={coverage} /> : null}
    </>
  );
}

function Band({ timeline: { from, to, spans } }: { readonly timeline: Timeline }) {
  const [first, last] = [Date.parse(from), Date.parse(to)];
  const placeOf = (instant: string) => (100 * (Date.parse(instant) - first)) / (last - first);
  return (
    <svg className="band" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      {spans.map(({ from: begins, to: ends, rating }) => {
        const x = placeOf(begins);
        const width = Math.max(0, placeOf(ends ?? to) - x);
        const height = { green: 10, amber: 7, red: 4, none: 2 }[rating];
        return <rect key={begins} x={x} y={10 - height} width={width} height={height} className={`band-${rating}`} />;
      })}
    </svg>
  );
}

type SpanProps = {
  readonly span: Span;
  /** It had begun before what is shown. */
  readonly isOlder: boolean;
  readonly end: string;
  /** When the last one still stands. */
  readonly standing: string;
};

function SpanRow({ span, isOlder, end, standing }: SpanProps) {
  const { labels } = useStart();
  const { settings } = useFirm();
  const { rating, from, to, decidedBy } = span;
  const day = (instant: string) => (
    <time dateTime={instant} title={instantText(instant, settings.timeZone)}>
      {dayOfInstant(instant, settings.timeZone)}
    </time>
  );
  return (
    <li>
      <Lozenge rating={rating} label={labels.rating[rating]} />
      <span className="span-when">
        {isOlder ? 'Before ' : null}
        {day(from)} – {to === null ? standing : day(to)}
        <span className="span-long">
          {isOlder ? 'at least ' : ''}
          {counted(daysBetween(from, to ?? end), 'day')}
        </span>
      </span>
      <span className="span-why">
        {decidedBy === null ? (
          'No signal yet'
        ) : (
          <>
            {labels.signal[decidedBy.signal]}, {day(decidedBy.at)}
          </>
        )}
      </span>
    </li>
  );
}

function Coverage({ coverage: { since, exactFrom } }: Pick<Timeline, 'coverage'>) {
  const { settings } = useFirm();
  if (since === null) return <p className="year-note">No signal of this firm has arrived yet.</p>;
  const day = dayOfInstant(exactFrom !== null && exactFrom > since ? exactFrom : since, settings.timeZone);
  return <p className="year-note">Before {day} the rating may rest on signals that are not known.</p>;
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}
