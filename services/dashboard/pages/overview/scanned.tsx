// Content that needs the whole firm read: it is there, it is old, it is being read, or it failed.
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiProblem } from '../../api/ask.ts';
import { useFirm } from '../../frame/firm.tsx';
import { instantText } from '../../frame/format.ts';
import { Failed, Loading, Stale } from '../../parts/states.tsx';

type ScannedProps<Answer> = {
  readonly query: UseQueryResult<Answer>;
  /** What is waited for. */
  readonly what: string;
  readonly lines?: number;
  readonly children: (answer: Answer) => ReactNode;
};

export function Scanned<Answer extends { readonly evaluatedAt: string }>({
  query,
  what,
  lines = 4,
  children,
}: ScannedProps<Answer>) {
  const { data, error, failureReason, refetch } = query;
  const { settings } = useFirm();
  if (data !== undefined) {
    return (
      <>
        {error === null ? null : (
          <Stale
            error={error}
            since={instantText(data.evaluatedAt, settings.timeZone)}
            onRetry={() => void refetch()}
          />
        )}
        {children(data)}
      </>
    );
  }
  if (error !== null) return <Failed error={error} onRetry={() => void refetch()} />;
  const isReading = failureReason instanceof ApiProblem && failureReason.status === 503;
  return (
    <>
      <Loading what={what} lines={lines} />
      <p className="reading" role="status">
        {isReading ? 'The service is reading all clients. With many of them this takes some seconds.' : ''}
      </p>
    </>
  );
}
