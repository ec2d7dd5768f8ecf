// Providers' webhooks: POST /v1/webhooks/{source}, and what providers ask at that address before they send anything.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { checkHost } from '../../runtime/guard.ts';
import type { RouteDoc } from '../../runtime/openapi.ts';
import { Problem } from '../../runtime/problem.ts';
import { type Counts, type IntakeParts, takeItems } from '../intake.ts';
import type { Item } from '../items.ts';
import { placeOfBytes } from '../provider-letter.ts';
import type { Delivered } from '../providers/offer.ts';
import { requestEventsMax } from '../routes.ts';
import type { Source, Transport } from '../sources/source.ts';
import type { Signed, Verdict } from '../verify/verification.ts';
import { itemsOfBody } from './body-items.ts';
import { openReplayMemory } from './replay-memory.ts';

export type WebhookParts = IntakeParts & {
  readonly sources: readonly Source[];
  readonly fetch: typeof fetch;
};

type Webhook = Source & { readonly transport: Extract<Transport, { kind: 'webhook' }> };

const path = '/v1/webhooks/:source';

/** Adds the routes. Every event in a delivery that is answered with 200 is durable, as whatever it became. */
export async function registerWebhooks(server: FastifyInstance, parts: WebhookParts): Promise<void> {
  const replays = openReplayMemory();
  const webhooks = new Map(parts.sources.flatMap((source) => (isWebhook(source) ? [[source.name, source]] : [])));

  function webhookOf({ params }: FastifyRequest<{ Params: { source: string } }>): Webhook {
    const source = webhooks.get(params.source);
    if (source === undefined) throw new Problem('source_unknown', 'No webhook of that name is configured.');
    return source;
  }

  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // Whatever the content type says: what counts is what was signed.
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: FastifyRequest, bytes: Buffer) => bytes);

    scope.post<{ Params: { source: string }; Body: Buffer | undefined }>(
      path,
      { config: { signed: true, audit: null, doc: postDoc } },
      async (request, reply) => {
        const source = webhookOf(request);
        const bytes = request.body ?? new Uint8Array(0);
        const replayId = await verified(parts, source, request, bytes);
        const now = parts.clock.now();
        if (replayId !== null && replays.has(source.name, replayId, now)) {
          parts.metrics.count('signalfold_source_repeated_total', { source: source.name });
          parts.tell?.({ source: source.name, outcome: 'repeated' });
          return taken(source, reply, { ...noCounts, repeated: true });
        }
        const items = itemsOfBody(bytes, request.headers['content-type'], source.offer.bodies);
        const answered = await greet(parts, source, request, reply, bodyOf(items));
        if (answered) return reply;
        const counts = await take(parts, source, items, headersOf(request), now);
        if (replayId !== null) replays.note(source.name, replayId, now);
        return taken(source, reply, { ...counts, repeated: false });
      },
    );

    const greetings = async (
      request: FastifyRequest<{ Params: { source: string } }>,
      reply: FastifyReply,
    ): Promise<FastifyReply> => {
      const source = webhookOf(request);
      const method = methodOf(request);
      if (method === 'POST') throw new Error('a question is never a POST');
      if (!source.offer.methods?.includes(method)) {
        const allow = [...(source.offer.methods ?? []), 'POST'].join(', ');
        throw new Problem('method_not_allowed', `This source takes ${allow}.`, { headers: { allow } });
      }
      if (source.offer.unsigned?.includes(method) !== true) {
        await verified(parts, source, request, new Uint8Array(0));
      }
      if (await greet(parts, source, request, reply, null)) return reply;
      throw new Problem('bad_request', 'The provider’s question is not in this request.');
    };
    // HEAD comes with GET.
    scope.get(path, { config: { signed: true, audit: null, doc: askDoc } }, greetings);
    scope.options(path, { config: { signed: true, audit: null, doc: optionsDoc } }, greetings);
  });
}

function taken({ offer }: Webhook, reply: FastifyReply, answer: Counts & { readonly repeated: boolean }): FastifyReply {
  return offer.answersNothing === true ? reply.code(204).send() : reply.send(answer);
}

function isWebhook(source: Source): source is Webhook {
  return source.transport.kind === 'webhook';
}

