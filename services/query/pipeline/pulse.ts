// The pulse of the log: where its topics end and how far the projectors' group has come, measured every few seconds. Rates
// and ages come of comparing measurements, so they need neither the projector's process nor a look into messages.
import { eventTopics } from '../../core/topics.ts';
import type { EventLog } from '../../log/port.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';

export const beatMs = 2_000;
/** Five minutes. */
const beatsMax = 150;
/** Rates are of this last while. */
const rateMs = 60_000;

/** One partition at one instant: the first offset kept, the end, and the next that the group has to fold. */
type Extent = { readonly earliest: number; readonly end: number; readonly next: number };
type Measured = { readonly incarnation: string; readonly partitions: ReadonlyMap<number, Extent> };
/** `at`: epoch ms. */
export type Beat = { readonly at: number; readonly topics: ReadonlyMap<string, Measured> };

export type Pulse = {
  /** The oldest first; the last was measured after the call. */
  take(): Promise<readonly Beat[]>;
  close(): Promise<void>;
};

export function openPulse(parts: {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly group: string;
}): Pulse {
  const { log, clock, logger, group } = parts;
  const closing = new AbortController();
  const beats: Beat[] = [];
  const measure = async () => {
    const beat = await measureOnce(log, clock, group);
    beats.push(beat);
    if (beats.length > beatsMax) beats.shift();
  };
  const goOn = async () => {
    while (!closing.signal.aborted) {
      await measure().catch((err: unknown) => logger.debug({ err }, 'the pulse of the log could not be measured'));
      await clock.sleep(beatMs, closing.signal);
    }
  };
  const done = goOn();
  return {
    take: async () => {
      const newest = beats.at(-1);
      // Somebody who asks every moment makes no more measurements than the rhythm does.
      if (newest === undefined || clock.now() - newest.at >= beatMs / 2) await measure();
      return beats;
    },
    close: async () => {
      closing.abort();
      await done;
    },
  };
}

/** Ends are read before commits, so that a lag of 0 says that all that was appended before is in the views. */
async function measureOnce(log: EventLog, clock: Clock, group: string): Promise<Beat> {
  const at = clock.now();
  const topics = new Map<string, Measured>();
  for (const { topic, incarnation, partitions } of await log.describe(eventTopics)) {
    const commits = await log.committed(group, topic);
    const extents = partitions.map(({ partition, earliest, end }) => {
      const next = Math.max(commits.get(partition) ?? earliest, earliest);
      return [partition, { earliest, end, next: Math.min(next, end) }] as const;
    });
    topics.set(topic, { incarnation, partitions: new Map(extents) });
  }
  return { at, topics };
}

export function lagOf(beat: Beat, topic: string): number {
  return sumOf(beat, topic, ({ end, next }) => end - next);
}

/** Sums over the partitions of a topic. */
export function sumOf(beat: Beat, topic: string, of: (extent: Extent) => number): number {
  let sum = 0;
  for (const extent of beat.topics.get(topic)?.partitions.values() ?? []) sum += of(extent);
  return sum;
}

/** The last minute, or what there is of it: its first and its last beat. Null while there is only one. */
export function lastMinute(beats: readonly Beat[]): { readonly from: Beat; readonly to: Beat } | null {
  const to = beats.at(-1);
  const from = beats.find(({ at }) => to !== undefined && to.at - at <= rateMs);
  return to === undefined || from === undefined || from === to ? null : { from, to };
}

/** A second between two beats, of one topic; 0 where it was created anew in between. */
export function ratesOf(from: Beat, to: Beat, topic: string): { readonly in: number; readonly folded: number } {
  const seconds = (to.at - from.at) / 1000;
  if (seconds <= 0 || from.topics.get(topic)?.incarnation !== to.topics.get(topic)?.incarnation)
    return { in: 0, folded: 0 };
  const grown = (of: (extent: Extent) => number) =>
    Math.max(0, sumOf(to, topic, of) - sumOf(from, topic, of)) / seconds;
  return { in: grown(({ end }) => end), folded: grown(({ next }) => next) };
}

/**
 * How long ago, at most, the oldest message was appended that is not in the views yet, ms: it was not there at the beat
 * before the first whose end lies behind it. Null when none waits. What has waited longer than we measure is as old as that.
 */
export function oldestWaitingMs(beats: readonly Beat[], topic: string): number | null {
  const now = beats.at(-1);
  if (now === undefined) return null;
  let oldest: number | null = null;
  const measured = now.topics.get(topic);
  for (const [partition, { end, next }] of measured?.partitions ?? []) {
    if (next >= end) continue;
    const seen = beats.findIndex(({ topics }) => {
      const then = topics.get(topic);
      return then?.incarnation === measured?.incarnation && (then?.partitions.get(partition)?.end ?? 0) > next;
    });
    const age = now.at - (beats[Math.max(0, seen - 1)]?.at ?? now.at);
    oldest = Math.max(oldest ?? 0, age);
  }
  return oldest;
}
