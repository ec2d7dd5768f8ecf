// A number of days, by dragging, by arrow keys, or typed.
import { useId } from 'react';
import { counted } from '../../frame/format.ts';

type SliderProps = {
  readonly label: string;
  readonly value: number;
  /** What is in force. */
  readonly set: number;
  readonly max: number;
  readonly onChange: (value: number) => void;
};

export function Slider({ label, value, set, max, onChange }: SliderProps) {
  const id = useId();
  const take = (text: string) => {
    const days = Number(text);
    if (Number.isInteger(days) && days >= 1 && days <= max) onChange(days);
  };
  return (
    <div className="slider">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="range"
        min={1}
        max={max}
        value={value}
        aria-valuetext={counted(value, 'day')}
        onChange={(event) => take(event.target.value)}
      />
      <span className="slider-value">
        <input
          type="number"
          className="input"
          aria-label={`${label}, days`}
          min={1}
          max={max}
          value={value}
          onChange={(event) => take(event.target.value)}
        />
        days
      </span>
      <span className="slider-set">{value === set ? 'as it is set' : `set: ${set}`}</span>
    </div>
  );
}
