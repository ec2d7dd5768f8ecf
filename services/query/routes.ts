// The query room's routes.
import type { FastifyInstance } from 'fastify';
import type { EventLog } from '../log/port.ts';
import type { Clock } from '../runtime/clock.ts';
import type { AuthConfig } from '../runtime/config-auth.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { ViewTokens } from '../runtime/view-tokens.ts';
import type { ViewStore } from '../store/port.ts';
import { registerActivity } from './activity.ts';
import { registerBatch } from './batch.ts';
import { registerCard } from './card.ts';
import { openFeed } from './changes/feed.ts';
import { registerChanges } from './changes/route.ts';
import { openLetterBook } from './dead-letters/book.ts';
import { registerDeadLetters } from './dead-letters/routes.ts';
import type { SourceLetters } from './dead-letters/verdict.ts';
import { registerErasure } from './erase.ts';
import { registerFirmActivity } from './firm-activity.ts';
import { registerList } from './list.ts';
import { registerMe } from './me.ts';
import { registerMovements } from './movements.ts';
import { type Pages, registerPages } from './pages.ts';
import { type FoldFigures, openFoldFigures } from './pipeline/fold-figures.ts';
import { openPulse, type Pulse } from './pipeline/pulse.ts';
import { type Configured, registerPipeline } from './pipeline/route.ts';
import type { Rosters } from './roster/rosters.ts';
import { registerSettings } from './settings.ts';
import { registerSignIn } from './sign-in.ts';
import { openSnapshots } from './snapshots.ts';
import { registerTimeline } from './timeline.ts';
import { registerViewTokens } from './view-tokens.ts';
import { registerWhatIf } from './what-if.ts';

export type QueryParts = {
  readonly log: EventLog;
  readonly store: ViewStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly rosters: Rosters;
  readonly viewTokens: ViewTokens;
  readonly pages: Pages;
  readonly auth: AuthConfig | null;
  /** Sends dead letters of sources again; null where that cannot be done. */
  readonly atSource: SourceLetters | null;
  /** The group of the projectors. */
  readonly group: string;
  /** Whether a projector counts into these metrics. */
  readonly projects: boolean;
  readonly configured: Configured;
};

export function registerQuery(server: FastifyInstance, parts: QueryParts): void {
  const snapshots = openSnapshots(parts);
  const book = openLetterBook(parts);
  server.addHook('onClose', snapshots.close);
  server.addHook('onClose', book.close);
  registerDeadLetters(server, { ...parts, book });
  registerPipeline(server, { ...parts, book, ...openFigures(server, parts) });
  registerCard(server, parts);
  registerTimeline(server, parts);
  registerActivity(server, parts);
  registerErasure(server, { ...parts, onErased: snapshots.forget });
  registerList(server, { ...parts, snapshots });
  registerBatch(server, parts);
  registerWhatIf(server, { ...parts, snapshots });
  registerFirmActivity(server, { ...parts, snapshots });
  registerMovements(server, { ...parts, snapshots });
  registerChanges(server, { ...parts, feed: openFeed(parts) });
  registerSettings(server, parts);
  registerViewTokens(server, parts);
  registerMe(server, parts);
  registerPages(server, parts.pages);
  registerSignIn(server, parts);
}

function openFigures(server: FastifyInstance, parts: QueryParts): { pulse: Pulse; fold: FoldFigures | null } {
  const pulse = openPulse(parts);
  const fold = parts.projects ? openFoldFigures(parts) : null;
  server.addHook('onClose', pulse.close);
  if (fold !== null) server.addHook('onClose', fold.close);
  return { pulse, fold };
}
