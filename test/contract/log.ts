// What every event log must do. One suite, run on each adapter by log-embedded.test.ts and log-kafka.test.ts.
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { encodeJson, readText } from '../../services/log/codec.ts';
import type { EventLog, LogMessage, LogReader, Loss, OutgoingMessage } from '../../services/log/port.ts';

export type LogWorld = {
  /** The log as it is open now. */
  log(): EventLog;
  /** Closes the log and opens it again. */
  reopen(): Promise<void>;
  deleteTopic(topic: string): Promise<void>;
  /** Has retention delete what the topic holds, at the latest with the next append. */
  overtake(topic: string): Promise<void>;
  /** Arguments for log-appender.ts, with which it opens this log. */
  appenderArgs(): readonly string[];
  close(): Promise<void>;
};

const startMsMax = 180_000;
const waitMsMax = 20_000;
const retentionMs = 3_600_000;
const appenderFile = path.join(__dirname, 'log-appender.ts');

let topicsMade = 0;

/** Topics of the world must have four partitions. A null world is one whose server is not to be had. */
export function logContract(name: string, open: () => Promise<LogWorld | null>): void {
  describe(`event log contract: ${name}`, () => {
    let world: LogWorld;
    let isThere = false;
    beforeAll(async () => {
      const opened = await open();
      if (opened === null) return;
      world = opened;
      isThere = true;
    }, startMsMax);
    afterAll(async () => {
      if (isThere) await world.close();
    });

    const whenThere = (title: string, check: () => Promise<void>) =>
      it(title, async () => {
        if (isThere) return check();
        process.stderr.write(`left out, the server is not there: ${name}, ${title}\n`);
      });

    const newTopic = async (compacted = false): Promise<string> => {
      topicsMade += 1;
      const topic = `topic-${topicsMade}`;
      await world.log().createTopics([{ topic, retentionMs: compacted ? null : retentionMs, compacted }]);
      return topic;
    };

    describe('appending', () => {
      whenThere('given several keys, when they are read, then each key keeps its order and its partition', async () => {
        const topic = await newTopic();
        const sent = numbered(200, (index) => `key-${index % 7}`);
        await world.log().append(topic, sent.slice(0, 120));
        await world.log().append(topic, sent.slice(120));
        const read = await scanAll(world.log(), topic);
        expect(read).toHaveLength(200);
        for (let key = 0; key < 7; key += 1) {
          const ofKey = read.filter((message) => keyOf(message) === `key-${key}`);
          expect(ofKey.map(textOf)).toEqual(sent.filter((one) => one.key === `key-${key}`).map(sentText));
          expect(new Set(ofKey.map(({ partition }) => partition)).size).toBe(1);
        }
      });

      whenThere('given appends at the same time, then every partition numbers its messages without a gap', async () => {
        const topic = await newTopic();
        await Promise.all(numbered(100, (index) => `key-${index}`).map((one) => world.log().append(topic, [one])));
        const read = await scanAll(world.log(), topic);
        for (const partition of [0, 1, 2, 3]) {
          const offsets = read.filter((one) => one.partition === partition).map(({ offset }) => offset);
          expect(offsets).toEqual(offsets.map((_, index) => index));
        }
        expect(read).toHaveLength(100);
      });

      whenThere('given null keys and values, headers and 200 KB, then they come back as they were', async () => {
        const topic = await newTopic();
        const large = new Uint8Array(200_000).map((_, index) => index % 251);
        await world.log().append(topic, [
          { key: null, value: encodeJson('no key') },
          { key: 'k', value: null, headers: { reason: 'not-json', schlüssel: 'wert ✓' } },
          { key: 'k', value: large },
          { key: 'k', value: new Uint8Array(0) },
        ]);
        const read = await scanAll(world.log(), topic);
        expect(read.find(({ key }) => key === null)).toMatchObject({ headers: {} });
        const ofKey = read.filter((message) => keyOf(message) === 'k');
        expect(ofKey[0]).toMatchObject({ value: null, headers: { reason: 'not-json', schlüssel: 'wert ✓' } });
        expect(Buffer.compare(ofKey[1]?.value ?? new Uint8Array(), large)).toBe(0);
        expect(ofKey[2]?.value).toHaveLength(0);
      });

      whenThere('given messages, then each carries a time of the log', async () => {
        const topic = await newTopic();
        await world.log().append(
          topic,
          numbered(1, () => 'k'),
        );
        const [message] = await scanAll(world.log(), topic);
        const [again] = await scanAll(world.log(), topic);
        expect(message?.appendedAt).toBeGreaterThan(1_600_000_000_000);
        expect(again?.appendedAt).toBe(message?.appendedAt);
      });

      whenThere('given 3 MB in one append, then all of it arrives', async () => {
        const topic = await newTopic();
        const value = new Uint8Array(10_000).fill(120);
        await world.log().append(
          topic,
          Array.from({ length: 300 }, () => ({ key: 'one', value })),
        );
        expect(await scanAll(world.log(), topic)).toHaveLength(300);
      });

      whenThere('given a topic that does not exist, then appending says so', async () => {
        await expect(
          world.log().append(
            'nowhere',
            numbered(1, () => 'k'),
          ),
        ).rejects.toMatchObject({ code: 'topic_missing' });
      });

      whenThere(
        'given a process killed with -9 while it appends, then everything it was acknowledged is there',
        async () => {
          const topic = await newTopic();
          const acknowledged = await appendUntilKilled([...world.appenderArgs(), topic], 300);
          const read = new Set((await scanAll(world.log(), topic)).map(textOf));
          expect(acknowledged.filter((id) => !read.has(id))).toEqual([]);
          expect(acknowledged.length).toBeGreaterThanOrEqual(300);
        },
      );
    });

    describe('topics', () => {
      whenThere('given topics, when they are created again, then nothing is created and nothing lost', async () => {
        const topic = await newTopic();
        await world.log().append(
          topic,
          numbered(3, () => 'k'),
        );
        expect(await world.log().createTopics([{ topic, retentionMs, compacted: false }])).toEqual([]);
        expect(await scanAll(world.log(), topic)).toHaveLength(3);
      });

      whenThere(
        'given a topic with messages, then it describes its extent, and leaves out what does not exist',
        async () => {
          const topic = await newTopic();
          await world.log().append(
            topic,
            numbered(10, (index) => `key-${index}`),
          );
          const described = await world.log().describe([topic, 'nowhere']);
          expect(described).toHaveLength(1);
          expect(described[0]?.partitions.map(({ partition }) => partition)).toEqual([0, 1, 2, 3]);
          expect(described[0]?.partitions.reduce((sum, { earliest, end }) => sum + end - earliest, 0)).toBe(10);
        },
      );

      whenThere('given a re-created topic, then it is another incarnation and old commits do not count', async () => {
        const topic = await newTopic();
        await world.log().append(
          topic,
          numbered(20, () => 'k'),
        );
        const reader = await world.log().join('recreated', [topic]);
        await commitAll(reader, await pollAll(reader, 20));
        await reader.close();
        const [before] = await world.log().describe([topic]);

        await world.deleteTopic(topic);
        await world.log().createTopics([{ topic, retentionMs, compacted: false }]);
        await world.log().append(
          topic,
          numbered(30, () => 'k'),
        );

        const [after] = await world.log().describe([topic]);
        expect(after?.incarnation).not.toBe(before?.incarnation);
        expect(await world.log().committed('recreated', topic)).toEqual(new Map());
        const again = await world.log().join('recreated', [topic]);
        const read = await pollAll(again, 30);
        await again.close();
        expect(read.map(({ offset }) => offset)).toEqual(numbered(30, () => 'k').map((_, index) => index));
        expect(new Set(read.map(({ incarnation }) => incarnation))).toEqual(new Set([after?.incarnation]));
      });

      whenThere('given a compacted topic and a null value, then the key keeps its newest at least', async () => {
        const topic = await newTopic(true);
        await world.log().append(topic, [
          { key: 'a', value: encodeJson(1) },
          { key: 'b', value: encodeJson(2) },
          { key: 'a', value: encodeJson(3) },
          { key: 'b', value: null },
        ]);
        const read = await scanAll(world.log(), topic);
        const newest = new Map(
          read.map((message) => [keyOf(message), message.value === null ? null : textOf(message)]),
        );
        expect(newest).toEqual(
          new Map([
            ['a', '3'],
            ['b', null],
          ]),
        );
      });
    });

    describe('groups', () => {
      whenThere('given no commit, when a member leaves, then the next one gets the same messages again', async () => {
        const topic = await newTopic();
        await world.log().append(
          topic,
          numbered(12, (index) => `key-${index}`),
        );
        const first = await world.log().join('redelivery', [topic]);
        const read = await pollAll(first, 12);
        await first.close();
        const second = await world.log().join('redelivery', [topic]);
        const again = await pollAll(second, 12);
        await second.close();
        expect(again.map(textOf).sort()).toEqual(read.map(textOf).sort());
      });

      whenThere('given commits, when the log is opened again, then the group goes on behind them', async () => {
        const topic = await newTopic();
        await world.log().append(
          topic,
          numbered(10, () => 'k'),
        );
        const first = await world.log().join('resume', [topic]);
        const read = await pollAll(first, 10);
        await commitAll(first, read.slice(0, 6));
        await first.close();
        await world.reopen();
        const partition = read[0]?.partition ?? -1;
        expect(await world.log().committed('resume', topic)).toEqual(new Map([[partition, 6]]));
        const second = await world.log().join('resume', [topic]);
        const rest = await pollAll(second, 4);
        await second.close();
        expect(rest.map(({ offset }) => offset)).toEqual([6, 7, 8, 9]);
      });

      whenThere('given a limit, then a poll answers no more than it', async () => {
        const topic = await newTopic();
        await world.log().append(
          topic,
          numbered(50, (index) => `key-${index}`),
        );
        const reader = await world.log().join('limit', [topic]);
        const sizes: number[] = [];
        while (sizes.reduce((sum, size) => sum + size, 0) < 50)
          sizes.push((await reader.poll(1_000, 7)).messages.length);
        await reader.close();
        expect(Math.max(...sizes)).toBe(7);
      });

      whenThere('given two members, then they share the partitions and together read everything', async () => {
        const topic = await newTopic();
        const sent = numbered(80, (index) => `key-${index}`);
        const first = await world.log().join('shared', [topic]);
        const second = await world.log().join('shared', [topic]);
        await until(async () => {
          await Promise.all([first.poll(50, 100), second.poll(50, 100)]);
          return first.assigned().length === 2 && second.assigned().length === 2;
        });
        await world.log().append(topic, sent);
        const read: LogMessage[] = [];
        await until(async () => {
          for (const reader of [first, second]) read.push(...(await reader.poll(50, 100)).messages);
          return read.length >= 80;
        });
        const mine = [...first.assigned(), ...second.assigned()].map(({ partition }) => partition).sort();
        await first.close();
        await second.close();
        expect(mine).toEqual([0, 1, 2, 3]);
        expect(read.map(textOf).sort()).toEqual(sent.map(sentText).sort());
      });

      whenThere('given a member that leaves, then the other takes over behind its commits', async () => {
        const topic = await newTopic();
        const first = await world.log().join('takeover', [topic]);
        const second = await world.log().join('takeover', [topic]);
        await until(async () => {
          await Promise.all([first.poll(50, 100), second.poll(50, 100)]);
          return first.assigned().length === 2 && second.assigned().length === 2;
        });
        await world.log().append(
          topic,
          numbered(40, (index) => `key-${index}`),
        );
        const read: LogMessage[] = [];
        await until(async () => {
          for (const reader of [first, second]) {
            const { messages } = await reader.poll(50, 100);
            read.push(...messages);
            await commitAll(reader, messages);
          }
          return read.length >= 40;
        });
        await first.close();
        await world.log().append(
          topic,
          numbered(40, (index) => `key-${index}`),
        );
        const rest = await pollAll(second, 40);
        await second.close();
        expect(rest).toHaveLength(40);
      });

      whenThere('given members that come and go, then a commit during the rebalance does not fail', async () => {
        const topic = await newTopic();
        await world.log().append(
          topic,
          numbered(40, (index) => `key-${index}`),
        );
        const first = await world.log().join('rebalancing', [topic]);
        const messages = await pollAll(first, 40);
        let isJoined = false;
        const joining = world
          .log()
          .join('rebalancing', [topic])
          .then(async (second) => {
            await until(async () => {
              await second.poll(50, 100);
              return second.assigned().length === 2;
            });
            await second.close();
            isJoined = true;
          });
        let commits = 0;
        while (!isJoined) {
          await commitAll(first, messages);
          commits += 1;
          await first.poll(5, 100);
        }
        await joining;
        await first.close();
        expect(commits).toBeGreaterThan(0);
      });

      whenThere(
        'given a paused topic, then only the other is delivered, and the paused one keeps its place',
        async () => {
          const held = await newTopic();
          const flowing = await newTopic();
          await world.log().append(
            held,
            numbered(10, () => 'k'),
          );
          const reader = await world.log().join('pause', [held, flowing]);
          const start = (await pollAll(reader, 4, 4)).map(({ offset }) => offset);
          reader.pause([held]);
          await world.log().append(
            held,
            numbered(5, () => 'k'),
          );
          await world.log().append(
            flowing,
            numbered(10, () => 'k'),
          );
          const during = await pollAll(reader, 10);
          const silence = await reader.poll(300, 100);
          reader.resume([held]);
          const after = await pollAll(reader, 11);
          await reader.close();
          expect(new Set(during.map(({ topic }) => topic))).toEqual(new Set([flowing]));
          expect(silence.messages).toEqual([]);
          expect([...start, ...after.map(({ offset }) => offset)]).toEqual(
            Array.from({ length: 15 }, (_, index) => index),
          );
        },
      );

      whenThere('given nothing new, then a poll ends empty, and one that waits is woken by an append', async () => {
        const topic = await newTopic();
        const reader = await world.log().join('woken', [topic]);
        expect(await reader.poll(10, 10)).toEqual({ messages: [], losses: [] });
        const waiting = pollAll(reader, 1);
        await world.log().append(
          topic,
          numbered(1, () => 'k'),
        );
        expect(await waiting).toHaveLength(1);
        await reader.close();
      });

      whenThere(
        'given retention that overtook the commit, then the loss is told once and reading goes on',
        async () => {
          const topic = await newTopic();
          await world.log().append(
            topic,
            numbered(10, () => 'k'),
          );
          const first = await world.log().join('overtaken', [topic]);
          const read = await pollAll(first, 10);
          await commitAll(first, read.slice(0, 4));
          await first.close();
          await world.overtake(topic);
          await world.log().append(
            topic,
            numbered(1, () => 'k'),
          );

          const second = await world.log().join('overtaken', [topic]);
          const { messages, losses } = await pollBoth(second, 1);
          const after = await second.poll(300, 10);
          await second.close();
          expect(losses).toEqual([{ topic, partition: read[0]?.partition, from: 4, to: 10 }]);
          expect(messages.map(({ offset }) => offset)).toEqual([10]);
          expect(after.losses).toEqual([]);
        },
      );

      whenThere('given retention that overtakes a paused member, then the loss is told when it goes on', async () => {
        const topic = await newTopic();
        await world.log().append(
          topic,
          numbered(5, () => 'k'),
        );
        const reader = await world.log().join('overtaken-live', [topic]);
        const read = await pollAll(reader, 5);
        await commitAll(reader, read);
        reader.pause([topic]);
        await reader.poll(300, 10);
        await world.log().append(
          topic,
          numbered(5, () => 'k'),
        );
        await world.overtake(topic);
        await world.log().append(
          topic,
          numbered(1, () => 'k'),
        );
        reader.resume([topic]);
        const { messages, losses } = await pollBoth(reader, 1);
        await reader.close();
        expect(losses).toEqual([{ topic, partition: read[0]?.partition, from: 5, to: 10 }]);
        expect(messages.map(({ offset }) => offset)).toEqual([10]);
      });
    });

    describe('without a group', () => {
      whenThere(
        'given a follower from the end, then it gets what comes after, in order, until it is stopped',
        async () => {
          const topic = await newTopic();
          await world.log().append(
            topic,
            numbered(5, () => 'k'),
          );
          const [described] = await world.log().describe([topic]);
          const ends = new Map(described?.partitions.map(({ partition, end }) => [partition, end]));
          const seen: LogMessage[] = [];
          const following = await world.log().follow(topic, ends, (messages) => void seen.push(...messages));
          await world.log().append(
            topic,
            numbered(5, () => 'k'),
          );
          await until(async () => seen.length >= 5);
          await following.stop();
          await world.log().append(
            topic,
            numbered(5, () => 'k'),
          );
          expect(seen.map(({ offset }) => offset)).toEqual([5, 6, 7, 8, 9]);
          await expect(following.done).resolves.toBeUndefined();
        },
      );

      whenThere('given a follower that fails, then it is told', async () => {
        const topic = await newTopic();
        const following = await world.log().follow(topic, new Map(), () => {
          throw new Error('cannot take this');
        });
        await world.log().append(
          topic,
          numbered(1, () => 'k'),
        );
        await expect(following.done).rejects.toThrow('cannot take this');
      });

      whenThere('given an empty topic, then a scan ends', async () => {
        expect(await scanAll(world.log(), await newTopic())).toEqual([]);
      });
    });
  });
}

