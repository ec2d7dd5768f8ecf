// Values to choose from, several at once, each with how many it would give.
import { type ReactNode, useState } from 'react';
import { count } from '../frame/format.ts';
import './choices.css';

export type Choice = {
  readonly value: string;
  readonly label: string;
  /** Before the label. */
  readonly mark?: ReactNode;
  /** What choosing it would return; null where that is not known. */
  readonly count: number | null;
};

type ChoicesProps = {
  readonly legend: string;
  readonly choices: readonly Choice[];
  readonly chosen: readonly string[];
  readonly onChoose: (chosen: readonly string[]) => void;
  /** Says what they mean, where the words do not. */
  readonly note?: ReactNode;
};

/** With more than these one can search in them, and the first so many are shown. */
const plainMax = 8;
const shownMax = 100;

export function Choices({ legend, choices, chosen, onChoose, note }: ChoicesProps) {
  const [sought, setSought] = useState('');
  const found = choices.filter(({ label }) => label.toLowerCase().includes(sought.trim().toLowerCase()));
  const toggle = (value: string) =>
    onChoose(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
  return (
    <fieldset className="choices">
      <legend>{legend}</legend>
      {choices.length > plainMax ? (
        <input
          type="search"
          className="input"
          aria-label={`Find in ${legend}`}
          placeholder="Find …"
          value={sought}
          onChange={(event) => setSought(event.target.value)}
        />
      ) : null}
      {found.slice(0, shownMax).map(({ value, label, mark, count: number }) => (
        <label key={value} className="choice">
          <input type="checkbox" checked={chosen.includes(value)} onChange={() => toggle(value)} />
          {mark}
          <span className="choice-label">{label}</span>
          <ChoiceCount number={number} />
        </label>
      ))}
      {found.length > shownMax ? (
        <p className="choices-note">{count(found.length - shownMax)} more: find them by name.</p>
      ) : null}
      {found.length === 0 ? <p className="choices-note">None.</p> : null}
      {note === undefined ? null : <p className="choices-note">{note}</p>}
      {chosen.length > 0 ? (
        <button type="button" className="button button-plain choices-clear" onClick={() => onChoose([])}>
          Clear
        </button>
      ) : null}
    </fieldset>
  );
}

/** Null shows nothing. */
export function ChoiceCount({ number }: { readonly number: number | null }) {
  if (number === null) return null;
  return (
    <span className="choice-count">
      <span className="unseen">, </span>
      {count(number)}
    </span>
  );
}
