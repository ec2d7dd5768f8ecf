// Chooses the day a page is about: now, or the end of a past local day.
import { useId, useState } from 'react';
import { Button } from './button.tsx';
import './as-of.css';

type AsOfProps = {
  /** YYYY-MM-DD; null for now. */
  readonly value: string | null;
  readonly timeZone: string;
  readonly onChange: (value: string | null) => void;
};

export function AsOf({ value, timeZone, onChange }: AsOfProps) {
  const id = useId();
  const today = todayIn(timeZone);
  // A date that is being typed passes through days that cannot be asked for, and through none at all.
  const [typed, type] = useState<string | null>(null);
  const choose = (day: string) => {
    type(day);
    if (day === today) onChange(null);
    else if (day < today && day > '1970') onChange(day);
  };
  return (
    <div className="as-of">
      <label htmlFor={id}>As of</label>
      <input
        id={id}
        type="date"
        className="input"
        max={today}
        value={typed ?? value ?? today}
        onChange={(event) => choose(event.target.value)}
        onBlur={() => type(null)}
      />
      {value === null ? null : (
        <Button icon="refresh" onClick={() => onChange(null)}>
          Now
        </Button>
      )}
    </div>
  );
}

/** YYYY-MM-DD, as Canada writes it. */
function todayIn(timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(new Date());
}
