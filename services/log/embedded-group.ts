// Membership of consumer groups in the embedded log: members of one process share partitions; commits are in the storage.
// Members in different processes both read everything, which is harmless: commits only move forward.
import type { Storage, StoredTopic } from './embedded-storage.ts';
import type { LogMessage, LogReader, Loss, Polled, Position } from './port.ts';
import type { Waker } from './waker.ts';

type Member = { readonly topics: readonly string[] };

/** The members of this process, in order of joining. */
export type Group = Set<Member>;

type Cursor = {
  readonly topic: string;
  readonly partition: number;
  incarnation: string;
  next: number;
};

export type Joining = {
  readonly storage: Storage;
  readonly waker: Waker;
  readonly groups: Map<string, Group>;
  readonly group: string;
  readonly topics: readonly string[];
};

export function joinGroup({ storage, waker, groups, group, topics }: Joining): LogReader {
  const members: Group = groups.get(group) ?? new Set();
  groups.set(group, members);
  const member: Member = { topics };
  members.add(member);

  const paused = new Set<string>();
  let cursors = new Map<string, Cursor>();
  let turn = 0;
  let closed = false;

  /** Keeps the place of what stays ours; what comes to us starts at the group's commits. */
  const takeUpAssignment = () => {
    const kept = cursors;
    cursors = new Map();
    for (const name of topics) {
      const topic = storage.topic(name);
      if (topic === null) continue;
      let commits: ReadonlyMap<number, number> | null = null;
      for (const partition of partitionsFor(member, members, topic)) {
        const id = `${name}/${partition}`;
        const held = kept.get(id);
        if (held?.incarnation === topic.incarnation) {
          cursors.set(id, held);
          continue;
        }
        commits ??= storage.committed(group, topic);
        const next = commits.get(partition) ?? storage.extent(topic, partition).earliest;
        cursors.set(id, { topic: name, partition, incarnation: topic.incarnation, next });
      }
    }
  };

  const takeMessages = (messagesMax: number): Polled => {
    storage.refresh();
    takeUpAssignment();
    const messages: LogMessage[] = [];
    const losses: Loss[] = [];
    turn += 1;
    for (const cursor of rotate([...cursors.values()], turn)) {
      if (messages.length >= messagesMax) break;
      if (paused.has(cursor.topic)) continue;
      const topic = storage.topic(cursor.topic);
      if (topic === null) continue;
      const { earliest, end } = storage.extent(topic, cursor.partition);
      if (cursor.next < earliest) {
        losses.push({ topic: cursor.topic, partition: cursor.partition, from: cursor.next, to: earliest });
        cursor.next = earliest;
      }
      if (cursor.next >= end) continue;
      const found = storage.read(topic, cursor.partition, cursor.next, end, messagesMax - messages.length);
      for (const message of found) messages.push(message);
      // Compaction leaves gaps: behind the last message found there may be none up to the end.
      cursor.next = messages.length < messagesMax ? end : (found.at(-1)?.offset ?? end - 1) + 1;
    }
    return { messages, losses, atEnd: messages.length < messagesMax };
  };

  return {
    poll: async (waitMs, messagesMax) => {
      let remaining = waitMs;
      for (;;) {
        const polled = takeMessages(messagesMax);
        if (polled.messages.length > 0 || polled.losses.length > 0 || remaining <= 0 || closed) return polled;
        remaining = await waker.waitWithin(remaining);
        if (closed) return { messages: [], losses: [], atEnd: false };
      }
    },
    commit: (next: readonly Position[]) => storage.commit(group, next),
    pause: (names) => {
      for (const name of names) paused.add(name);
    },
    resume: (names) => {
      for (const name of names) paused.delete(name);
    },
    assigned: () => {
      storage.refresh();
      takeUpAssignment();
      return [...cursors.values()].map(({ topic, partition }) => ({ topic, partition }));
    },
    close: async () => {
      closed = true;
      members.delete(member);
      waker.wake();
    },
  };
}

/** Every partition of a topic goes to one of the members that want the topic, in turn. */
function partitionsFor(member: Member, members: Group, topic: StoredTopic): number[] {
  const wanting = [...members].filter(({ topics }) => topics.includes(topic.topic));
  const place = wanting.indexOf(member);
  const mine: number[] = [];
  for (let partition = place; place >= 0 && partition < topic.partitions; partition += wanting.length) {
    mine.push(partition);
  }
  return mine;
}

function rotate<T>(items: readonly T[], by: number): T[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
