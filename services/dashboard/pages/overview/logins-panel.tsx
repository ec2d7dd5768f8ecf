// Logins by local day, and by how many clients.
import type { UseQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { FirmActivity } from '../../../query/wire.ts';
import { useFirm } from '../../frame/firm.tsx';
import { count, counted, dateText, dayOfInstant } from '../../frame/format.ts';
import { categoryAxis, valueAxis } from '../../parts/chart/axes.ts';
import { Chart } from '../../parts/chart/chart.tsx';
import type { ChartOption, Tones } from '../../parts/chart/chart-drawing.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Scanned } from './scanned.tsx';

const spans = ['90', '365'] as const;
type Span = (typeof spans)[number];
const height = 240;

type LoginsProps = {
  readonly activity: UseQueryResult<FirmActivity>;
  readonly days: Span;
  readonly onDays: (days: Span) => void;
};

export function LoginsPanel({ activity, days, onDays }: LoginsProps) {
  return (
    <Panel
      title="Logins by day"
      note={activity.data === undefined ? undefined : noteOf(activity.data)}
      className="wide days"
      actions={
        <fieldset className="choice">
          <legend className="unseen">How many days</legend>
          {spans.map((span) => (
            <label key={span}>
              <input
                type="radio"
                name="days"
                className="unseen"
                checked={days === span}
                onChange={() => onDays(span)}
              />
              {span} days
            </label>
          ))}
        </fieldset>
      }
    >
      <Scanned query={activity} what="logins by day" lines={6}>
        {(found) => <Days activity={found} />}
      </Scanned>
    </Panel>
  );
}

function noteOf({ days }: FirmActivity): string {
  const logins = days.reduce((sum, day) => sum + day.logins, 0);
  return `${counted(logins, 'login')} in ${count(days.length)} days, today so far included`;
}

function Days({ activity }: { readonly activity: FirmActivity }) {
  const { settings } = useFirm();
  const { days, coverage } = activity;
  const draw = useMemo(() => drawingOf(days), [days]);
  const table = useMemo(
    () => ({
      columns: ['Day', 'Logins', 'Clients'],
      rows: days.map(({ date, logins, clients }) => [dateText(date), count(logins), count(clients)]),
    }),
    [days],
  );
  return (
    <>
      <Chart label={`Logins by day, ${noteOf(activity)}`} draw={draw} table={table} height={height} />
      {coverage.partial ? (
        <p className="coverage">
          {coverage.since === null
            ? 'No signal of this firm has arrived yet.'
            : `Signals count since ${dayOfInstant(coverage.since, settings.timeZone)}; the days before are not known.`}
        </p>
      ) : null}
    </>
  );
}

function drawingOf(days: FirmActivity['days']): (tones: Tones) => ChartOption {
  return (tones) => {
    const axis = categoryAxis(
      tones,
      days.map(({ date }) => dateText(date)),
    );
    return {
      xAxis: { ...axis, axisLabel: { ...axis.axisLabel, formatter: (date: string) => date.replace(/ \d{4}$/, '') } },
      yAxis: { ...valueAxis(tones), minInterval: 1 },
      series: [
        {
          name: 'Logins',
          type: 'bar',
          data: days.map(({ logins }, index) => ({
            value: logins,
            // Today is not over.
            itemStyle: { color: tones.accent, opacity: index === days.length - 1 ? 0.45 : 1 },
          })),
          itemStyle: { borderRadius: days.length > 100 ? 0 : [2, 2, 0, 0] },
          tooltip: { valueFormatter: (_logins, index) => wordsOf(days[index]) },
          barCategoryGap: days.length > 100 ? '0%' : '30%',
        },
      ],
    };
  };
}

function wordsOf(day: FirmActivity['days'][number] | undefined): string {
  return day === undefined ? '' : `${count(day.logins)} by ${counted(day.clients, 'client')}`;
}
