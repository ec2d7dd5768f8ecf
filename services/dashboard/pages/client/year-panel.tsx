// A year of one client, day by day: a strip of weeks to look at and walk through, and the same as a table.
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { Activity } from '../../../query/wire.ts';
import { activityQuery, type OfClient } from '../../api/client.ts';
import { useFirm } from '../../frame/firm.tsx';
import { counted, dateText, dayOfInstant } from '../../frame/format.ts';
import { Panel } from '../../parts/panel.tsx';
import { Failed, Skeleton } from '../../parts/states.tsx';
import { type Day, daysOf, wordsOfDay } from './days.ts';
import { Strip } from './strip.tsx';
import './year.css';

export function YearPanel({ of }: { readonly of: OfClient }) {
  const activity = useQuery({ ...activityQuery(of), placeholderData: (before) => before });
  return (
    <Panel title="Activity by day" note={noteOf(activity.data)} className="year">
      {activity.data !== undefined ? (
        <Year activity={activity.data} />
      ) : activity.error === null ? (
        <Skeleton className="year-waiting" />
      ) : (
        <Failed error={activity.error} onRetry={() => void activity.refetch()} />
      )}
    </Panel>
  );
}

function noteOf(activity: Activity | undefined): string {
  if (activity === undefined) return 'Logins, emails and messages by day';
  return `${dateText(activity.from)} to ${dateText(activity.to)}, in the days of ${activity.timeZone}`;
}

function Year({ activity }: { readonly activity: Activity }) {
  const { settings } = useFirm();
  const days = useMemo(() => daysOf(activity), [activity]);
  const [chosen, choose] = useState<number | null>(null);
  const day = chosen === null ? undefined : days[chosen];
  const { since, partial } = activity.coverage;
  return (
    <>
      <Strip days={days} chosen={chosen} onChoose={choose} label={`Days from ${activity.from} to ${activity.to}`} />
      <p className="year-words">{day === undefined ? summaryOf(days) : wordsOfDay(day)}</p>
      <Legend hasUncounted={days.some(({ isCounted }) => !isCounted)} />
      {partial && since !== null ? (
        <p className="year-note">
          Signals count since {dayOfInstant(since, settings.timeZone)}; the days before are not known.
        </p>
      ) : null}
      <Table days={days} />
    </>
  );
}

function summaryOf(days: readonly Day[]): string {
  const active = days.filter(({ logins }) => logins > 0);
  const logins = active.reduce((sum, day) => sum + day.logins, 0);
  const mails = [
    counted(days.filter(({ email }) => email).length, 'day', 'days'),
    counted(days.filter(({ message }) => message).length, 'day', 'days'),
  ];
  const busiest = active.reduce<Day | null>(
    (most, day) => (most === null || day.logins > most.logins ? day : most),
    null,
  );
  const most =
    busiest === null || busiest.logins < 2 ? '' : `, the most on ${dateText(busiest.date)} (${busiest.logins})`;
  const when = logins === 0 ? 'No login' : `${counted(logins, 'login')} on ${counted(active.length, 'day')}${most}`;
  return `${when}. Emails were sent on ${mails[0]}, messages on ${mails[1]}.`;
}

function Legend({ hasUncounted }: { readonly hasUncounted: boolean }) {
  const cell = (className: string) => (
    <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" focusable="false">
      <rect width="12" height="12" rx="2.5" className={className} />
    </svg>
  );
  return (
    <ul className="year-legend">
      <li>
        Logins: none {cell('day-0')}
        {cell('day-1')}
        {cell('day-2')}
        {cell('day-3')}
        {cell('day-4')} 4 or more
      </li>
      <li>
        <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" focusable="false">
          <rect width="12" height="12" rx="2.5" className="day-0" />
          <circle cx="6" cy="6" r="2" className="day-mail" />
        </svg>
        Email or message sent
      </li>
      {hasUncounted ? <li>{cell('day-uncounted')} Not known</li> : null}
    </ul>
  );
}

function Table({ days }: { readonly days: readonly Day[] }) {
  const active = days.filter(({ logins, email, message }) => logins > 0 || email || message).reverse();
  if (active.length === 0) return null;
  return (
    <details className="year-table">
      <summary>As a table ({counted(active.length, 'day')})</summary>
      <div className="year-table-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Day</th>
              <th scope="col" className="number">
                Logins
              </th>
              <th scope="col">Email sent</th>
              <th scope="col">Message sent</th>
            </tr>
          </thead>
          <tbody>
            {active.map(({ date, logins, email, message }) => (
              <tr key={date}>
                <th scope="row">{dateText(date)}</th>
                <td className="number">{logins}</td>
                <td>{email ? 'Yes' : '–'}</td>
                <td>{message ? 'Yes' : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
