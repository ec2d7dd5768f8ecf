// A firm's exports, newest first, asked for again while one of them is being made.
import { queryOptions } from '@tanstack/react-query';
import type { ExportJobWire } from '../../query/wire.ts';
import { ask, path } from './ask.ts';

const followMs = 500;
const restMs = 30_000;

export function exportsKey(firmId: string) {
  return ['exports', firmId] as const;
}

export function exportsQuery(firmId: string) {
  return queryOptions({
    queryKey: exportsKey(firmId),
    queryFn: ({ signal }) =>
      ask<{ readonly items: readonly ExportJobWire[] }>(path`/v1/firms/${firmId}/exports`, { signal }),
    refetchInterval: ({ state }) => (state.data?.items.some(isUnderWay) === true ? followMs : restMs),
  });
}

export function isUnderWay({ status }: Pick<ExportJobWire, 'status'>): boolean {
  return status === 'queued' || status === 'running';
}
