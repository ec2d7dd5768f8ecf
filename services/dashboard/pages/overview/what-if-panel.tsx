// Other thresholds tried on the live book: how many would be rated otherwise, and who. Nothing is changed by it.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Rating, WhatIf } from '../../../query/wire.ts';
import { type OfFirm, type Thresholds, tilesQuery, whatIfQuery } from '../../api/overview.ts';
import { useFirm, useStart } from '../../frame/firm.tsx';
import { count, counted, nameOf } from '../../frame/format.ts';
import { Link } from '../../frame/router.tsx';
import { useSearch, whole } from '../../frame/search.ts';
import { Button } from '../../parts/button.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Lozenge, RatingMark } from '../../parts/lozenge.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Scanned } from './scanned.tsx';
import { Slider } from './slider.tsx';
import './what-if.css';

const daysMax = 180;
/** A slider that is dragged asks when it rests. */
const restMs = 250;
const namedMax = 8;
const ratings = ['green', 'amber', 'red', 'none'] as const satisfies readonly Rating[];

/** 0: as it is set. */
const fields = { green: whole(0, daysMax, 0), amber: whole(0, daysMax, 0) };

export function WhatIfPanel({ of }: { readonly of: OfFirm }) {
  const { settings } = useFirm();
  const [search, change] = useSearch(fields);
  const tried: Thresholds = {
    greenDays: search.green || settings.greenDays,
    amberDays: Math.max(search.green, search.amber || settings.amberDays),
  };
  const rested = useRested(tried);
  const answer = useQuery({ ...whatIfQuery(of, rested, namedMax), placeholderData: keepPreviousData });
  const isTried = !isSame(tried, settings);
  const set = ({ greenDays, amberDays }: Thresholds) =>
    change(
      {
        green: greenDays === settings.greenDays ? 0 : greenDays,
        amber: amberDays === settings.amberDays ? 0 : amberDays,
      },
      { replace: true },
    );
  const max = Math.max(daysMax, settings.amberDays);
  return (
    <Panel
      title="What if"
      note="Other thresholds, tried on the clients of this moment. Nothing is changed by it."
      className="wide what-if"
      actions={
        <Button kind="plain" icon="refresh" disabled={!isTried} onClick={() => set(settings)}>
          As it is set
        </Button>
      }
    >
      <div className="what-if-sliders">
        <Slider
          label="Engaged up to"
          value={tried.greenDays}
          set={settings.greenDays}
          max={max}
          onChange={(greenDays) => set({ greenDays, amberDays: Math.max(greenDays, tried.amberDays) })}
        />
        <Slider
          label="At Risk up to"
          value={tried.amberDays}
          set={settings.amberDays}
          max={max}
          onChange={(amberDays) => set({ amberDays, greenDays: Math.min(amberDays, tried.greenDays) })}
        />
      </div>
      <Scanned query={answer} what="what would change">
        {(found) => (
          <Outcome found={found} isTried={isTried} isBusy={answer.isPlaceholderData || !isSame(rested, tried)} />
        )}
      </Scanned>
    </Panel>
  );
}

/** The thresholds once they have stood still for a moment. */
function useRested({ greenDays, amberDays }: Thresholds): Thresholds {
  const [rested, rest] = useState<Thresholds>({ greenDays, amberDays });
  useEffect(() => {
    const timer = window.setTimeout(() => rest({ greenDays, amberDays }), restMs);
    return () => window.clearTimeout(timer);
  }, [greenDays, amberDays]);
  return rested;
}

type OutcomeProps = { readonly found: WhatIf; readonly isTried: boolean; readonly isBusy: boolean };

function Outcome({ found, isTried, isBusy }: OutcomeProps) {
  const { labels } = useStart();
  const { now, tried, changes } = found;
  return (
    <div className="what-if-outcome" aria-busy={isBusy}>
      <table className="what-if-counts">
        <thead>
          <tr>
            <th scope="col">Rating</th>
            <th scope="col">Now</th>
            <th scope="col">Tried</th>
            <th scope="col">Difference</th>
          </tr>
        </thead>
        <tbody>
          {ratings.map((rating) => (
            <tr key={rating}>
              <th scope="row">
                <RatingMark rating={rating} /> {labels.rating[rating]}
              </th>
              <td>{count(now.ratings[rating])}</td>
              <td>{count(tried.ratings[rating])}</td>
              <td className="what-if-difference">{difference(tried.ratings[rating] - now.ratings[rating])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="what-if-who">
        <p role="status">
          {!isTried
            ? 'Move a slider to see who would be rated otherwise.'
            : changes.total === 0
              ? 'Nobody would be rated otherwise.'
              : `${counted(changes.total, 'client')} would be rated otherwise.`}
        </p>
        <Who items={changes.items} />
        {changes.total > changes.items.length ? (
          <p className="what-if-more">and {count(changes.total - changes.items.length)} more</p>
        ) : null}
      </div>
    </div>
  );
}

function isSame(one: Thresholds, other: Thresholds): boolean {
  return one.greenDays === other.greenDays && one.amberDays === other.amberDays;
}

function difference(by: number): string {
  return by === 0 ? '–' : `${by > 0 ? '+' : '−'}${count(Math.abs(by))}`;
}

function Who({ items }: { readonly items: WhatIf['changes']['items'] }) {
  const { firmId } = useFirm();
  const { labels } = useStart();
  const ids = items.map(({ clientId }) => clientId);
  const tiles = useQuery({ ...tilesQuery(firmId, ids), placeholderData: keepPreviousData });
  const names = new Map(tiles.data?.items.map((tile) => [tile.clientId, nameOf(tile)]));
  return (
    <ul className="what-if-clients">
      {items.map(({ clientId, from, to }) => (
        <li key={clientId}>
          <Link to={{ page: 'client', firmId, clientId }}>{names.get(clientId) ?? clientId}</Link>
          <span className="what-if-step">
            <Lozenge rating={from} label={labels.rating[from]} />
            <Icon name="right" size={14} />
            <span className="unseen">to</span>
            <Lozenge rating={to} label={labels.rating[to]} />
          </span>
        </li>
      ))}
    </ul>
  );
}
