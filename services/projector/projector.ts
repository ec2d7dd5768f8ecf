// The projector's loop: poll, decode, and now and then flush: dead letters, views with their checkpoints, notices, commit.
import { eventTopics } from '../core/topics.ts';
import type { LogMessage, LogReader } from '../log/port.ts';
import { untilDone } from '../runtime/retry.ts';
import { type Batch, emptyBatch, nextPositions, takeMessages } from './batch.ts';
import { openCatchUp } from './catch-up.ts';
import { openFirmNotes } from './firms.ts';
import { flush } from './flush.ts';
import { tellLosses } from './losses.ts';
import type { Room } from './room.ts';

/** Messages taken from the log at once: some milliseconds of decoding. */
export const pollMessagesMax = 2_000;
/** How long a poll waits while nothing is in hand. */
export const idleWaitMs = 250;
/** Memory held before a flush, whatever the configured number of events says. A second batch may be under way to the store. */
export const batchBytesMax = 128 * 1024 * 1024;
/** The same while a flush is under way, so that it is committed soon after. */
const flushingWaitMs = 10;
/** When the newest message polled was appended longer ago than this, we are far behind the head. */
export const behindMsMin = 2_000;
/** So far behind, logins may run ahead of their impersonations by more than views remember; see catch-up.ts. */
export const farBehindMsMin = 60_000;

/**
 * Runs until the room's signal aborts. Rejects with the first fatal fault. What was gathered but not flushed then stays
 * in the log; a flush in hand is finished.
 */
export async function project(room: Room, reader: LogReader): Promise<void> {
  const { clock, deviceOf, signal, views } = room;
  const flushes = openFlushes(room, reader);
  const catchUp = openCatchUp(room, reader, eventTopics);
  let batch = emptyBatch(views, deviceOf);
  let behindMs = 0;
  await catchUp.step(false, false);
  try {
    while (!signal.aborted) {
      const wait = flushes.isRunning() ? flushingWaitMs : waitMs(room, batch, behindMs);
      const polled = await untilDone(room, 'poll the log', () => reader.poll(wait, pollMessagesMax));
      const { messages } = polled;
      tellLosses(room, polled.losses);
      await takeAll(room, batch, messages);
      const wasFarBehind = behindMs >= farBehindMsMin;
      if (messages.length > 0) behindMs = behindOf(clock.now() - newestAppend(messages));
      else if (polled.atEnd) behindMs = 0;
      if (flushes.isOver()) await flushes.settle();
      if (isDue(room, batch, behindMs, messages.length === 0 && polled.atEnd)) {
        await flushes.settle();
        flushes.start(batch);
        batch = emptyBatch(views, deviceOf);
      }
      const isActive = messages.length > 0 || flushes.isRunning();
      await catchUp.step(isActive, behindMs >= farBehindMsMin && !wasFarBehind);
    }
  } finally {
    await flushes.settle();
  }
}

/** Nothing is passed over while the registry is away: what names an unknown schema waits for it, and all behind it. */
async function takeAll(room: Room, batch: Batch, messages: readonly LogMessage[]): Promise<void> {
  for (let from = 0; ; ) {
    const halt = takeMessages(batch, messages, room, room.clock.now(), from);
    if (halt === null) return;
    await untilDone(room, 'fetch a schema from the registry', () => room.values.fetch(halt.need));
    from = halt.index;
  }
}

type Flushes = {
  isRunning(): boolean;
  isOver(): boolean;
  /** Saves a batch while the next one is gathered. The flush before it must be settled. */
  start(batch: Batch): void;
  /** Waits for the flush in hand, if there is one, and commits it; rejects as it did. */
  settle(): Promise<void>;
};

/** At most one flush at a time, and commits in the order of the flushes. */
function openFlushes(room: Room, reader: LogReader): Flushes {
  const { clock, metrics, probes } = room;
  const noteFirms = openFirmNotes();
  let running: { readonly batch: Batch; readonly saved: Promise<void>; readonly since: number } | null = null;
  let over = false;

  return {
    isRunning: () => running !== null,
    isOver: () => over,
    start: (batch) => {
      over = false;
      const saved = flush(room, noteFirms, batch).finally(() => {
        over = true;
      });
      // Whoever settles hears of a failure; until then it must not end the process as an unhandled rejection.
      saved.catch(() => undefined);
      running = { batch, saved, since: clock.now() };
    },
    settle: async () => {
      if (running === null) return;
      const { batch, saved, since } = running;
      running = null;
      await saved;
      await probes.reached('before-commit');
      await untilDone(room, 'commit', () => reader.commit(nextPositions(batch)));
      room.progressed();
      metrics.count('signalfold_flushes_total', {});
      metrics.observe('signalfold_flush_seconds', {}, Math.max(0, clock.now() - since) / 1000);
      await probes.reached('after-commit');
    },
  };
}

function newestAppend(messages: readonly LogMessage[]): number {
  let newest = 0;
  for (const { appendedAt } of messages) if (appendedAt > newest) newest = appendedAt;
  return newest;
}

/** How far behind the head an age of the newest message polled is, ms; 0 near it. */
function behindOf(ageMs: number): number {
  return ageMs > behindMsMin ? ageMs : 0;
}

/** Behind, events are gathered for no longer than we are behind, so that a short lag never becomes a long one. */
function limits({ config }: Room, behindMs: number): { readonly delayMs: number; readonly events: number } {
  const { flush } = config;
  return behindMs > 0
    ? { delayMs: Math.min(flush.behindDelayMs, behindMs), events: flush.behindEvents }
    : { delayMs: flush.delayMs, events: flush.events };
}

/** Small and often near the head; far behind, let memory fill, so that a client with many events costs one write. */
function isDue(room: Room, batch: Batch, behindMs: number, drained: boolean): boolean {
  if (batch.since === null) return false;
  const { delayMs, events } = limits(room, behindMs);
  const full = batch.messages >= events || batch.bytes >= batchBytesMax;
  return full || drained || room.clock.now() - batch.since >= delayMs;
}

function waitMs(room: Room, batch: Batch, behindMs: number): number {
  if (batch.since === null) return idleWaitMs;
  const { delayMs } = limits(room, behindMs);
  return Math.max(1, Math.min(idleWaitMs, batch.since + delayMs - room.clock.now()));
}
