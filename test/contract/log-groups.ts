// What every event log owes the members of a group: redelivery, commits, sharing, pausing, losses. A part of log.ts.
import type { LogMessage } from '../../services/log/port.ts';
import type { LogWorld } from './log.ts';
import { commitAll, numbered, pollAll, pollBoth, sentText, textOf, until } from './log-steps.ts';

export type LogSuite = {
  world(): LogWorld;
  readonly whenThere: (title: string, check: () => Promise<void>) => void;
  newTopic(compacted?: boolean): Promise<string>;
};

export function groupContract({ world, whenThere, newTopic }: LogSuite): void {
  describe('groups', () => {
    whenThere('given no commit, when a member leaves, then the next one gets the same messages again', async () => {
      const topic = await newTopic();
      await world()
        .log()
        .append(
          topic,
          numbered(12, (index) => `key-${index}`),
        );
      const first = await world().log().join('redelivery', [topic]);
      const read = await pollAll(first, 12);
      await first.close();
      const second = await world().log().join('redelivery', [topic]);
      const again = await pollAll(second, 12);
      await second.close();
      expect(again.map(textOf).sort()).toEqual(read.map(textOf).sort());
    });

    whenThere('given commits, when the log is opened again, then the group goes on behind them', async () => {
      const topic = await newTopic();
      await world()
        .log()
        .append(
          topic,
          numbered(10, () => 'k'),
        );
      const first = await world().log().join('resume', [topic]);
      const read = await pollAll(first, 10);
      await commitAll(first, read.slice(0, 6));
      await first.close();
      await world().reopen();
      const partition = read[0]?.partition ?? -1;
      expect(await world().log().committed('resume', topic)).toEqual(new Map([[partition, 6]]));
      const second = await world().log().join('resume', [topic]);
      const rest = await pollAll(second, 4);
      await second.close();
      expect(rest.map(({ offset }) => offset)).toEqual([6, 7, 8, 9]);
    });

    whenThere('given a commit below the one that stands, then it is passed over', async () => {
      const topic = await newTopic();
      await world()
        .log()
        .append(
          topic,
          numbered(10, () => 'k'),
        );
      const reader = await world().log().join('no-way-back', [topic]);
      const read = await pollAll(reader, 10);
      await commitAll(reader, read.slice(0, 8));
      await commitAll(reader, read.slice(0, 3));
      expect(await world().log().committed('no-way-back', topic)).toEqual(new Map([[read[0]?.partition ?? -1, 8]]));
      await commitAll(reader, read);
      await reader.close();
      expect(await world().log().committed('no-way-back', topic)).toEqual(new Map([[read[0]?.partition ?? -1, 10]]));
    });

    whenThere('given a limit, then a poll answers no more than it', async () => {
      const topic = await newTopic();
      await world()
        .log()
        .append(
          topic,
          numbered(50, (index) => `key-${index}`),
        );
      const reader = await world().log().join('limit', [topic]);
      const sizes: number[] = [];
      while (sizes.reduce((sum, size) => sum + size, 0) < 50) sizes.push((await reader.poll(1_000, 7)).messages.length);
      await reader.close();
      expect(Math.max(...sizes)).toBe(7);
    });

    whenThere('given two members, then they share the partitions and together read everything', async () => {
      const topic = await newTopic();
      const sent = numbered(80, (index) => `key-${index}`);
      const first = await world().log().join('shared', [topic]);
      const second = await world().log().join('shared', [topic]);
      await until(async () => {
        await Promise.all([first.poll(50, 100), second.poll(50, 100)]);
        return first.assigned().length === 2 && second.assigned().length === 2;
      });
      await world().log().append(topic, sent);
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
      const first = await world().log().join('takeover', [topic]);
      const second = await world().log().join('takeover', [topic]);
      await until(async () => {
        await Promise.all([first.poll(50, 100), second.poll(50, 100)]);
        return first.assigned().length === 2 && second.assigned().length === 2;
      });
      await world()
        .log()
        .append(
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
      await world()
        .log()
        .append(
          topic,
          numbered(40, (index) => `key-${index}`),
        );
      const rest = await pollAll(second, 40);
      await second.close();
      expect(rest).toHaveLength(40);
    });

    whenThere('given members that come and go, then a commit during the rebalance does not fail', async () => {
      const topic = await newTopic();
      await world()
        .log()
        .append(
          topic,
          numbered(40, (index) => `key-${index}`),
        );
      const first = await world().log().join('rebalancing', [topic]);
      const messages = await pollAll(first, 40);
      let isJoined = false;
      const joining = world()
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
        await world()
          .log()
          .append(
            held,
            numbered(10, () => 'k'),
          );
        const reader = await world().log().join('pause', [held, flowing]);
        const start = (await pollAll(reader, 4, 4)).map(({ offset }) => offset);
        reader.pause([held]);
        await world()
          .log()
          .append(
            held,
            numbered(5, () => 'k'),
          );
        await world()
          .log()
          .append(
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
      const reader = await world().log().join('woken', [topic]);
      expect(await reader.poll(10, 10)).toMatchObject({ messages: [], losses: [] });
      const waiting = pollAll(reader, 1);
      await world()
        .log()
        .append(
          topic,
          numbered(1, () => 'k'),
        );
      expect(await waiting).toHaveLength(1);
      await reader.close();
    });

    whenThere('given retention that overtook the commit, then the loss is told once and reading goes on', async () => {
      const topic = await newTopic();
      await world()
        .log()
        .append(
          topic,
          numbered(10, () => 'k'),
        );
      const first = await world().log().join('overtaken', [topic]);
      const read = await pollAll(first, 10);
      await commitAll(first, read.slice(0, 4));
      await first.close();
      await world().overtake(topic);
      await world()
        .log()
        .append(
          topic,
          numbered(1, () => 'k'),
        );

      const second = await world().log().join('overtaken', [topic]);
      const { messages, losses } = await pollBoth(second, 1);
      const after = await second.poll(300, 10);
      await second.close();
      expect(losses).toEqual([{ topic, partition: read[0]?.partition, from: 4, to: 10 }]);
      expect(messages.map(({ offset }) => offset)).toEqual([10]);
      expect(after.losses).toEqual([]);
    });

    whenThere('given retention that overtakes a paused member, then the loss is told when it goes on', async () => {
      const topic = await newTopic();
      await world()
        .log()
        .append(
          topic,
          numbered(5, () => 'k'),
        );
      const reader = await world().log().join('overtaken-live', [topic]);
      const read = await pollAll(reader, 5);
      await commitAll(reader, read);
      reader.pause([topic]);
      await reader.poll(300, 10);
      await world()
        .log()
        .append(
          topic,
          numbered(5, () => 'k'),
        );
      await world().overtake(topic);
      await world()
        .log()
        .append(
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
}
