// The event-log port: what signalfold needs of a log, whichever log it is. Adapters: kafka.ts, embedded.ts.
// Topic names here are logical ("login"); an adapter adds the configured prefix. Offsets are safe integers.

/** Where one message stands. `incarnation` tells apart topics of one name: a re-created topic starts again at offset 0. */
export type Position = {
  readonly topic: string;
  readonly incarnation: string;
  readonly partition: number;
  readonly offset: number;
};

/**
 * A message as the log delivered it. Bytes are only valid reading: adapters may share them, nobody writes into them. Key,
 * value and headers may be made when they are asked for, so a copy has to name them: a spread would lose them.
 */
export type LogMessage = Position & {
  /** When the log appended it, epoch ms. */
  readonly appendedAt: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Lets `reader` read the value within the bytes it came in, where the adapter can do that without making a view of it,
   * which for small messages takes longer than reading them. Answers as the reader does; false for no value.
   */
  readWith?(reader: ValueReader): boolean;
};

/**
 * Tells messages that stand in for ones whose bytes the log cannot unpack; its value says why. They have neither key nor
 * content.
 */
export const unreadableHeader = 'signalfold-unreadable';

export type ValueReader = { read(topic: string, bytes: Uint8Array, start: number, end: number): boolean };

export type OutgoingMessage = {
  /** Messages of one key keep their order; null spreads over partitions. */
  readonly key: string | null;
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, string>>;
};

export type TopicSpec = {
  readonly topic: string;
  /** How long messages are kept, ms; null keeps them without end. */
  readonly retentionMs: number | null;
  /** Compacted topics keep at least the newest message of each key; a null value removes what its key held. */
  readonly compacted: boolean;
};

export type TopicDescription = {
  readonly topic: string;
  readonly incarnation: string;
  /**
   * By partition, ascending: the first offset still there, and where what can be read ends: the offset that the next
   * message will get, or the first of what an open transaction still keeps back.
   */
  readonly partitions: readonly { readonly partition: number; readonly earliest: number; readonly end: number }[];
};

/** Messages that retention deleted before the group read them: offsets `from` (inclusive) to `to` (exclusive). */
export type Loss = {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
};

export type Polled = {
  /** In offset order within each partition; empty when the wait ran out. */
  readonly messages: readonly LogMessage[];
  /** What was lost in front of these messages; told once, never passed over silently. */
  readonly losses: readonly Loss[];
  /** False while more is known to stand in topics that are not paused, though it may not have arrived yet. */
  readonly atEnd: boolean;
};

/** A member of a consumer group. Not for concurrent use: one poll or commit at a time. */
export interface LogReader {
  /** Waits up to `waitMs` for messages; returns at most `messagesMax` of them. */
  poll(waitMs: number, messagesMax: number): Promise<Polled>;
  /**
   * Tells the log how far we are: per partition, the next offset to read (`offset` = last one done + 1). Resolves when
   * durable. A commit refused because the group is rebalancing resolves as well: the messages will come again. What is
   * below the group's commit is passed over: a batch from before two rebalances must not take back what another did.
   */
  commit(next: readonly Position[]): Promise<void>;
  /** Stops / resumes delivery of whole topics; paused topics keep their place. */
  pause(topics: readonly string[]): void;
  resume(topics: readonly string[]): void;
  /** What this member reads at present. */
  assigned(): readonly { readonly topic: string; readonly partition: number }[];
  /** Leaves the group. Undelivered messages go to whoever reads next. */
  close(): Promise<void>;
}

export type Following = {
  stop(): Promise<void>;
  readonly done: Promise<void>;
  /** Somebody waits for what is in the log by now: looks at once, where messages do not come by themselves. */
  look(): void;
};

export interface EventLog {
  /** Creates the topics that are missing; answers which it created. */
  createTopics(specs: readonly TopicSpec[]): Promise<readonly string[]>;
  /** Topics that do not exist are left out of the answer. Reads the incarnations afresh. */
  describe(topics: readonly string[]): Promise<readonly TopicDescription[]>;
  /** How long each topic keeps its messages now, ms; null without end. Topics that do not exist are left out. */
  retention(topics: readonly string[]): Promise<ReadonlyMap<string, number | null>>;
  /** Changes how long a topic keeps its messages, ms; null without end. Throws topic_missing. */
  keep(topic: string, retentionMs: number | null): Promise<void>;
  /** Resolves when every message is durable; rejects when any may not be (some may then be in the log all the same). */
  append(topic: string, messages: readonly OutgoingMessage[]): Promise<void>;
  /** The group's committed next offset by partition; partitions without a commit (of this incarnation) are left out. */
  committed(group: string, topic: string): Promise<ReadonlyMap<number, number>>;
  /** Joins a group; starts at its commits, else at the earliest message. */
  join(group: string, topics: readonly string[]): Promise<LogReader>;
  /** Reads the topic as it stands, in offset order within each partition, up to the ends seen at the call. Belongs to no group. */
  scan(topic: string): AsyncIterable<LogMessage>;
  /**
   * Follows a topic without a group. Starts at `from` (next offsets by partition, as TopicDescription's `end` gives them)
   * and calls `onMessages` in offset order within each partition until stopped. A failed call back stops it: `done` rejects.
   */
  follow(
    topic: string,
    from: ReadonlyMap<number, number>,
    onMessages: (messages: readonly LogMessage[]) => void | Promise<void>,
  ): Promise<Following>;
  close(): Promise<void>;
}
