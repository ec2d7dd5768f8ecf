// The AsyncAPI document: every topic with its messages, made from the tables of topics that everything else goes by, and
// GET /asyncapi.json, which serves it.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { avroTwins } from '../core/avro/twin.ts';
import { DeadLetterHeaders } from '../core/dead-letter.ts';
import { changesTopic, deadLetterTopic, eventSchemas, isEventTopic, noticeSchema } from '../core/topics.ts';
import type { TopicSpec } from '../log/port.ts';
import { topicSpecs } from '../log/topics.ts';
import type { Config } from '../runtime/config.ts';
import { apiVersion } from '../runtime/openapi.ts';

type Json = Readonly<Record<string, unknown>>;

/** Adds the route. What travels on the topics is no secret, as the HTTP contract is none. */
export function registerAsyncApi(server: FastifyInstance, { topicPrefix }: Pick<Config, 'topicPrefix'>): void {
  let document: Json | null = null;
  server.get('/asyncapi.json', { config: { open: true } }, () => {
    document ??= asyncApiOf(topicPrefix);
    return document;
  });
}

/** `topicPrefix` stands in front of every topic's name. */
export function asyncApiOf(topicPrefix: string): Json {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'signalfold',
      version: apiVersion,
      description:
        'What travels on the topics. Events may be written as JSON or as Avro, in its single-object encoding or in the ' +
        'framing of a schema registry; unknown extra fields are ignored. What cannot be used goes to the dead letters.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(topicSpecs.map((spec) => [spec.topic, channelOf(spec, topicPrefix)])),
    operations: Object.fromEntries(topicSpecs.map(({ topic }) => operationOf(topic))),
    components: { messages: Object.fromEntries(topicSpecs.flatMap(({ topic }) => messagesOf(topic))) },
  };
}

function channelOf({ topic, retentionMs, compacted }: TopicSpec, topicPrefix: string): Json {
  const names = messagesOf(topic).map(([name]) => name);
  return {
    address: `${topicPrefix}${topic}`,
    description: schemaOf(topic).meta()?.description ?? topic,
    messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    bindings: {
      kafka: {
        topicConfiguration: {
          'cleanup.policy': compacted ? ['compact', 'delete'] : ['delete'],
          'retention.ms': retentionMs ?? -1,
        },
        bindingVersion: '0.5.0',
      },
    },
  };
}

/** Events are received by us, notices and dead letters are sent. */
function operationOf(topic: string): readonly [string, Json] {
  const action = isEventTopic(topic) ? 'receive' : 'send';
  const operation = {
    action,
    channel: { $ref: `#/channels/${topic}` },
    summary: isEventTopic(topic)
      ? `Events of ${topic} are folded into views.`
      : `${topic} is written for others to read.`,
    messages: messagesOf(topic).map(([name]) => ({ $ref: `#/channels/${topic}/messages/${name}` })),
  };
  return [`${action}-${topic}`, operation];
}

function messagesOf(topic: string): readonly (readonly [string, Json])[] {
  const schema = schemaOf(topic);
  const summary = schema.meta()?.description ?? topic;
  if (topic === deadLetterTopic) {
    return [
      [
        topic,
        {
          summary,
          contentType: 'application/octet-stream',
          headers: jsonSchema(schema),
          payload: { description: 'The original value, or its start.' },
          bindings: keyedBy('Where the original stood: topic@incarnation/partition/offset.'),
        },
      ],
    ];
  }
  const bindings = keyedBy('firmId/clientId, which keeps the order of a client; none is as correct.');
  const json: Json = { summary, contentType: 'application/json', payload: jsonSchema(schema), bindings };
  if (!isEventTopic(topic)) return [[topic, json]];
  const payload = { schemaFormat: 'application/vnd.apache.avro+json;version=1.9.0', schema: avroTwins.get(topic) };
  return [
    [topic, json],
    [`${topic}-avro`, { summary: `${summary} As Avro.`, contentType: 'application/avro', payload, bindings }],
  ];
}

function schemaOf(topic: string): z.ZodType {
  if (isEventTopic(topic)) return eventSchemas[topic];
  return topic === changesTopic ? noticeSchema : DeadLetterHeaders;
}

function jsonSchema(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-07' });
  return { schemaFormat: 'application/schema+json;version=draft-07', schema: rest };
}

function keyedBy(description: string): Json {
  return { kafka: { key: { type: 'string', description }, bindingVersion: '0.5.0' } };
}
