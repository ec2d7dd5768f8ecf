// A panel: one thing on its own ground, with a heading of its own.
import { type ReactNode, useId } from 'react';
import './panel.css';

type PanelProps = {
  readonly title?: ReactNode;
  /** What the title does not say: a window, a zone, since when. */
  readonly note?: ReactNode;
  /** At the right of the title. */
  readonly actions?: ReactNode;
  /** Tables and lists go to its edges. */
  readonly flush?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
};

export function Panel({ title, note, actions, flush = false, className = '', children }: PanelProps) {
  const id = useId();
  return (
    <section className={`panel ${className}`} aria-labelledby={title === undefined ? undefined : id}>
      {title === undefined && actions === undefined ? null : (
        <header className="panel-head">
          <div>
            {title === undefined ? null : <h2 id={id}>{title}</h2>}
            {note === undefined ? null : <p className="panel-note">{note}</p>}
          </div>
          {actions === undefined ? null : <div className="panel-actions">{actions}</div>}
        </header>
      )}
      <div className={flush ? 'panel-flush' : 'panel-body'}>{children}</div>
    </section>
  );
}
