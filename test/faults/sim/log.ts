// The event log as a process of a simulation sees it: the port, over a broker it may not reach.
import type { EventLog, LogMessage, LogReader, Loss, Polled } from '../../../services/log/port.ts';
import type { Actor } from './actor.ts';
import type { Broker } from './broker.ts';
import type { World } from './world.ts';

/** Between two looks at a topic that is followed. */
const followMs = 400;
/** How long a group waits for a member that does not know that it is one. */
const ghostMsMax = 40_000;

export function openSimLog(world: World, broker: Broker, actor: Actor): EventLog {
  const ask = <Answer>(answer: () => Answer) => actor.call('log', [], answer);
  return {
    createTopics: async () => [],
    describe: (topics) => ask(() => broker.describe(topics)),
    retention: (topics) => ask(() => new Map(topics.map((topic) => [topic, null]))),
    keep: () => Promise.reject(new Error('the simulated topics keep everything')),
    append: (topic, messages) =>
      actor.call(
        'log',
        messages.map((message) => () => void broker.append(topic, message)),
        () => undefined,
      ),
    committed: (group, topic) => ask(() => broker.committed(group, topic)),
    join: (group, topics) => joinGroup(world, broker, actor, group, topics),
    async *scan(topic) {
      yield* await ask(() => [...broker.all(topic)]);
    },
    follow: async (topic, from, onMessages) => {
      const next = new Map(from);
      const { incarnation } = await ask(() => broker.topic(topic));
      let stopped = false;
      const readOn = (): LogMessage[] => {
        if (broker.topic(topic).incarnation !== incarnation) throw new Error('the topic was created anew');
        broker.topic(topic).partitions.forEach(({ earliest }, partition) => {
          if (earliest > (next.get(partition) ?? 0)) throw new Error('retention took what was next');
        });
        return broker.all(topic).filter(({ partition, offset }) => offset >= (next.get(partition) ?? 0));
      };
      const followOn = async () => {
        while (!stopped) {
          const messages = await ask(readOn);
          for (const { partition, offset } of messages) next.set(partition, offset + 1);
          if (messages.length > 0 && !stopped) await onMessages(messages);
          await actor.clock.sleep(followMs);
        }
      };
      const done = followOn();
      done.catch(() => undefined);
      return {
        stop: async () => {
          stopped = true;
          await done.catch(() => undefined);
        },
        done,
        look: () => undefined,
      };
    },
    close: async () => undefined,
  };
}

type Cursor = {
  readonly topic: string;
  readonly partition: number;
  readonly incarnation: string;
  readonly next: number;
};

async function joinGroup(
  world: World,
  broker: Broker,
  actor: Actor,
  groupName: string,
  topics: readonly string[],
): Promise<LogReader> {
  const group = broker.group(groupName);
  const member = { actor, topics };
  const paused = new Set<string>();
  let generation = -1;
  let cursors: readonly Cursor[] = [];
  let sent = 0;
  let taken = 0;
  let isRefused = false;
  try {
    await actor.call('log', [() => broker.admit(group, member)], () => undefined);
  } catch (error) {
    // A member that never heard of its admission sends no heartbeats.
    world.schedule(ghostMsMax, () => broker.leave(group, member));
    throw error;
  }

  /**
   * Where the group stands; or, as clients differ in this, where this member was. Of a refused commit the messages come
   * again, as the port says.
   */
  const takeUpAssignment = (): readonly Cursor[] =>
    broker.assigned(group, member).map(({ topic, partition }) => {
      const { incarnation, partitions } = broker.topic(topic);
      const known = cursors.find((cursor) => cursor.topic === topic && cursor.partition === partition);
      if (known?.incarnation === incarnation && !isRefused && world.happens(0.5)) return known;
      const next = group.commitsOf({ name: topic, incarnation }).get(partition);
      return { topic, partition, incarnation, next: next ?? partitions[partition]?.earliest ?? 0 };
    });

  const read = (messagesMax: number) => {
    broker.admit(group, member);
    const isNew = group.generation !== generation || isRefused;
    const places = isNew ? takeUpAssignment() : cursors;
    const messages: LogMessage[] = [];
    const losses: Loss[] = [];
    let atEnd = true;
    // Fetches answer with what a partition has at hand; a topic that lags behind the others is an everyday thing.
    const lagging = world.happens(0.3) ? world.below(topics.length) : -1;
    const moved = places.map((cursor) => {
      const { topic, partition, incarnation } = cursor;
      const kept = broker.topic(topic).partitions[partition];
      if (kept === undefined || broker.topic(topic).incarnation !== incarnation) return cursor;
      const end = kept.earliest + kept.messages.length;
      if (cursor.next >= end) return cursor;
      if (paused.has(topic)) return cursor;
      if (topics[lagging] === topic || messages.length >= messagesMax) {
        atEnd = false;
        return cursor;
      }
      if (cursor.next < kept.earliest) losses.push({ topic, partition, from: cursor.next, to: kept.earliest });
      const from = Math.max(cursor.next, kept.earliest);
      const upTo = Math.min(end, from + 1 + world.below(Math.max(1, Math.min(40, messagesMax - messages.length))));
      for (const message of kept.messages.slice(from - kept.earliest, upTo - kept.earliest)) messages.push(message);
      if (upTo < end) atEnd = false;
      return { ...cursor, next: upTo };
    });
    return { polled: { messages, losses, atEnd }, moved, generation: group.generation };
  };

  const take = (found: ReturnType<typeof read>) => {
    generation = found.generation;
    cursors = found.moved;
    isRefused = false;
  };

  return {
    poll: async (waitMs, messagesMax): Promise<Polled> => {
      const found = await actor.call('log', [], () => read(messagesMax));
      take(found);
      const { messages, losses } = found.polled;
      if (messages.length === 0 && losses.length === 0) await actor.clock.sleep(waitMs);
      return found.polled;
    },
    commit: (next) => {
      sent += 1;
      const number = sent;
      // Commits of one member come over one connection: none overtakes another.
      const put = () => {
        if (number < taken) return;
        taken = number;
        if (!broker.commit(group, member, generation, next)) isRefused = true;
      };
      return actor.call('log', [put], () => undefined);
    },
    pause: (names) => {
      for (const name of names) paused.add(name);
    },
    resume: (names) => {
      for (const name of names) paused.delete(name);
    },
    assigned: () => cursors.map(({ topic, partition }) => ({ topic, partition })),
    close: () => actor.call('log', [() => broker.leave(group, member)], () => undefined).catch(() => undefined),
  };
}
