// What stands where content is not there yet, is old, is none, or cannot be had: what is going on, and what to do.
import type { ReactNode } from 'react';
import { ApiProblem } from '../api/ask.ts';
import { Button } from './button.tsx';
import { Icon, type IconName } from './icons.tsx';
import './states.css';

type EmptyProps = {
  readonly icon?: IconName;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
};

/** `children`: why there is nothing, or what makes there be something. */
export function Empty({ icon = 'info', title, children, action }: EmptyProps) {
  return (
    <div className="state">
      <Icon name={icon} size={22} />
      <p className="state-title">{title}</p>
      {children === undefined ? null : <div className="state-text">{children}</div>}
      {action}
    </div>
  );
}

/** Bars where text will stand. `what`: for those who do not see them. */
export function Loading({ what, lines = 3 }: { readonly what: string; readonly lines?: number }) {
  return (
    <div className="loading" role="status">
      <span className="unseen">Loading {what} …</span>
      {Array.from({ length: lines }, (_line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars are alike and never move.
        <span key={index} className="skeleton" aria-hidden="true" />
      ))}
    </div>
  );
}

/** One bar. */
export function Skeleton({ className = '' }: { readonly className?: string }) {
  return <span className={`skeleton ${className}`} aria-hidden="true" />;
}

type FailedProps = { readonly error: unknown; readonly onRetry?: () => void };

export function Failed({ error, onRetry }: FailedProps) {
  const { title, detail } = wordsOf(error);
  return (
    <div className="state" role="alert">
      <Icon name="alert" size={22} />
      <p className="state-title">{title}</p>
      <p className="state-text">{detail}</p>
      {onRetry === undefined ? null : (
        <Button icon="refresh" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

type StaleProps = { readonly error: unknown; readonly since: string; readonly onRetry: () => void };

/** Above content that could not be refreshed. `since`: of when it is, as text. */
export function Stale({ error, since, onRetry }: StaleProps) {
  const { title } = wordsOf(error);
  return (
    <div className="stale" role="status">
      <Icon name="alert" size={16} />
      <p>
        {title} What you see is of {since}.
      </p>
      <Button kind="plain" icon="refresh" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}

function wordsOf(error: unknown): { readonly title: string; readonly detail: string } {
  if (error instanceof ApiProblem) return { title: error.title, detail: error.message };
  return {
    title: 'This page has a fault.',
    detail: `Load it again; if it stays, tell who runs signalfold: ${error instanceof Error ? error.message : String(error)}`,
  };
}
