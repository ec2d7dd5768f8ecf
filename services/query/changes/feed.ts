// The feed of changes: follows the notices once for all subscribers of this process, and hands each what concerns it,
// gathered for a moment and each client's view at its newest version alone.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Notice } from '../../core/events/changes.ts';
import { isInBook } from '../../core/filter.ts';
import type { ClientId, FirmId } from '../../core/ids.ts';
import type { EventLog } from '../../log/port.ts';
import { type Clock, inTime } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import { Problem } from '../../runtime/problem.ts';
import type { ViewStore } from '../../store/port.ts';
import { readProfiles } from '../profiles.ts';
import { type Follower, openFollower, type Place } from '../roster/follower.ts';
import { type Change, gatheredMax, type ResetReason } from './change.ts';
import { readMissed } from './missed.ts';

const gatherMsPreset = 200;
const heartbeatMsPreset = 15_000;
/** Of one process, and of one firm. */
const subscribersMax = 2_000;
const inFirmMax = 500;
/** How long a subscriber waits for the notices to be followed. */
const beginMsMax = 10_000;
/** Missed changes are read for so many subscribers at once; the others load anew. */
const catchingUpMax = 8;

export type Subscriber = {
  readonly firmId: FirmId;
  /** The adviser whose clients alone it hears of; null: everybody's. */
  readonly book: string | null;
  /** Everything before `place` has been told with this. False: it does not read, was reset, and ends. */
  take(changes: readonly Change[], place: Place): boolean;
  reset(reason: ResetReason, place: Place): void;
  heartbeat(place: Place): void;
  end(): void;
};

export type Feed = {
  /**
   * Tells what happens from `from` on (null: from now on), or resets first. Answers how to leave. Throws the problem
   * unavailable when there are too many subscribers, or the notices cannot be followed.
   */
  subscribe(subscriber: Subscriber, from: Place | null): Promise<() => void>;
  close(): Promise<void>;
};

type Gathered = Map<string, Change>;
type Member = { readonly subscriber: Subscriber; held: Gathered | null };
type Channel = { readonly members: Set<Member>; gathered: Gathered; isDue: boolean };

export type FeedParts = {
  readonly log: EventLog;
  readonly store: ViewStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
};

export type FeedLimits = {
  readonly gatherMs: number;
  readonly heartbeatMs: number;
  readonly firmSubscribersMax: number;
};

