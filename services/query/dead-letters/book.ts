// The dead letters in memory: read once when somebody asks for them, then followed, so that asking again costs nothing.
import { deadLetterTopic } from '../../core/topics.ts';
import type { EventLog, Following, LogMessage, TopicDescription } from '../../log/port.ts';
import type { Clock } from '../../runtime/clock.ts';
import { OperatingError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { Problem } from '../../runtime/problem.ts';
import { LetterShelf } from './shelf.ts';

/** A few hundred bytes each. What is older is counted, and found by the command line, which reads the whole topic. */
const bookLettersMax = 20_000;
/** How long an answer waits for what stands in the topic to be read; reading goes on for whoever asks again. */
const waitMsMax = 15_000;
const pollMs = 20;

export type LetterBook = {
  /**
   * Everything that stood in the topic at the call. Not to be kept: it changes. Throws the problem unavailable while it
   * is being read.
   */
  read(): Promise<LetterShelf>;
  close(): Promise<void>;
};

type Reading = {
  readonly incarnation: string;
  readonly shelf: LetterShelf;
  /** The next offset to be read, by partition. */
  readonly next: Map<number, number>;
  readonly following: Following;
  over: boolean;
};

export function openLetterBook(parts: {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lettersMax?: number;
}): LetterBook {
  const { log, clock, logger, lettersMax = bookLettersMax } = parts;
  let reading: Promise<Reading> | null = null;

  const begin = async (topic: TopicDescription): Promise<Reading> => {
    const shelf = new LetterShelf(lettersMax);
    const next = new Map(topic.partitions.map(({ partition, earliest }) => [partition, earliest]));
    const take = (messages: readonly LogMessage[]) => {
      for (const message of messages) {
        shelf.take(message);
        next.set(message.partition, message.offset + 1);
      }
    };
    const following = await log.follow(deadLetterTopic, new Map(next), take);
    const begun: Reading = { incarnation: topic.incarnation, shelf, next, following, over: false };
    following.done
      .catch((err: unknown) =>
        logger.warn({ err }, 'dead letters cannot be followed; they are read again when asked for'),
      )
      .finally(() => {
        begun.over = true;
      });
    return begun;
  };

  const current = async (topic: TopicDescription): Promise<Reading> => {
    const known = reading;
    const found = await known?.catch(() => null);
    if (found !== undefined && found !== null && !found.over && found.incarnation === topic.incarnation) return found;
    // Whoever came while we looked has begun already.
    if (reading === known) {
      void found?.following.stop();
      reading = begin(topic);
    }
    return reading ?? begin(topic);
  };

  return {
    read: async () => {
      const topic = await describeLetters(log);
      const until = clock.now() + waitMsMax;
      const { shelf, next, following } = await current(topic);
      following.look();
      while (!isPast(next, topic)) {
        if (clock.now() >= until) {
          throw new Problem('unavailable', 'The dead letters are still being read. Ask again in a moment.');
        }
        await clock.sleep(pollMs);
      }
      return shelf;
    },
    close: async () => {
      const found = await reading?.catch(() => null);
      await found?.following.stop();
    },
  };
}

/** The same from the whole topic as it stands, whatever its size: for a command that runs once. */
export async function readLetters(log: EventLog): Promise<LetterShelf> {
  await describeLetters(log);
  const shelf = new LetterShelf(Number.POSITIVE_INFINITY);
  for await (const message of log.scan(deadLetterTopic)) shelf.take(message);
  return shelf;
}

async function describeLetters(log: EventLog): Promise<TopicDescription> {
  const [topic] = await log.describe([deadLetterTopic]);
  if (topic !== undefined) return topic;
  throw new OperatingError('topic_missing', `The log has no topic "${deadLetterTopic}"; create the topics first.`);
}

function isPast(next: ReadonlyMap<number, number>, { partitions }: TopicDescription): boolean {
  return partitions.every(({ partition, earliest, end }) => earliest === end || (next.get(partition) ?? 0) >= end);
}
