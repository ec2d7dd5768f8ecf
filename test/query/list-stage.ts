// A firm in a real store and log, its rosters, and the list route on a real HTTP server.
import { pino } from 'pino';
import type { List } from '../../services/core/list.ts';
import type { EventLog } from '../../services/log/port.ts';
import { registerBatch } from '../../services/query/batch.ts';
import { registerFirmActivity } from '../../services/query/firm-activity.ts';
import { registerList } from '../../services/query/list.ts';
import { registerMovements } from '../../services/query/movements.ts';
import { openRosters, type Rosters, type RostersLimits } from '../../services/query/roster/rosters.ts';
import { openSnapshots } from '../../services/query/snapshots.ts';
import { registerWhatIf } from '../../services/query/what-if.ts';
import type { Clock } from '../../services/runtime/clock.ts';
import { createMetrics } from '../../services/runtime/metrics.ts';
import type { ViewStore } from '../../services/store/port.ts';
import { type Reply, runServer } from '../runtime/server.ts';
import type { OracleAsk } from './list-oracle.ts';

export type ListStage = {
  readonly rosters: Rosters;
  /** `query` as it stands behind the question mark. */
  ask(firmId: string, query?: string): Promise<Reply>;
  /** `path` behind the firm's. */
  get(firmId: string, path: string): Promise<Reply>;
  post(firmId: string, path: string, body: unknown): Promise<Reply>;
  /** Fails on anything but a page. */
  page(firmId: string, query?: string): Promise<List>;
  /** All pages of a walk, in order; `between` runs after each of them. */
  walk(firmId: string, query: string, between?: (page: List) => Promise<void>): Promise<List[]>;
  close(): Promise<void>;
};

export async function openListStage(
  parts: { readonly store: ViewStore; readonly log: EventLog; readonly clock: Clock },
  limits: Partial<RostersLimits> = {},
): Promise<ListStage> {
  // A hand-moved clock sleeps a hundredth of what it is told.
  const patience = { loadMs: 1_000_000, ...limits };
  const rosters = openRosters({ ...parts, logger: pino({ level: 'silent' }), metrics: createMetrics() }, patience);
  const server = await runServer({
    routes: (instance) => {
      const snapshots = openSnapshots(parts, { waitMs: 1_000_000, keptMs: 1_000_000 });
      instance.addHook('onClose', snapshots.close);
      registerList(instance, { ...parts, rosters, snapshots });
      registerBatch(instance, parts);
      registerWhatIf(instance, { ...parts, snapshots });
      registerFirmActivity(instance, { ...parts, snapshots });
      registerMovements(instance, { ...parts, snapshots });
    },
  });
  const stage: ListStage = {
    rosters,
    ask: (firmId, query = '') => server.send('GET', `/v1/firms/${encodeURIComponent(firmId)}/clients?${query}`),
    get: (firmId, path) => server.send('GET', `/v1/firms/${encodeURIComponent(firmId)}/${path}`),
    post: (firmId, path, body) =>
      server.send(
        'POST',
        `/v1/firms/${encodeURIComponent(firmId)}/${path}`,
        { 'content-type': 'application/json' },
        JSON.stringify(body),
      ),
    page: async (firmId, query = '') => {
      const { status, text } = await stage.ask(firmId, query);
      if (status !== 200) throw new Error(`${query}: ${status} ${text}`);
      return JSON.parse(text);
    },
    walk: async (firmId, query, between) => {
      const pages: List[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page: List = await stage.page(firmId, `${query}&cursor=${cursor}`);
        pages.push(page);
        await between?.(page);
        cursor = page.nextCursor;
      }
      return pages;
    },
    close: async () => {
      await server.stop();
      await rosters.close();
    },
  };
  return stage;
}

/** What is asked, as it stands behind the question mark. */
export function queryOf(ask: OracleAsk): string {
  const given = Object.entries(ask).map(([name, value]): [string, string] => [name, [value].flat().join(',')]);
  return new URLSearchParams(given).toString();
}
