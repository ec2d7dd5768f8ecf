// A big number with its name, and what it is a part of.
import type { ReactNode } from 'react';
import './figure.css';

type FigureProps = {
  readonly name: ReactNode;
  /** Formatted. */
  readonly value: ReactNode;
  readonly note?: ReactNode;
  /** Small ones stand several in a row. */
  readonly size?: 'normal' | 'small';
};

export function Figure({ name, value, note, size = 'normal' }: FigureProps) {
  return (
    <dl className={`figure figure-${size}`}>
      <dt>{name}</dt>
      <dd className="figure-value">{value}</dd>
      {note === undefined ? null : <dd className="figure-note">{note}</dd>}
    </dl>
  );
}
