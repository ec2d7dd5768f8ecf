// What the bench stands on: a folder of its own on a real disk, real servers, filled topics; all gone at the end.
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { dynamoForTests } from '../../infra/local/dynamodb.ts';
import { kafkaForTests } from '../../infra/local/servers.ts';
import { topicSpecs } from '../../services/log/topics.ts';
import { startChild } from './measure.ts';
import { type KafkaPlace, type LogPlace, openLogAt } from './places.ts';
import type { Workload } from './workload.ts';

export type Ground = {
  /** Where a new folder may be made; not in /tmp, which may be memory, where nothing is durable. */
  folder(name: string): string;
  /** A name that nobody has used before, for groups, tables and prefixes. */
  name(kind: string): string;
  /** Brokers; null when there is no Kafka to be had. */
  kafka(): Promise<readonly string[] | null>;
  /** An endpoint; null when there is no DynamoDB to be had. */
  dynamodb(): Promise<string | null>;
  createTopics(log: LogPlace): Promise<void>;
  /** Puts a workload into a log. */
  fill(log: LogPlace, workload: Workload): Promise<void>;
  /** A Kafka log holding the workload, filled once for all who ask for the same; null without Kafka. */
  filledKafka(workload: Workload): Promise<KafkaPlace | null>;
  close(): Promise<void>;
};

export function openGround(say: (text: string) => void): Ground {
  const base = path.resolve('.cache', 'bench');
  mkdirSync(base, { recursive: true });
  const root = mkdtempSync(path.join(base, 'run-'));
  const clear = () => rmSync(root, { recursive: true, force: true });
  process.once('exit', clear);
  // Servers that we start keep their topics where the system says that temporary files go.
  process.env['TMPDIR'] = root;
  const stops: (() => Promise<void>)[] = [];
  const filled = new Map<string, Promise<KafkaPlace | null>>();
  let named = 0;

  const name = (kind: string) => {
    named += 1;
    return `${kind}-${named}-${randomUUID().slice(0, 8)}`;
  };
  const kafka = once(async () => {
    const server = await kafkaForTests();
    if (server !== null) stops.push(server.stop);
    return server?.brokers ?? null;
  });
  const dynamodb = once(async () => {
    const server = await dynamoForTests();
    if (server !== null) stops.push(server.stop);
    return server?.endpoint ?? null;
  });
  const fill = async (log: LogPlace, workload: Workload) => {
    const { items, wallMs } = await startChild('measured/fill.ts', { log, workload }).done;
    say(`  filled ${log.kind} with ${items.toLocaleString('en')} events in ${(wallMs / 1000).toFixed(1)} s`);
  };

  return {
    name,
    createTopics: async (place) => {
      if (place.kind === 'embedded') mkdirSync(place.dir, { recursive: true });
      const log = await openLogAt(place);
      await log.createTopics(topicSpecs);
      await log.close();
    },
    kafka,
    dynamodb,
    fill,
    folder: (kind) => path.join(root, name(kind)),
    filledKafka: (workload) => {
      const key = JSON.stringify(workload);
      const known = filled.get(key);
      if (known !== undefined) return known;
      const filling = kafka().then(async (brokers) => {
        if (brokers === null) return null;
        const place: KafkaPlace = { kind: 'kafka', brokers, topicPrefix: `${name('bench')}.` };
        await fill(place, workload);
        return place;
      });
      filled.set(key, filling);
      return filling;
    },
    close: async () => {
      for (const stop of stops) await stop();
      process.off('exit', clear);
      clear();
    },
  };
}

function once<Made>(make: () => Promise<Made>): () => Promise<Made> {
  let made: Promise<Made> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
