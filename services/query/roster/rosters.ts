// The rosters in memory: loaded when a list is asked for, kept up to date together, dropped when memory or interest ends.
import { frameOf } from '../../core/derive/frame.ts';
import type { Notice } from '../../core/events/changes.ts';
import type { FirmId } from '../../core/ids.ts';
import type { EventLog } from '../../log/port.ts';
import { type Clock, inTime } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import { Problem } from '../../runtime/problem.ts';
import type { FirmRecord, ViewStore } from '../../store/port.ts';
import { type Page, readPage } from '../page.ts';
import { type Offsets, openFollower } from './follower.ts';
import { openRoster, type PageEnd, type Roster, type RosterAsk } from './roster.ts';

/** Unless another limit is given. */
const rosterBytesMax = 768 * 1024 * 1024;
/** Bytes are told again once they are another by more than this share. */
const bytesToldShare = 0.01;
const idleMsMax = 30 * 60_000;
const lookAtIdleMs = 60_000;
/** How long an answer waits for a firm to be loaded. */
const loadMsMax = 10_000;
/** How long it waits for what was told before the question; then it answers from what it knows. */
const catchUpMsMax = 5_000;
/** Under a flood it does not wait for more than so many notices, as long as it knows what was told this long ago. */
const catchUpNoticesMax = 128;
const staleMsMax = 500;
/** A roster may be dropped under a question, which then loads it again. */
const triesMax = 3;

export type RostersParts = {
  readonly log: EventLog;
  readonly store: ViewStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'set'>;
};

export type RosterPage = {
  /** The instant that it is of, epoch ms. */
  readonly at: number;
  readonly page: Page;
  /** Null on the last page. */
  readonly end: PageEnd | null;
};

/** What tiles show of the firm itself. */
export type RosterFirm = Pick<FirmRecord, 'firmId' | 'dataSince'>;

export type Rosters = {
  /**
   * A page from the firm's roster, which holds everything that was told before the call; while more notices arrive than
   * are taken in at once, what was told half a second before. Throws the problem unavailable while the firm is
   * being loaded.
   */
  page(firm: RosterFirm, ask: RosterAsk): Promise<RosterPage>;
  close(): Promise<void>;
};

export type RostersLimits = {
  /** Of all rosters together; above it the ones not asked for longest go. The one asked for last stays. */
  readonly bytesMax: number;
  readonly idleMs: number;
  readonly loadMs: number;
};

type Kept = { readonly roster: Roster; usedAt: number; isReady: boolean };

export function openRosters(parts: RostersParts, limits: Partial<RostersLimits> = {}): Rosters {
  const { store, clock, logger, metrics } = parts;
  const { bytesMax = rosterBytesMax, idleMs = idleMsMax, loadMs = loadMsMax } = limits;
  /** The one asked for last stands last. */
  const kept = new Map<string, Kept>();
  const closing = new AbortController();

  const bytesKept = () => [...kept.values()].reduce((sum, { roster }) => sum + bytesOf(roster), 0);
  let bytesTold = 0;
  const tellBytes = (bytes = bytesKept()) => {
    // Notices come many times a second, and each of them may change some bytes.
    if (Math.abs(bytes - bytesTold) <= bytesTold * bytesToldShare) return;
    bytesTold = bytes;
    metrics.set('signalfold_roster_bytes', {}, bytes);
  };
  const drop = (firmId: string) => {
    kept.get(firmId)?.roster.drop();
    kept.delete(firmId);
    tellBytes();
  };
  const dropAll = () => {
    for (const firmId of [...kept.keys()]) drop(firmId);
  };
  const keepWithinMemory = () => {
    let bytes = bytesKept();
    for (const [firmId, { roster, isReady }] of [...kept].slice(0, -1)) {
      if (bytes <= bytesMax) break;
      if (!isReady) continue;
      bytes -= bytesOf(roster);
      drop(firmId);
    }
    tellBytes(bytes);
  };

  const take = async (firmId: string, notices: readonly Notice[]) => {
    const one = kept.get(firmId);
    if (one === undefined) return;
    try {
      await one.roster.take(notices);
    } catch (err) {
      logger.warn({ err, firmId }, 'a list cannot be kept up to date; it is loaded again');
      if (kept.get(firmId) === one) drop(firmId);
    }
  };
  const follower = openFollower({
    ...parts,
    wants: (firmId) => kept.has(firmId),
    take: async (notices) => {
      await Promise.all(byFirm(notices).map(([firmId, some]) => take(firmId, some)));
      keepWithinMemory();
    },
    onGap: dropAll,
  });

  const dropIdle = async () => {
    while (!closing.signal.aborted) {
      await clock.sleep(lookAtIdleMs, closing.signal);
      for (const [firmId, { usedAt }] of [...kept]) if (clock.now() - usedAt > idleMs) drop(firmId);
    }
  };
  const idle = dropIdle();

  /** Notices must be followed by now, so that none is missed after loading has begun. */
  const keep = (firmId: FirmId): Kept => {
    const known = kept.get(firmId);
    if (known !== undefined) {
      known.usedAt = clock.now();
      kept.delete(firmId);
      kept.set(firmId, known);
      return known;
    }
    const roster = openRoster({ firmId, store, clock });
    const one: Kept = { roster, usedAt: clock.now(), isReady: false };
    kept.set(firmId, one);
    roster.ready.then(
      () => {
        one.isReady = true;
        keepWithinMemory();
      },
      (err: unknown) => {
        if (kept.get(firmId) !== one) return;
        logger.warn({ err, firmId }, 'a list cannot be loaded');
        drop(firmId);
      },
    );
    return one;
  };

  const hasCaughtUp = (end: Offsets): boolean => {
    const behind = follower.behind(end);
    return behind === 0 || (behind > catchUpNoticesMax && clock.now() - follower.caughtUpAt() <= staleMsMax);
  };

  return {
    page: async (firm, ask) => {
      const { firmId } = firm;
      const end = await follower.end();
      for (let tries = 0; tries < triesMax; tries += 1) {
        if (!follower.isFollowing()) await inTime(clock, loadMs, follower.begun);
        if (!follower.isFollowing()) break;
        const { roster, isReady } = keep(firmId);
        if (!isReady && !(await inTime(clock, loadMs, () => roster.ready.then(() => true)))) break;
        if (!hasCaughtUp(end)) {
          await inTime(clock, catchUpMsMax, (signal) => follower.follows(() => hasCaughtUp(end), signal));
        }
        const answer = await roster.query(ask);
        if (answer === null) continue;
        const { at, end: pageEnd } = answer;
        const page = await readPage(store, firm, ask.filter.book, answer, frameOf(ask.settings, at));
        return { at, page, end: pageEnd };
      }
      throw new Problem('unavailable', 'The clients of this firm are being loaded. Try again in a moment.');
    },
    close: async () => {
      closing.abort();
      dropAll();
      await follower.close();
      await idle;
    },
  };
}

function byFirm(notices: readonly Notice[]): [FirmId, Notice[]][] {
  const found = new Map<FirmId, Notice[]>();
  for (const notice of notices) {
    const some = found.get(notice.firmId);
    if (some === undefined) found.set(notice.firmId, [notice]);
    else some.push(notice);
  }
  return [...found];
}

function bytesOf(roster: Roster): number {
  const { own, beside } = roster.bytes();
  return own + beside;
}
