// Puts the projector together: joins the group, runs the loop, watches it, and stops it gracefully.
import { eventTopics } from '../core/topics.ts';
import type { View } from '../core/view.ts';
import { accessView } from '../core/views/access/view.ts';
import { profileView } from '../core/views/profile/view.ts';
import { signalsView } from '../core/views/signals/view.ts';
import { type AvroValues, ownAvroValues } from '../log/avro/values.ts';
import type { EventLog } from '../log/port.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ReadinessCheck } from '../runtime/health.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { Interrupted, untilDone } from '../runtime/retry.ts';
import type { ViewStore } from '../store/port.ts';
import { openDeviceOf } from './device-of.ts';
import { project } from './projector.ts';
import type { Probes, ProjectorConfig, Room } from './room.ts';
import { openViewsCache } from './views-cache.ts';
import { type Progress, stalledMsMax, watchLag } from './watch.ts';

/** The views we fold. A new view is a folder in core and a line here. */
export const views: readonly View<unknown>[] = [signalsView, accessView, profileView];

export type ProjectorOptions = {
  readonly config: ProjectorConfig;
  readonly log: EventLog;
  readonly store: ViewStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Aborting it stops the projector, as `stop` does. */
  readonly signal?: AbortSignal;
  /** Go on after messages were lost to retention; default: stop with messages_lost. */
  readonly acceptLoss?: boolean;
  /** For tests. */
  readonly probes?: Probes;
  readonly views?: readonly View<unknown>[];
  /** Reads values that are not JSON; without it by our own schemas alone. */
  readonly values?: AvroValues;
};

export type Projector = {
  /** Finishes the flush in hand, commits, leaves the group. Resolves also when the projector has failed: see `done`. */
  stop(): Promise<void>;
  readonly readiness: ReadinessCheck;
  /** Resolves after a stop; rejects with the fault that ended the projector. */
  readonly done: Promise<void>;
};

/** Starts folding the event topics, which must exist, into views. Log and store stay the caller's to close. */
export function runProjector(options: ProjectorOptions): Projector {
  const { clock, config } = options;
  const stopping = new AbortController();
  const signal = options.signal === undefined ? stopping.signal : AbortSignal.any([options.signal, stopping.signal]);
  const progress: Progress = { at: clock.now(), lag: null };
  const room: Room = {
    ...options,
    signal,
    views: options.views ?? views,
    values: options.values ?? ownAvroValues(),
    cache: openViewsCache(config.cacheBytesMax),
    deviceOf: openDeviceOf(),
    acceptLoss: options.acceptLoss ?? false,
    probes: options.probes ?? { reached: () => undefined },
    progressed: () => {
      progress.at = clock.now();
    },
  };
  let ended = false;
  const done = runRoom(room, progress, stopping).finally(() => {
    ended = true;
  });
  // Whoever never looks at `done` must not lose the process to an unhandled rejection.
  done.catch(() => undefined);
  return {
    done,
    stop: async () => {
      stopping.abort();
      await done.catch(() => undefined);
    },
    readiness: { name: 'projector', check: async () => readinessOf(progress, ended, clock.now()) },
  };
}

async function runRoom(room: Room, progress: Progress, stopping: AbortController): Promise<void> {
  try {
    const reader = await untilDone(room, 'join the group', () => room.log.join(room.config.group, eventTopics));
    const watching = watchLag(room, reader, eventTopics, progress);
    try {
      await project(room, reader);
    } finally {
      stopping.abort();
      await watching;
      await reader.close();
    }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    room.logger.warn(`Stopped before everything in hand was saved; it will be read again. ${error.message}.`);
  }
}

function readinessOf(progress: Progress, ended: boolean, now: number) {
  if (ended) return { ok: false, detail: 'stopped' };
  if (progress.lag === null) return { ok: false, detail: 'starting' };
  const stalledMs = now - progress.at;
  if (progress.lag > 0 && stalledMs > stalledMsMax) {
    return { ok: false, detail: `${progress.lag} messages behind, no progress for ${Math.round(stalledMs / 1000)} s` };
  }
  return { ok: true, detail: `${progress.lag} messages behind` };
}
