// The rows of the list: only those in sight are drawn, so that a hundred thousand scroll as smoothly as ten. Arrow keys
// move between clients, Enter opens one.
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, memo, useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useFirm, useStart } from '../../frame/firm.tsx';
import { count } from '../../frame/format.ts';
import { scrollToPlace } from '../../frame/router.tsx';
import { Lozenge } from '../../parts/lozenge.tsx';
import { Skeleton } from '../../parts/states.tsx';
import { type Around, ClientLink, columns, LastLogin } from './columns.tsx';
import { Head } from './head.tsx';
import type { ListState } from './list-fields.ts';
import { useIsNarrow } from './use-is-narrow.ts';
import type { Walked } from './use-walk.ts';
import type { Row } from './walk.ts';

const rowHeight = 52;
const tileHeight = 92;
/** Drawn beyond the edges, so that quick scrolling finds them there. */
const overscanRows = 10;
/** The next page is asked for when the end of what is loaded is this near. */
const aheadRows = 80;
/** Rows that stand for those that are loading. */
const waitingRowsMax = 12;
/** "14 hours ago" grows old. */
const refreshMs = 60_000;

type RowsProps = {
  readonly walked: Walked;
  readonly state: ListState;
  readonly change: (changed: Partial<ListState>) => void;
};

export function Rows({ walked, state, change }: RowsProps) {
  const { view, isOld, more, refresh } = walked;
  const { rows, first } = view;
  const { labels } = useStart();
  const { settings } = useFirm();
  const isNarrow = useIsNarrow();
  const place = useRef<HTMLTableSectionElement>(null);
  const [margin, setMargin] = useState(0);
  const [active, setActive] = useState(0);
  const total = first?.total ?? waitingRowsMax;
  const end = Math.min(total, rows.length + waitingRowsMax);
  const virtual = useWindowVirtualizer({
    count: view.error !== null ? rows.length : end,
    estimateSize: () => (isNarrow ? tileHeight : rowHeight),
    overscan: overscanRows,
    scrollMargin: margin,
    getItemKey: (index) => rows[index]?.item.clientId ?? `waiting ${index}`,
  });
  const items = virtual.getVirtualItems();

  useLayoutEffect(() => {
    setMargin((place.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
  });
  // As long as it was before, by now.
  useLayoutEffect(scrollToPlace, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another height is another estimate.
  useLayoutEffect(() => virtual.measure(), [isNarrow]);

  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (!isOld && view.error === null && last >= rows.length - aheadRows) more();
  }, [last, rows.length, isOld, view.error, more]);

  const refreshSeen = useEffectEvent(() => {
    if (document.visibilityState === 'visible') {
      refresh(virtual.getVirtualItems().flatMap(({ index }) => rows[index]?.item.clientId ?? []));
    }
  });
  useEffect(() => {
    const timer = window.setInterval(() => refreshSeen(), refreshMs);
    return () => window.clearInterval(timer);
  }, []);

  const move = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
    const step = steps[event.key];
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? rows.length - 1 : active + (step ?? 0);
    if (to === active || (step === undefined && event.key !== 'Home' && event.key !== 'End')) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setActive(next);
    virtual.scrollToIndex(next, { align: 'auto' });
    const id = rows[next]?.item.clientId;
    requestAnimationFrame(() => {
      const link = id === undefined ? null : place.current?.querySelector(`[data-client="${CSS.escape(id)}"]`);
      if (link instanceof HTMLElement) link.focus({ preventScroll: true });
    });
  };

  const around: Around = useMemo(() => ({ labels, timeZone: settings.timeZone }), [labels, settings.timeZone]);
  return (
    <table
      className={`rows ${isOld ? 'rows-old' : ''} ${isNarrow ? 'rows-tiles' : 'rows-table'}`}
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: arrow keys move through its rows.
      role="grid"
      aria-label="Clients"
      aria-rowcount={total + 1}
      aria-busy={view.isLoading}
      onKeyDown={move}
    >
      <Head state={state} change={change} isNarrow={isNarrow} />
      <tbody ref={place} className="rows-body" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, key, start, size }) => {
          const row = rows[index];
          return (
            <tr
              key={key}
              aria-rowindex={index + 2}
              className={`row ${row?.isGone ? 'row-gone' : ''}`}
              style={{ height: size, transform: `translateY(${start - margin}px)` }}
              onFocus={() => setActive(index)}
            >
              {row === undefined ? (
                <td className="row-waiting">
                  <Skeleton />
                </td>
              ) : isNarrow ? (
                <Tile row={row} around={around} tabIndex={index === active ? 0 : -1} />
              ) : (
                <Cells row={row} around={around} tabIndex={index === active ? 0 : -1} />
              )}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

type RowProps = { readonly row: Row; readonly around: Around; readonly tabIndex: number };

/** Scrolling draws the rows that come, not those that stay. */
const Cells = memo(({ row: { item, changes, isGone }, around, tabIndex }: RowProps) => {
  return (
    <>
      <td className="cell cell-name">
        {/* Another number is another element, so that it shows once more. */}
        {changes > 0 ? <span key={changes} className="row-changed" aria-hidden="true" /> : null}
        <ClientLink item={item} tabIndex={tabIndex} />
        <span className="lesser email">{isGone ? 'No longer here' : item.email}</span>
      </td>
      {columns.map(({ id, cell, isNumber }) => (
        <td key={id} className={`cell cell-${id} ${isNumber === true ? 'cell-number' : ''}`}>
          {isGone ? null : cell(item, around)}
        </td>
      ))}
    </>
  );
});

const Tile = memo(({ row: { item, changes, isGone }, around, tabIndex }: RowProps) => {
  const { engagement, portalAccess, logins, adviser } = item;
  return (
    <td className="tile">
      {changes > 0 ? <span key={changes} className="row-changed" aria-hidden="true" /> : null}
      <div className="tile-line">
        <ClientLink item={item} tabIndex={tabIndex} />
        {isGone ? null : <Lozenge rating={engagement.rating} label={engagement.label} />}
      </div>
      {isGone ? (
        <p className="lesser">No longer here</p>
      ) : (
        <>
          <div className="tile-line lesser">
            <span>{around.labels.accessStatus[portalAccess.status]}</span>
            {item.lastLogin === null ? null : <LastLogin item={item} timeZone={around.timeZone} />}
          </div>
          <div className="tile-line lesser">
            <span className="tile-adviser">{adviser === null ? '' : (adviser.name ?? adviser.id)}</span>
            <span>
              <span className="unseen">Logins in </span>
              <Days days={30} logins={logins.d30} /> · <Days days={90} logins={logins.d90} /> ·{' '}
              <Days days={365} logins={logins.d365} />
            </span>
          </div>
        </>
      )}
    </td>
  );
});

function Days({ days, logins }: { readonly days: number; readonly logins: number }) {
  return (
    <>
      <span className="nothing">{days} d</span> {count(logins)}
    </>
  );
}
