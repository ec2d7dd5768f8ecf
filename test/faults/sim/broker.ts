// The log's side of a simulation: topics, groups and commits as a Kafka cluster keeps them, without the cluster.
import type { LogMessage, OutgoingMessage, Position, TopicDescription } from '../../../services/log/port.ts';
import type { Actor } from './actor.ts';
import type { World } from './world.ts';

/** A member unheard of for so long loses its partitions. */
const sessionMs = 10_000;

type Partition = { earliest: number; readonly messages: LogMessage[] };
export type Topic = { readonly name: string; incarnation: string; partitions: Partition[] };
export type Member = { readonly actor: Actor; readonly topics: readonly string[] };

export class Group {
  /** Grows with every rebalance. */
  generation = 0;
  readonly members: Member[] = [];
  /** By topic and incarnation, then by partition. */
  private readonly commits = new Map<string, Map<number, number>>();

  commitsOf({ name, incarnation }: Pick<Topic, 'name' | 'incarnation'>): Map<number, number> {
    const place = `${name}@${incarnation}`;
    const known = this.commits.get(place) ?? new Map<number, number>();
    this.commits.set(place, known);
    return known;
  }
}

export class Broker {
  readonly topics = new Map<string, Topic>();
  private readonly world: World;
  private readonly groups = new Map<string, Group>();
  private incarnations = 0;
  /** What topics held that were made anew, or what retention took. */
  private readonly past = new Map<string, LogMessage[]>();

  constructor(world: World) {
    this.world = world;
  }

  create(name: string, partitions: number): void {
    this.incarnations += 1;
    this.forget(name, this.topics.get(name)?.partitions.flatMap(({ messages }) => messages) ?? []);
    const empty = () => ({ earliest: 0, messages: [] });
    const topic = { name, incarnation: `i${this.incarnations}`, partitions: Array.from({ length: partitions }, empty) };
    this.topics.set(name, topic);
    this.rebalanceAll();
  }

  addPartition(name: string): void {
    this.topic(name).partitions.push({ earliest: 0, messages: [] });
    this.rebalanceAll();
  }

  topic(name: string): Topic {
    const topic = this.topics.get(name);
    if (topic === undefined) throw new Error(`there is no topic ${name}`);
    return topic;
  }

  append(name: string, { key, value, headers = {} }: OutgoingMessage): LogMessage {
    const topic = this.topic(name);
    const count = topic.partitions.length;
    const number = key === null ? this.world.below(count) : hash(key) % count;
    const partition = topic.partitions[number];
    if (partition === undefined) throw new Error(`${name} has no partition ${number}`);
    const message = {
      topic: name,
      incarnation: topic.incarnation,
      partition: number,
      offset: partition.earliest + partition.messages.length,
      appendedAt: Math.floor(this.world.now),
      key: key === null ? null : Buffer.from(key),
      value,
      headers,
    };
    partition.messages.push(message);
    return message;
  }

  /** Deletes what stands before `to`; answers the messages. */
  truncate(name: string, number: number, to: number): readonly LogMessage[] {
    const partition = this.topic(name).partitions[number];
    if (partition === undefined) return [];
    const gone = partition.messages.splice(0, Math.max(0, to - partition.earliest));
    partition.earliest += gone.length;
    this.forget(name, gone);
    return gone;
  }

  gone(name: string): readonly LogMessage[] {
    return this.past.get(name) ?? [];
  }

  private forget(name: string, messages: readonly LogMessage[]): void {
    this.past.set(name, [...this.gone(name), ...messages]);
  }

  all(name: string): readonly LogMessage[] {
    return this.topic(name).partitions.flatMap(({ messages }) => messages);
  }

  describe(names: readonly string[]): TopicDescription[] {
    return names.flatMap((name) => {
      const topic = this.topics.get(name);
      if (topic === undefined) return [];
      const partitions = topic.partitions.map(({ earliest, messages }, partition) => {
        return { partition, earliest, end: earliest + messages.length };
      });
      return [{ topic: name, incarnation: topic.incarnation, partitions }];
    });
  }

  group(name: string): Group {
    const known = this.groups.get(name);
    if (known !== undefined) return known;
    const group = new Group();
    this.groups.set(name, group);
    return group;
  }

  committed(group: string, name: string): Map<number, number> {
    const topic = this.topics.get(name);
    return topic === undefined ? new Map() : new Map(this.group(group).commitsOf(topic));
  }

  /** Takes in a member that is new or was thought dead, and lets go of those that are. */
  admit(group: Group, member: Member): void {
    const silent = group.members.filter(({ actor }) => actor.silentMs() > sessionMs);
    for (const one of silent) group.members.splice(group.members.indexOf(one), 1);
    const isNew = !group.members.includes(member);
    if (isNew) group.members.push(member);
    if (isNew || silent.length > 0) group.generation += 1;
  }

  leave(group: Group, member: Member): void {
    const place = group.members.indexOf(member);
    if (place < 0) return;
    group.members.splice(place, 1);
    group.generation += 1;
  }

  rebalanceAll(): void {
    for (const group of this.groups.values()) group.generation += 1;
  }

  /** The partitions that are the member's, every topic's dealt out in turn. */
  assigned(group: Group, member: Member): { readonly topic: string; readonly partition: number }[] {
    const place = group.members.indexOf(member);
    if (place < 0) return [];
    return member.topics.flatMap((topic, number) =>
      this.topic(topic)
        .partitions.map((_, partition) => ({ topic, partition }))
        .filter(({ partition }) => (partition + number) % group.members.length === place),
    );
  }

  /** As Kafka does: only a present owner's commit is taken. False when it was refused. */
  commit(group: Group, member: Member, generation: number, next: readonly Position[]): boolean {
    if (generation !== group.generation || !group.members.includes(member)) return false;
    const mine = new Set(this.assigned(group, member).map(({ topic, partition }) => `${topic}/${partition}`));
    for (const position of next) {
      const { topic, incarnation, partition, offset } = position;
      if (!mine.has(`${topic}/${partition}`)) continue;
      const commits = group.commitsOf({ name: topic, incarnation });
      // Members never go back: see LogReader.commit.
      commits.set(partition, Math.max(offset, commits.get(partition) ?? -1));
    }
    return true;
  }
}

function hash(text: string): number {
  let sum = 7;
  for (const character of text) sum = (sum * 31 + character.charCodeAt(0)) % 1_000_003;
  return sum;
}
