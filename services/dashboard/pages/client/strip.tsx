// The strip: a column a week, a square a day, darker with more logins, a dot where we wrote. One stop for the keyboard:
// arrows walk through the days, and each is read out.
import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from 'react';
import type { Day } from './days.ts';
import { wordsOfDay } from './days.ts';

const square = 12;
const step = 15;
const topHeight = 18;
/** For the names of some weekdays. */
const sideWidth = 30;
const weekdays = ['Mon', 'Wed', 'Fri'];
const levelMax = 4;
const month = new Intl.DateTimeFormat('en-GB', { month: 'short', timeZone: 'UTC' });

type StripProps = {
  readonly days: readonly Day[];
  /** Which of them; null for none. */
  readonly chosen: number | null;
  readonly onChoose: (index: number | null) => void;
  readonly label: string;
};

export function Strip({ days, chosen, onChoose, label }: StripProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const last = days.length - 1;
  const weeks = (days[last]?.week ?? 0) + 1;
  const width = sideWidth + weeks * step - (step - square);
  const height = topHeight + 7 * step - (step - square);
  // The newest days are what one looks for where not all have room.
  useEffect(() => {
    if (scroll.current !== null) scroll.current.scrollLeft = scroll.current.scrollWidth;
  }, []);

  const current = chosen ?? last;
  const walk = (event: KeyboardEvent) => {
    const to = placeAfter(event.key, current, last);
    if (to === null) return;
    event.preventDefault();
    onChoose(to);
  };
  const point = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const scale = width / box.width;
    const week = Math.floor(((event.clientX - box.left) * scale - sideWidth) / step);
    const weekday = Math.floor(((event.clientY - box.top) * scale - topHeight) / step);
    const found = days.findIndex((day) => day.week === week && day.weekday === weekday);
    onChoose(found === -1 ? null : found);
  };
  const at = days[current];
  return (
    <div className="strip" ref={scroll}>
      <div
        className="strip-walk"
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={current}
        aria-valuetext={at === undefined ? '' : wordsOfDay(at)}
        onKeyDown={walk}
        onBlur={() => onChoose(null)}
      >
        <svg
          viewBox={`0 0 ${width} ${height}`}
          aria-hidden="true"
          focusable="false"
          onPointerMove={point}
          onPointerLeave={() => onChoose(null)}
        >
          {monthsOf(days).map(({ week, name }) => (
            <text key={`${week} ${name}`} x={sideWidth + week * step} y={11} className="strip-month">
              {name}
            </text>
          ))}
          {weekdays.map((name, index) => (
            <text key={name} x={0} y={topHeight + index * 2 * step + 10} className="strip-month">
              {name}
            </text>
          ))}
          {days.map((day, index) => (
            <Square key={day.date} day={day} isChosen={index === chosen} />
          ))}
        </svg>
      </div>
    </div>
  );
}

function Square({ day, isChosen }: { readonly day: Day; readonly isChosen: boolean }) {
  const x = sideWidth + day.week * step;
  const y = topHeight + day.weekday * step;
  const level = day.isCounted ? `day-${Math.min(levelMax, day.logins)}` : 'day-uncounted';
  const dot = day.logins > 0 ? 'day-mail day-mail-on' : 'day-mail';
  return (
    <>
      <rect
        x={x}
        y={y}
        width={square}
        height={square}
        rx="2.5"
        className={`${level}${isChosen ? ' day-chosen' : ''}`}
      />
      {day.email || day.message ? <circle cx={x + square / 2} cy={y + square / 2} r="2" className={dot} /> : null}
    </>
  );
}

/** Weeks stand side by side. */
function placeAfter(key: string, from: number, last: number): number | null {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -7,
    ArrowRight: 7,
    ArrowUp: -1,
    ArrowDown: 1,
    Home: -last,
    End: last,
  };
  const by = steps[key];
  return by === undefined ? null : Math.min(last, Math.max(0, from + by));
}

/** Each month over the week in which it begins, where there is room for its name. */
function monthsOf(days: readonly Day[]): readonly { readonly week: number; readonly name: string }[] {
  const begins = days.filter(({ date }, index) => date.endsWith('-01') || index === 0);
  const named = begins.map(({ date, week }) => ({ week, name: month.format(Date.parse(date)) }));
  return named.filter(({ week }, index) => (named[index + 1]?.week ?? Number.POSITIVE_INFINITY) - week >= 2);
}
