// The top of every page: what it is, one line about it, and what can be done here. Moving to a page puts the focus on its
// title, so that a screen reader says where one is.
import { type ReactNode, useEffect, useLayoutEffect, useRef } from 'react';
import { howMoved, scrollToPlace } from '../frame/router.tsx';
import './page-header.css';

type PageHeaderProps = {
  readonly title: string;
  /** Beside the title: a lozenge, say. */
  readonly mark?: ReactNode;
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
};

export function PageHeader({ title, mark, note, actions }: PageHeaderProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · signalfold`;
  }, [title]);
  useLayoutEffect(scrollToPlace, []);
  useEffect(() => {
    if (howMoved() !== 'load') heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <header className="page-header">
      <div className="page-header-text">
        <div className="page-header-title">
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {mark}
        </div>
        {note === undefined ? null : <p className="page-header-note">{note}</p>}
      </div>
      {actions === undefined ? null : <div className="page-header-actions">{actions}</div>}
    </header>
  );
}
