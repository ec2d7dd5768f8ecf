// The consumer that everyone writes first: one UpdateItem for each event, counting logins and keeping the last signals. It
// counts repeats twice and impersonated logins as well; it is here for what it costs.
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import kafkajs from 'kafkajs';
import { readArgs, startWatch, tell } from '../measured/child.ts';
import { type DynamoPlace, dynamoOptionsOf, type KafkaPlace } from '../places.ts';
import { benchTopics } from '../workload.ts';

export type NaiveArgs = {
  readonly log: KafkaPlace;
  readonly store: DynamoPlace;
  readonly group: string;
  readonly messages: number;
};

type Event = { readonly firmId: string; readonly clientId: string; readonly occurredAt: string };

const partitionsAtOnce = 12;

const { log, store, group, messages } = readArgs<NaiveArgs>();
const { endpoint, region, credentials, table } = dynamoOptionsOf(store);
const client = new DynamoDBClient({
  ...(endpoint === undefined ? {} : { endpoint }),
  ...(region === undefined ? {} : { region }),
  ...(credentials === undefined ? {} : { credentials }),
});
const kafka = new kafkajs.Kafka({ clientId: 'naive', brokers: [...log.brokers], logLevel: kafkajs.logLevel.NOTHING });
const consumer = kafka.consumer({ groupId: group });
const attributes: Readonly<Record<string, string>> = { login: 'lastLogin', email: 'lastEmail', message: 'lastMessage' };

async function take(topic: string, text: string): Promise<void> {
  const event: Event = JSON.parse(text);
  const last = attributes[topic] ?? 'lastImpersonation';
  await client.send(
    new UpdateItemCommand({
      TableName: table,
      Key: { pk: { S: event.firmId }, sk: { S: event.clientId } },
      UpdateExpression: 'SET #last = :at ADD #count :one',
      ExpressionAttributeNames: { '#last': last, '#count': `${topic}s` },
      ExpressionAttributeValues: { ':at': { S: event.occurredAt }, ':one': { N: '1' } },
    }),
  );
}

const watch = startWatch();
let read = 0;
await consumer.connect();
await consumer.subscribe({ topics: benchTopics.map((topic) => log.topicPrefix + topic), fromBeginning: true });
const drained = new Promise<void>((resolve) => {
  void consumer.run({
    partitionsConsumedConcurrently: partitionsAtOnce,
    eachMessage: async ({ topic, message }) => {
      await take(topic.slice(log.topicPrefix.length), message.value?.toString() ?? '');
      read += 1;
      if (read >= messages) resolve();
    },
  });
});
await drained;
const figures = watch(read);
await consumer.disconnect();
tell(figures);
