// What every event log must do. One suite, run on each adapter by log-embedded.test.ts and log-kafka.test.ts.
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { encodeJson } from '../../services/log/codec.ts';
import type { EventLog, LogMessage } from '../../services/log/port.ts';
import { groupContract } from './log-groups.ts';
import { commitAll, keyOf, numbered, pollAll, scanAll, sentText, textOf, until } from './log-steps.ts';

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

      whenThere('given topics, then it tells how long each keeps its messages', async () => {
        const [kept, compacted] = [await newTopic(), await newTopic(true)];
        expect(await world.log().retention([kept, compacted, 'nowhere'])).toEqual(
          new Map([
            [kept, retentionMs],
            [compacted, null],
          ]),
        );
      });

      whenThere(
        'when a topic is told to keep its messages for another time, then it does, and nothing else changes',
        async () => {
          const [changed, other] = [await newTopic(), await newTopic()];
          await world.log().keep(changed, 2 * retentionMs);
          const kept = async () => [...(await world.log().retention([changed, other]))];
          while ((await kept())[0]?.[1] !== 2 * retentionMs) await new Promise((resolve) => setTimeout(resolve, 20));
          expect(await kept()).toEqual([
            [changed, 2 * retentionMs],
            [other, retentionMs],
          ]);
          await world.log().keep(changed, null);
          while ((await kept())[0]?.[1] !== null) await new Promise((resolve) => setTimeout(resolve, 20));
          await expect(world.log().keep('nowhere', retentionMs)).rejects.toMatchObject({ code: 'topic_missing' });
        },
      );

      whenThere('given a re-created topic, then it is another incarnation and old commits do not count', async () => {
        const topic = await newTopic();
        await world.log().append(
          topic,
          numbered(20, () => 'k'),
        );
        const reader = await world.log().join('recreated', [topic]);
        const old = await pollAll(reader, 20);
        await commitAll(reader, old);
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
        await commitAll(again, read);
        // What somebody still had in hand of the old topic says nothing about the new one.
        await commitAll(again, old);
        await again.close();
        const committed = await world.log().committed('recreated', topic);
        expect([...committed.values()].filter((offset) => offset > 0)).toEqual([30]);
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

    groupContract({ world: () => world, whenThere, newTopic });

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
