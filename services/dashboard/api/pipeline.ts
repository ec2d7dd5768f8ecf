// How the pipeline stands, asked again every few seconds; and dead letters sent again.
import { queryOptions } from '@tanstack/react-query';
import type { Pipeline, RedriveOutcome } from '../../query/wire.ts';
import { ask } from './ask.ts';

const askAgainMs = 3_000;

export const pipelineQuery = queryOptions({
  queryKey: ['pipeline'],
  queryFn: ({ signal }) => ask<Pipeline>('/v1/pipeline', { signal }),
  refetchInterval: askAgainMs,
});

/** Those that are usable now. A dry run sends nothing, and says how many would be. */
export function redrive(dryRun: boolean): Promise<RedriveOutcome> {
  return ask<RedriveOutcome>('/v1/dead-letters/redrive', { method: 'POST', body: { dryRun } });
}