function numbered(count: number, keyOfIndex: (index: number) => string): OutgoingMessage[] {
  return Array.from({ length: count }, (_, index) => ({
    key: keyOfIndex(index),
    value: encodeJson(`message ${index}`),
  }));
}

function sentText({ value }: OutgoingMessage): string | null {
  return value === null ? null : readText(value);
}

export function textOf({ value }: LogMessage): string {
  return value === null ? '' : (readText(value) ?? '');
}

export function keyOf({ key }: LogMessage): string | null {
  return key === null ? null : readText(key);
}

export async function scanAll(log: EventLog, topic: string): Promise<LogMessage[]> {
  const found: LogMessage[] = [];
  for await (const message of log.scan(topic)) found.push(message);
  return found;
}

async function pollAll(reader: LogReader, count: number, messagesMax = 1_000): Promise<LogMessage[]> {
  return (await pollBoth(reader, count, messagesMax)).messages;
}

async function pollBoth(
  reader: LogReader,
  count: number,
  messagesMax = 1_000,
): Promise<{ messages: LogMessage[]; losses: Loss[] }> {
  const messages: LogMessage[] = [];
  const losses: Loss[] = [];
  await until(async () => {
    const polled = await reader.poll(200, messagesMax);
    messages.push(...polled.messages);
    losses.push(...polled.losses);
    return messages.length >= count;
  });
  return { messages, losses };
}

async function commitAll(reader: LogReader, messages: readonly LogMessage[]): Promise<void> {
  const last = new Map(messages.map((message) => [`${message.topic}/${message.partition}`, message]));
  await reader.commit(
    [...last.values()].map(({ topic, incarnation, partition, offset }) => ({
      topic,
      incarnation,
      partition,
      offset: offset + 1,
    })),
  );
}

async function until(isDone: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + waitMsMax;
  while (!(await isDone())) {
    if (Date.now() > deadline) throw new Error(`nothing came within ${waitMsMax} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Runs the appender, kills it with -9 after `acknowledgedMin` ids, and answers the ids it had printed. */
async function appendUntilKilled(args: readonly string[], acknowledgedMin: number): Promise<string[]> {
  const child: ChildProcess = spawn(process.execPath, [appenderFile, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: string[] = [];
  if (child.stdout === null) throw new Error('the appender has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(`"${line}"`);
    if (acknowledged.length === acknowledgedMin) child.kill('SIGKILL');
  }
  return acknowledged;
}