export function openFeed(parts: FeedParts, limits: Partial<FeedLimits> = {}): Feed {
  const { store, clock, logger, metrics } = parts;
  const { gatherMs = gatherMsPreset, heartbeatMs = heartbeatMsPreset, firmSubscribersMax = inFirmMax } = limits;
  const channels = new Map<string, Channel>();
  const closing = new AbortController();
  let follower: Follower | null = null;
  let heart: Promise<void> | null = null;
  let catchingUp = 0;

  const members = () => [...channels.values()].flatMap((channel) => [...channel.members]);
  const tellCount = () => metrics.set('signalfold_change_subscribers', {}, members().length);
  const leave = (member: Member) => {
    const channel = channels.get(member.subscriber.firmId);
    if (channel?.members.delete(member) === true && channel.members.size === 0) {
      channels.delete(member.subscriber.firmId);
    }
    tellCount();
  };
  const reset = (subscriber: Subscriber, reason: ResetReason, place: Place) => {
    metrics.count('signalfold_change_resets_total', { reason });
    subscriber.reset(reason, place);
  };
  const countSlow = () => metrics.count('signalfold_change_resets_total', { reason: 'too_slow' });
  const endMembers = (some: readonly Member[]) => {
    for (const member of some) {
      leave(member);
      member.subscriber.end();
    }
  };

  /** One after the other, so that nobody is told of a place before all that lies before it. */
  const handOut = async (firmId: FirmId, channel: Channel) => {
    try {
      while (channel.gathered.size > 0) {
        await clock.sleep(gatherMs, closing.signal);
        const place = follower?.place() ?? null;
        const { gathered } = channel;
        channel.gathered = new Map();
        // After a gap everybody was sent away.
        if (place === null || closing.signal.aborted) return;
        await tell(firmId, channel, gathered, place);
      }
    } finally {
      channel.isDue = false;
    }
  };
  const tell = async (firmId: FirmId, channel: Channel, gathered: Gathered, place: Place) => {
    const changes = [...gathered.values()];
    const isTooMuch = changes.length > gatheredMax;
    // Who joins from here on joins behind all this, and the books were not read for them.
    const listening = [...channel.members];
    const books = isTooMuch ? nobodys : await booksOf(store, firmId, changes, listening);
    for (const member of listening) {
      const { subscriber, held } = member;
      const own = changes.filter(({ clientId }) => books.isIn(clientId, subscriber.book));
      if (held !== null) for (const change of own) gather(held, change);
      else if (!isTooMuch && !subscriber.take(own, place)) countSlow();
      if (isTooMuch || (held !== null && held.size > gatheredMax)) {
        leave(member);
        reset(subscriber, 'too_much', place);
        subscriber.end();
      }
    }
  };
  const take = async (notices: readonly Notice[]) => {
    for (const notice of notices) {
      const channel = channels.get(notice.firmId);
      if (channel === undefined) continue;
      if (channel.gathered.size <= gatheredMax) gather(channel.gathered, notice);
      if (channel.isDue) continue;
      channel.isDue = true;
      handOut(notice.firmId, channel).catch((err: unknown) => {
        logger.warn({ err, firmId: notice.firmId }, 'changes cannot be told; subscribers come again where they were');
        endMembers([...channel.members]);
      });
    }
  };

  const beat = async () => {
    while (!closing.signal.aborted) {
      await clock.sleep(heartbeatMs, closing.signal);
      const place = follower?.place() ?? null;
      if (place === null) continue;
      for (const { subscriber, held } of members()) {
        // What is gathered has not been told yet, so that the place is not theirs.
        const isBehind = held !== null || channels.get(subscriber.firmId)?.isDue === true;
        if (!isBehind) subscriber.heartbeat(place);
      }
    }
  };

  const catchUp = async (member: Member, from: Place, to: Place) => {
    const { subscriber } = member;
    const { firmId, book } = subscriber;
    catchingUp += 1;
    try {
      const missed =
        catchingUp > catchingUpMax ? 'too_much' : await readMissed(parts, firmId, from, to, closing.signal);
      const place = follower?.place() ?? to;
      const held = member.held ?? new Map();
      if (typeof missed === 'string') {
        member.held = null;
        reset(subscriber, missed, place);
        return;
      }
      const books = await booksOf(store, firmId, missed, [member]);
      for (const change of missed) if (books.isIn(change.clientId, book)) gather(held, change);
      member.held = null;
      // What is gathered at present comes again with what follows.
      subscriber.take([...held.values()], to);
    } finally {
      catchingUp -= 1;
    }
  };

  const begin = async (): Promise<void> => {
    if (closing.signal.aborted) throw cannotFollow();
    follower ??= openFollower({
      ...parts,
      wants: (firmId) => channels.has(firmId),
      take,
      onGap: () => endMembers(members()),
    });
    heart ??= beat();
    await inTime(clock, beginMsMax, follower.begun);
    if (!follower.isFollowing() || closing.signal.aborted) throw cannotFollow();
  };

  return {
    subscribe: async (subscriber, from) => {
      await begin();
      const inFirm = channels.get(subscriber.firmId)?.members.size ?? 0;
      if (inFirm >= firmSubscribersMax || members().length >= subscribersMax) {
        throw new Problem('unavailable', 'Too many subscribers follow changes at present. Try again in a moment.');
      }
      const channel = channels.get(subscriber.firmId) ?? { members: new Set(), gathered: new Map(), isDue: false };
      channels.set(subscriber.firmId, channel);
      const member: Member = { subscriber, held: from === null ? null : new Map() };
      channel.members.add(member);
      tellCount();
      // What was passed over just before, because nobody of this firm listened, lies before the place after this turn.
      await nextTurn();
      const to = follower?.place() ?? null;
      if (to === null) {
        leave(member);
        throw cannotFollow();
      }
      if (from === null) subscriber.take([], to);
      else {
        catchUp(member, from, to).catch((err: unknown) => {
          logger.warn({ err, firmId: subscriber.firmId }, 'missed changes cannot be read; the subscriber comes again');
          endMembers([member]);
        });
      }
      return () => leave(member);
    },
    close: async () => {
      closing.abort();
      endMembers(members());
      await follower?.close();
      await heart;
    },
  };
}

function cannotFollow(): Problem {
  return new Problem('unavailable', 'Changes cannot be followed at present. Try again in a moment.');
}

function gather(gathered: Gathered, { clientId, view, version }: Change): void {
  const key = `${clientId}\t${view}`;
  const known = gathered.get(key);
  gathered.delete(key);
  gathered.set(key, { clientId, view, version: Math.max(version, known?.version ?? 0) });
}

type Books = { isIn(clientId: ClientId, book: string | null): boolean };

/** Whose clients they are now, read once for all who may not hear of everybody. */
async function booksOf(
  store: ViewStore,
  firmId: FirmId,
  changes: readonly Change[],
  members: readonly Member[],
): Promise<Books> {
  if (members.every(({ subscriber }) => subscriber.book === null)) return { isIn: () => true };
  const clientIds = [...new Set(changes.map(({ clientId }) => clientId))];
  const profiles = await readProfiles(store, firmId, clientIds);
  const found = new Map(clientIds.map((clientId, index) => [clientId, profiles[index] ?? null]));
  return { isIn: (clientId, book) => isInBook({ profile: found.get(clientId) ?? null }, book) };
}

const nobodys: Books = { isIn: () => false };
