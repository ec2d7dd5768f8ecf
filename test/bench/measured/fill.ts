// Puts a workload into a log, creating its topics first.
import kafkajs from 'kafkajs';
import { topicSpecs } from '../../../services/log/topics.ts';
import { type KafkaPlace, type LogPlace, openLogAt } from '../places.ts';
import { type BenchTopic, benchTopics, messagesOf, type Workload } from '../workload.ts';
import { readArgs, startWatch, tell } from './child.ts';

export type FillArgs = { readonly log: LogPlace; readonly workload: Workload };

const batchMessages = 4_000;

type Outgoing = { readonly key: string; readonly value: Buffer };
type Append = (topic: BenchTopic, messages: Outgoing[]) => Promise<unknown>;

/** kafkajs by hand, because our own appender minds every partition by itself, which is not what is measured here. */
async function kafkaAppend({ brokers, topicPrefix }: KafkaPlace): Promise<Append> {
  const kafka = new kafkajs.Kafka({ clientId: 'bench', brokers: [...brokers], logLevel: kafkajs.logLevel.ERROR });
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  return (topic, messages) => producer.send({ topic: topicPrefix + topic, messages });
}

const args = readArgs<FillArgs>();
const log = await openLogAt(args.log);
await log.createTopics(topicSpecs);
const append: Append = args.log.kind === 'kafka' ? await kafkaAppend(args.log) : log.append;

const watch = startWatch();
const waiting = new Map<BenchTopic, Outgoing[]>(benchTopics.map((topic) => [topic, []]));
let messages = 0;
for (const { topic, key, text } of messagesOf(args.workload)) {
  const lane = waiting.get(topic);
  if (lane === undefined) continue;
  lane.push({ key, value: Buffer.from(text) });
  messages += 1;
  if (lane.length < batchMessages) continue;
  waiting.set(topic, []);
  await append(topic, lane);
}
for (const [topic, lane] of waiting) if (lane.length > 0) await append(topic, lane);
tell(watch(messages));
