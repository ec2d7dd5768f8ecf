// Follows the topic of notices for all rosters of this process, and knows how far it has come.
import type { Notice } from '../../core/events/changes.ts';
import { changesTopic, noticeSchema } from '../../core/topics.ts';
import { readText } from '../../log/codec.ts';
import type { EventLog, LogMessage, TopicDescription } from '../../log/port.ts';
import type { Clock } from '../../runtime/clock.ts';
import { OperatingError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';

const slash = '/'.charCodeAt(0);
/** Before following is begun anew after a failure. */
const beginAgainMs = 1_000;
/** Ends that are waited for at once; others are reached with the ones before them. */
const sightingsMax = 256;

/** Offsets by partition: the next one to read, or the one the next message will get. */
export type Offsets = ReadonlyMap<number, number>;

/** How far a topic has been read, and which one of its name. */
export type Place = { readonly incarnation: string; readonly next: Offsets };

export type Follower = {
  /** Every notice before it was taken in; null while it does not follow. */
  place(): Place | null;
  /** Whether notices from here on are seen. */
  isFollowing(): boolean;
  /** The end of the topic, read after this call. Callers share what is read. */
  end(): Promise<Offsets>;
  /** How many notices before `end` were not taken in yet; 0 when it has come that far, and while it does not follow. */
  behind(end: Offsets): number;
  /** Every notice that was there at this instant, epoch ms, was taken in. It moves on when an end that was read is reached. */
  caughtUpAt(): number;
  /** Looks for more at once. Resolves when that makes `isEnough` true, when following ends, or when `signal` aborts. */
  follows(isEnough: () => boolean, signal: AbortSignal): Promise<void>;
  /** Resolves when it follows, or `signal` aborts. */
  begun(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
};

export type FollowerParts = {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether notices of that firm are wanted. */
  wants(firmId: string): boolean;
  take(notices: readonly Notice[]): Promise<void>;
  /** Following ended, and notices may have been missed. */
  onGap(): void;
};

/** Begins to follow; after any failure begins anew at the end of the topic, having told of the gap. */
export function openFollower(parts: FollowerParts): Follower {
  const { log, clock, logger } = parts;
  const closing = new AbortController();
  const waiters = new Set<() => void>();
  let next: Map<number, number> | null = null;
  let incarnation = '';
  let look = () => {};
  /** Ends that were read and not reached yet, in the order of when that was. */
  let sightings: { readonly at: number; readonly end: Offsets }[] = [];
  let caughtUpAt = Number.NEGATIVE_INFINITY;

  const passSightings = () => {
    if (next === null) return;
    for (let first = sightings[0]; first !== undefined && behind(next, first.end) === 0; first = sightings[0]) {
      caughtUpAt = first.at;
      sightings.shift();
    }
  };
  const sight = async (): Promise<Offsets> => {
    const at = clock.now();
    const topic = await describeChanges(log);
    const end = endOf(topic);
    // The end of another topic of that name may never be reached, and would stand before all that are.
    if (topic.incarnation === incarnation && sightings.length < sightingsMax) sightings.push({ at, end });
    passSightings();
    return end;
  };

  const wake = () => {
    for (const ask of [...waiters]) ask();
  };
  /** Resolves when `isTrue` after something happened. */
  const until = (isTrue: () => boolean, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const ask = () => {
        if (!isTrue() && !signal.aborted && !closing.signal.aborted) return;
        waiters.delete(ask);
        signal.removeEventListener('abort', ask);
        resolve();
      };
      waiters.add(ask);
      signal.addEventListener('abort', ask);
      ask();
    });

  const onMessages = async (messages: readonly LogMessage[]) => {
    const notices = messages.flatMap((message) => noticeOf(message, parts));
    if (notices.length > 0) await parts.take(notices);
    for (const { partition, offset } of messages) next?.set(partition, offset + 1);
    passSightings();
    wake();
  };

  const followOnce = async () => {
    const topic = await describeChanges(log);
    const end = endOf(topic);
    next = new Map(end);
    incarnation = topic.incarnation;
    sightings = [];
    caughtUpAt = Number.NEGATIVE_INFINITY;
    wake();
    const following = await log.follow(changesTopic, end, onMessages);
    look = following.look;
    const stop = () => void following.stop();
    closing.signal.addEventListener('abort', stop, { once: true });
    if (closing.signal.aborted) stop();
    try {
      // One that was made anew in between would be followed from where the old one ended.
      const { incarnation: followed } = await describeChanges(log);
      if (followed !== incarnation) throw new OperatingError('messages_lost', `"${changesTopic}" was made anew.`);
      await following.done;
    } finally {
      stop();
    }
  };

  const followOn = async () => {
    while (!closing.signal.aborted) {
      try {
        await followOnce();
      } catch (err) {
        logger.warn({ err }, 'notices cannot be followed; lists are loaded again');
      }
      next = null;
      parts.onGap();
      wake();
      await clock.sleep(beginAgainMs, closing.signal);
    }
  };
  const done = followOn();

  return {
    place: () => (next === null ? null : { incarnation, next: new Map(next) }),
    isFollowing: () => next !== null,
    end: shared(sight),
    behind: (end) => (next === null ? 0 : behind(next, end)),
    caughtUpAt: () => caughtUpAt,
    follows: (isEnough, signal) => {
      look();
      return until(() => next === null || isEnough(), signal);
    },
    begun: (signal) => until(() => next !== null, signal),
    close: async () => {
      closing.abort();
      wake();
      await done;
    },
  };
}

/** The topic of notices as it stands. Throws topic_missing. */
export async function describeChanges(log: EventLog): Promise<TopicDescription> {
  const [topic] = await log.describe([changesTopic]);
  if (topic === undefined) throw new OperatingError('topic_missing', `The log has no topic "${changesTopic}".`);
  return topic;
}

function endOf({ partitions }: TopicDescription): Offsets {
  return new Map(partitions.map(({ partition, end }) => [partition, end]));
}

/** How many offsets lie between the next one to read and the end, all partitions together. */
export function behind(next: Offsets, end: Offsets): number {
  let sum = 0;
  for (const [partition, offset] of end) sum += Math.max(0, offset - (next.get(partition) ?? 0));
  return sum;
}

/** The key alone tells whether the firm is wanted, so the rest is read only then. */
export function noticeOf(
  { key, value }: LogMessage,
  { wants, logger }: Pick<FollowerParts, 'wants' | 'logger'>,
): readonly Notice[] {
  const firmId = key === null ? '' : firmTextOf(key);
  if (value === null || !wants(firmId)) return [];
  const parsed = noticeSchema.safeParse(parseJson(readText(value) ?? ''));
  if (parsed.success) return [parsed.data];
  logger.warn({ firmId }, 'a notice cannot be read and is passed over');
  return [];
}

/** What is no UTF-8 in it is no firm's either. Most notices pass here, so they are not decoded with more care. */
function firmTextOf(key: Uint8Array): string {
  return Buffer.prototype.utf8Slice.call(key, 0, Math.max(0, key.indexOf(slash)));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One call at a time; whoever comes while one is under way shares the next, which begins after they came. */
function shared<Result>(read: () => Promise<Result>): () => Promise<Result> {
  let current: Promise<unknown> | null = null;
  let following: Promise<Result> | null = null;
  const start = (): Promise<Result> => {
    const mine = read();
    const over = mine.then(
      () => undefined,
      () => undefined,
    );
    current = over;
    void over.then(() => {
      if (current === over) current = null;
    });
    return mine;
  };
  return () => {
    if (current === null) return start();
    following ??= current.then(() => {
      following = null;
      return start();
    });
    return following;
  };
}
