// HTTP in: POST /v1/events/{topic} puts events into the log, GET /v1/lag tells what is not in the views yet.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type EventTopic, eventSchemas, eventTopics, foldedTopics, isEventTopic } from '../core/topics.ts';
import { readLag } from '../log/lag.ts';
import type { EventLog } from '../log/port.ts';
import { noteAudit } from '../runtime/audit.ts';
import { type Clock, inTime } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import { OperatingError } from '../runtime/errors.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { RouteDoc } from '../runtime/openapi.ts';
import { Problem } from '../runtime/problem.ts';
import { type Rejection, type Sender, sortItems } from './accept.ts';
import { type Item, itemsOfJson, itemsOfLines } from './items.ts';

export type IngestParts = {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly config: Pick<Config, 'group'>;
};

/** More events than 5 MiB of valid ones can hold; keeps the answer to a body of rubbish in bounds. */
export const requestEventsMax = 60_000;
/** Bodies being worked on at one time; beyond this, callers are asked to come again. */
export const bodiesInFlightBytesMax = 64 * 1024 * 1024;

/** After so long an answer says that nothing is certain. Clients and proxies mostly give up after half a minute or later. */
const takeMsMax = 20_000;

/** A body as it came, and how it is cut into events. */
type EventsBody = { readonly bytes: Buffer; readonly cut: (bytes: Uint8Array) => readonly Item[] };

type Taken = { readonly accepted: number; readonly erasures: number; readonly rejected: readonly Rejection[] };

/** Adds the routes. The topics must exist in the log. */
export async function registerIngest(server: FastifyInstance, parts: IngestParts): Promise<void> {
  let bytesInFlight = 0;
  await server.register(async (scope) => {
    // Bodies stay bytes here, so that the log gets what the producer wrote.
    scope.removeAllContentTypeParsers();
    const read = (types: string[], cut: EventsBody['cut']) =>
      scope.addContentTypeParser(types, { parseAs: 'buffer' }, async (_request: FastifyRequest, bytes: Buffer) => ({
        bytes,
        cut,
      }));
    read(['application/json'], itemsOfJson);
    read(['application/x-ndjson', 'application/ndjson', 'application/jsonl'], itemsOfLines);

    scope.post<{ Params: { topic: string }; Body: EventsBody | undefined }>(
      '/v1/events/:topic',
      { config: { scope: 'ingest', audit: null, doc: eventsDoc } },
      async (request, reply) => {
        const { params, body, principal } = request;
        const topic = topicOf(params.topic);
        const size = body?.bytes.length ?? 0;
        if (body === undefined || size === 0) throw emptyBody();
        if (bytesInFlight + size > bodiesInFlightBytesMax) {
          throw new Problem(
            'unavailable',
            'Too much is coming in at once. Nothing was taken; send it again in a moment.',
          );
        }
        bytesInFlight += size;
        const taking = take(parts, topic, body, principal).finally(() => {
          bytesInFlight -= size;
        });
        // Whoever posts is not kept waiting for a log that hangs. What it takes later all the same is a repeat by then.
        const taken = await inTime(parts.clock, takeMsMax, () => taking);
        if (taken === undefined) throw notForCertain();
        const { accepted, rejected, erasures } = taken;
        if (erasures > 0) noteAudit(request, { audit: 'client.erase', clients: erasures });
        return reply.code(accepted > 0 ? 202 : 400).send({ accepted, rejected });
      },
    );
  });
  server.get('/v1/lag', { config: { scope: 'ingest', audit: null, doc: lagDoc } }, () =>
    readLag(parts.log, parts.config.group, foldedTopics),
  );
}

/** Resolves when what it says is accepted is durable in the log. */
async function take(parts: IngestParts, topic: EventTopic, body: EventsBody, sender: Sender): Promise<Taken> {
  const items = body.cut(body.bytes);
  if (items.length === 0) throw emptyBody();
  if (items.length > requestEventsMax) {
    throw new Problem(
      'too_large',
      `The body holds ${items.length} events; send at most ${requestEventsMax} at a time.`,
    );
  }
  const { messages, erasures, rejected } = await sortItems(topic, items, sender, parts.clock.now());
  if (messages.length > 0) {
    try {
      await parts.log.append(topic, messages);
    } catch (cause) {
      if (cause instanceof OperatingError && cause.code === 'data_folder_unwritable') throw cause;
      throw notForCertain(cause);
    }
  }
  parts.metrics.count('signalfold_ingest_accepted_total', { topic }, messages.length);
  for (const { code } of rejected) parts.metrics.count('signalfold_ingest_rejected_total', { topic, code });
  return { accepted: messages.length, erasures, rejected };
}

function notForCertain(cause?: unknown): Problem {
  const detail = 'The log did not take the events for certain. Send them again: what arrives twice counts once.';
  return new Problem('unavailable', detail, { cause });
}

function topicOf(name: string): EventTopic {
  if (isEventTopic(name)) return name;
  throw new Problem('unknown_topic', `Events can be sent to ${eventTopics.join(', ')}.`);
}

function emptyBody(): Problem {
  return new Problem('empty_body', 'Send one event, an array of events, or one event a line.');
}

const AnswerBody = z.object({
  accepted: z.int(),
  rejected: z.array(z.object({ index: z.int(), code: z.string(), detail: z.string() })),
});
const AnyEvent = z.union(Object.values(eventSchemas)).meta({ id: 'Event' });

const eventsDoc: RouteDoc = {
  id: 'sendEvents',
  summary: 'Send events',
  description:
    'One event, an array of events, or one event a line (NDJSON); up to 5 MiB, which may be gzip. What is accepted is ' +
    'durable in the log. What cannot be used is rejected by its index, the rest is taken. To a sender of one firm, events ' +
    'of others are firm_unknown; erasing a client needs the scope erase as well.',
  problems: ['unknown_topic'],
  params: z.object({ topic: z.enum(eventTopics) }),
  body: {
    'application/json': z.union([AnyEvent, z.array(AnyEvent)]),
    'application/x-ndjson': z.string(),
    'application/ndjson': z.string(),
    'application/jsonl': z.string(),
  },
  responses: {
    202: { description: 'Some or all were accepted.', schema: AnswerBody },
    400: { description: 'None was accepted. Without any event in the body it is a problem.', schema: AnswerBody },
  },
};

const lagDoc: RouteDoc = {
  id: 'getLag',
  summary: 'Messages that are not in the views yet',
  description: 'What was accepted before a total of 0 shows in cards and lists.',
  responses: {
    200: {
      description: 'In total and by topic.',
      schema: z.object({ total: z.int(), topics: z.record(z.string(), z.int()) }),
    },
  },
};