/** Names the delivery, or throws the problem bad_signature, or unavailable where that could not be found out. */
async function verified(
  { clock, metrics, tell }: WebhookParts,
  { name, url, transport: { signing } }: Webhook,
  request: FastifyRequest,
  bytes: Uint8Array,
): Promise<string | null> {
  if (signing === null) {
    // Anybody on this machine may send, but no page of another origin.
    checkHost(request.headers, []);
    return null;
  }
  const signed: Signed = { bytes, headers: headersOf(request), url: urlOf(request, url), now: clock.now() };
  const { packedBody } = request;
  // Most sign what they send, some what they then pack: whichever verifies is what came from the provider.
  let verdict: Verdict = await signing.verify(packedBody === null ? signed : { ...signed, bytes: packedBody });
  if (!verdict.ok && packedBody !== null) verdict = await signing.verify(signed);
  if (verdict.ok) return verdict.replayId;
  metrics.count('signalfold_source_refused_total', { source: name, wrong: verdict.wrong });
  tell?.({ source: name, outcome: 'refused', wrong: verdict.wrong, why: verdict.detail });
  if (verdict.wrong === 'unreachable') throw new Problem('unavailable', verdict.detail);
  // Amazon SNS sends user and password only to who asked for them.
  const challenge = signing.scheme.name === 'basic' ? { 'www-authenticate': `Basic realm="${name}"` } : {};
  throw new Problem('bad_signature', `The ${verdict.wrong} is wrong. ${verdict.detail}`, { headers: challenge });
}

/** True when the request was a question of the provider's and has been answered. */
async function greet(
  parts: WebhookParts,
  { offer: { handshake } }: Webhook,
  request: FastifyRequest,
  reply: FastifyReply,
  body: unknown,
): Promise<boolean> {
  if (handshake === undefined) return false;
  const query = Object.fromEntries(new URL(request.url, 'http://localhost').searchParams);
  const delivered: Delivered = { method: methodOf(request), headers: headersOf(request), query, body };
  const answer = await handshake(delivered, parts).catch((cause: unknown) => {
    throw new Problem('unavailable', 'What the provider asked for could not be done.', { cause });
  });
  if (answer === null) return false;
  await reply.code(answer.status).headers(answer.headers).send(answer.body);
  return true;
}

async function take(
  parts: WebhookParts,
  source: Source,
  items: readonly Item[],
  headers: Readonly<Record<string, string>>,
  now: number,
): Promise<Counts> {
  if (items.length > requestEventsMax) {
    throw new Problem('too_large', `The body holds ${items.length} items; at most ${requestEventsMax} are taken.`);
  }
  const placed = items.map((item) => ({ ...item, place: placeOfBytes(source.name, item.bytes, now, headers) }));
  try {
    return await takeItems(parts, source, placed);
  } catch (cause) {
    const detail = 'Not all of it is durable for certain. Send it again: what arrives twice counts once.';
    throw new Problem('unavailable', detail, { cause });
  }
}

/** What a handshake may be in: a body of one item, whole. */
function bodyOf(items: readonly Item[]): unknown {
  const [first, ...others] = items;
  return others.length === 0 ? (first?.parsed?.value ?? null) : null;
}

function methodOf({ method }: FastifyRequest): Delivered['method'] {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return method;
  return 'POST';
}

function headersOf({ headers }: FastifyRequest): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) found[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return found;
}

/** The configured address wins over what proxies made of it; the query is the request's own, because it is signed too. */
function urlOf(request: FastifyRequest, configured: string | null): string {
  const { url, protocol, host } = request;
  if (configured === null) return `${protocol}://${host}${url}`;
  const query = url.indexOf('?');
  return query === -1 || configured.includes('?') ? configured : configured + url.slice(query);
}

const noCounts: Counts = { accepted: 0, ignored: 0, waiting: 0, unusable: 0 };

const params = z.object({ source: z.string() });
const signedBy =
  'There is no key: the provider’s own signature over the body is checked, as the source’s line of configuration says.';

const postDoc: RouteDoc = {
  id: 'sendWebhook',
  summary: 'A provider’s events',
  description:
    `What a provider sends to a configured source; docs/providers.md tells how each is set up. ${signedBy} 200 means that ` +
    'every event is durable: in the log (accepted), in the waiting place until its client becomes known (waiting), or as a ' +
    'dead letter (unusable). Sending again does no harm. 401 says which of secret, body, clock or header is wrong.',
  problems: ['source_unknown', 'bad_signature', 'too_large', 'bad_encoding', 'unsupported_encoding'],
  params,
  responses: {
    200: {
      description: 'All of it was taken. Some providers ask a question here, which has its own answer.',
      schema: z.object({
        accepted: z.int(),
        ignored: z.int(),
        waiting: z.int(),
        unusable: z.int(),
        repeated: z.boolean().describe('True when this very delivery had been taken before.'),
      }),
    },
    204: { description: 'Likewise, to providers that would take the counts for instructions.' },
  },
};

const askDoc: RouteDoc = {
  id: 'askWebhook',
  summary: 'A provider’s question whether anybody is here',
  description: `Answered for the providers that ask before they send. ${signedBy}`,
  problems: ['source_unknown', 'bad_signature', 'method_not_allowed', 'bad_request'],
  params,
  responses: { 200: { description: 'As the provider wants it.', schema: z.unknown() } },
};

const optionsDoc: RouteDoc = {
  ...askDoc,
  id: 'askWebhookOptions',
  summary: 'The same question, as CloudEvents ask it',
};
