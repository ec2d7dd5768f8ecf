// What the measurements say: topic by topic and of all of them, whether the views keep up.

import { formatInstant } from '../../core/time.ts';
import { eventTopics, foldedTopics } from '../../core/topics.ts';
import type { Pipeline } from '../wire/pipeline.ts';
import { type Beat, lagOf, lastMinute, oldestWaitingMs, ratesOf, sumOf } from './pulse.ts';

const folded: readonly string[] = foldedTopics;

type State = Pipeline['state'];
type Standing = Pick<Pipeline, 'state' | 'lag' | 'oldestWaitingSeconds' | 'perSecond' | 'history' | 'topics'>;

/** Waiting and none folded for so long. */
export const stalledMsMin = 60_000;

/** `kept`: how long each topic keeps its messages, ms. The beats must not be empty. */
export function standingOf(beats: readonly Beat[], kept: ReadonlyMap<string, number | null>): Standing {
  const now = beats.at(-1);
  if (now === undefined) throw new RangeError('there is no measurement');
  const minute = lastMinute(beats);
  const topics = eventTopics.flatMap((topic) => {
    const measured = now.topics.get(topic);
    if (measured === undefined) return [];
    const isFolded = folded.includes(topic);
    const waitingMs = isFolded ? oldestWaitingMs(beats, topic) : null;
    return [
      {
        topic,
        partitions: measured.partitions.size,
        messages: sumOf(now, topic, ({ end, earliest }) => end - earliest),
        keptMs: kept.get(topic) ?? null,
        lag: isFolded ? lagOf(now, topic) : null,
        state: isFolded ? stateOf(beats, [topic]) : null,
        oldestWaitingSeconds: waitingMs === null ? null : waitingMs / 1000,
        perSecond: minute === null ? null : rounded(ratesOf(minute.from, minute.to, topic).in),
      },
    ];
  });
  const waiting = topics.flatMap(({ oldestWaitingSeconds }) => oldestWaitingSeconds ?? []);
  return {
    state: stateOf(beats, foldedTopics),
    lag: lagOfAll(now),
    oldestWaitingSeconds: waiting.length === 0 ? null : Math.max(...waiting),
    perSecond: minute === null ? null : ratesOfAll(minute.from, minute.to),
    history: beats.slice(1).flatMap((beat, index) => {
      const before = beats[index];
      if (before === undefined || beat.at <= before.at) return [];
      return [{ at: formatInstant(beat.at), ...ratesOfAll(before, beat), lag: lagOfAll(beat) }];
    }),
    topics,
  };
}

function lagOfAll(beat: Beat): number {
  return folded.reduce((sum, topic) => sum + lagOf(beat, topic), 0);
}

function ratesOfAll(from: Beat, to: Beat): { readonly in: number; readonly folded: number } {
  const sums = { in: 0, folded: 0 };
  for (const topic of folded) {
    const rates = ratesOf(from, to, topic);
    sums.in += rates.in;
    sums.folded += rates.folded;
  }
  return { in: rounded(sums.in), folded: rounded(sums.folded) };
}

function stateOf(beats: readonly Beat[], topics: readonly string[]): State {
  const now = beats.at(-1);
  if (now === undefined) return 'unknown';
  if (topics.every((topic) => lagOf(now, topic) === 0)) return 'current';
  // Stalled is what waited the whole while and did not move.
  const since = beats.findLast(({ at }) => now.at - at >= stalledMsMin);
  if (since === undefined) return 'behind';
  const waitedAll = beats.every((beat) => beat.at < since.at || topics.some((topic) => lagOf(beat, topic) > 0));
  const moved = topics.some((topic) => ratesOf(since, now, topic).folded > 0);
  return waitedAll && !moved ? 'stalled' : 'behind';
}

function rounded(perSecond: number): number {
  return Math.round(perSecond * 100) / 100;
}
