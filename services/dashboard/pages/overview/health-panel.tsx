// How many clients used the portal within a month, as a share of all, beside what is aimed at.
import type { UseQueryResult } from '@tanstack/react-query';
import type { FirmActivity } from '../../../query/wire.ts';
import { count, counted, percent } from '../../frame/format.ts';
import { Figure } from '../../parts/figure.tsx';
import { Icon, type IconName } from '../../parts/icons.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Scanned } from './scanned.tsx';

type Month = FirmActivity['monthlyActive'];
type Verdict = NonNullable<Month['verdict']>;

const words: Readonly<Record<Verdict, { readonly text: string; readonly icon: IconName; readonly tone: string }>> = {
  problem: { text: 'A problem: far below the aim', icon: 'alert', tone: 'red' },
  below_aim: { text: 'Below the aim', icon: 'down', tone: 'amber' },
  on_aim: { text: 'On the aim', icon: 'check', tone: 'green' },
  above_aim: { text: 'Above the aim', icon: 'up', tone: 'green' },
};

export function HealthPanel({ activity }: { readonly activity: UseQueryResult<FirmActivity> }) {
  return (
    <Panel title="Monthly active" note="Clients with a login in the last 30 days" className="health">
      <Scanned query={activity} what="portal health">
        {({ monthlyActive, clients }) => <Health month={monthlyActive} clients={clients} />}
      </Scanned>
    </Panel>
  );
}

function Health({ month, clients }: { readonly month: Month; readonly clients: number }) {
  const { verdict, bands } = month;
  if (verdict === null) return <p className="health-none">There is nobody of whom this could be a share.</p>;
  const { text, icon, tone } = words[verdict];
  return (
    <>
      <Figure
        name={`${count(month.clients)} of ${counted(clients, 'client')}`}
        value={percent(month.clients, clients)}
        note={
          <span className={`health-verdict health-${tone}`}>
            <Icon name={icon} size={16} />
            {text}
          </span>
        }
      />
      <Scale share={month.share ?? 0} bands={bands} />
    </>
  );
}

/** The bands with their bounds, and where the share stands among them. */
function Scale({ share, bands }: { readonly share: number; readonly bands: Month['bands'] }) {
  const { problemBelow, aimFrom, aimTo } = bands;
  return (
    <div className="scale">
      <p className="unseen">
        The aim is {percent(aimFrom, 1)} to {percent(aimTo, 1)}; below {percent(problemBelow, 1)} is a problem.
      </p>
      <svg viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <rect y="4" width="100" height="6" className="scale-ground" />
        <rect y="4" width={100 * problemBelow} height="6" className="scale-problem" />
        <rect y="4" x={100 * aimFrom} width={100 * (aimTo - aimFrom)} height="6" className="scale-aim" />
        <rect x={Math.min(99.2, Math.max(0, 100 * share - 0.4))} width="0.8" height="14" className="scale-mark" />
      </svg>
      <div className="scale-words" aria-hidden="true">
        <span style={{ width: `${100 * problemBelow}%` }}>Problem</span>
        <span style={{ left: `${100 * aimFrom}%`, width: `${100 * (aimTo - aimFrom)}%` }}>Aim</span>
        <span className="scale-bound" style={{ left: `${100 * problemBelow}%` }}>
          {percent(problemBelow, 1)}
        </span>
        <span className="scale-bound" style={{ left: `${100 * aimFrom}%` }}>
          {percent(aimFrom, 1)}
        </span>
        <span className="scale-bound" style={{ left: `${100 * aimTo}%` }}>
          {percent(aimTo, 1)}
        </span>
      </div>
    </div>
  );
}
