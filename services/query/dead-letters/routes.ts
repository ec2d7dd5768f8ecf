// /v1/dead-letters over HTTP: what could not be used and why, one with its value, and sending them again.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type DeadLetterRecord, readDeadLetter } from '../../core/dead-letter.ts';
import { queryParameters } from '../../core/query-parameters.ts';
import { deadLetterTopic } from '../../core/topics.ts';
import type { EventLog } from '../../log/port.ts';
import { noteAudit } from '../../runtime/audit.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import type { RouteDoc } from '../../runtime/openapi.ts';
import { Problem, parseParameters } from '../../runtime/problem.ts';
import { ContentWire, CountsWire, LetterWire, RedriveWire, VerdictWire } from '../wire/dead-letters.ts';
import type { LetterBook } from './book.ts';
import { LetterFilter, letterFilterShape, lettersOf, maySee } from './filter.ts';
import { redrive } from './redrive.ts';
import type { Letter } from './shelf.ts';
import { type SourceLetters, verdictOf } from './verdict.ts';
import { contentWire, letterWire, redrivenWire, verdictWire } from './wire.ts';

const listedMax = 500;
const listedPreset = 50;
const redrivenMax = 10_000;
const redrivenPreset = 1_000;

export type DeadLetterParts = {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly book: LetterBook;
  /** Null: letters of sources are not sent from here. */
  readonly atSource: SourceLetters | null;
};

const limit = z
  .string()
  .regex(/^\d{1,4}$/, `must be a whole number, 1 to ${listedMax}`)
  .transform(Number)
  .pipe(z.number().min(1).max(listedMax, `must be at most ${listedMax}`))
  .optional()
  .meta({ description: `1–${listedMax}, default ${listedPreset}.` });

const LettersQuery = queryParameters({ ...letterFilterShape, limit });
const LetterPlace = z.object({ position: z.string().min(1) });
const LetterQuery = queryParameters({
  full: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: 'true: the very bytes, which needs the scope read as well and stands in the audit log.' }),
});
const RedriveRequest = z.strictObject({
  filter: LetterFilter.prefault({}),
  dryRun: z.boolean().default(false).meta({ description: 'Sends nothing; says what each would become.' }),
  force: z.boolean().default(false).meta({ description: 'Sends also what would be refused or ignored again.' }),
  limit: z.int().min(1).max(redrivenMax).default(redrivenPreset),
});

export function registerDeadLetters(server: FastifyInstance, parts: DeadLetterParts): void {
  const { log, clock, book } = parts;
  const scope = 'operate';

  server.get(
    '/v1/dead-letters',
    { config: { scope, audit: 'dead-letters.list', doc: listDoc } },
    async (request): Promise<z.infer<typeof ListWire>> => {
      const { limit: wanted = listedPreset, ...filter } = parseParameters(LettersQuery, request.query, 'query');
      const shelf = await book.read();
      const found = lettersOf(shelf, filter, request.principal.firmId);
      const items = found.slice(0, wanted).map((letter) => letterWire(letter, shelf));
      noteAudit(request, { letters: items.length });
      return { items, total: found.length, counts: countsOf(found), older: shelf.forgotten };
    },
  );

  server.get(
    '/v1/dead-letters/:position',
    { config: { scope, audit: 'dead-letters.read', doc: oneDoc } },
    async (request): Promise<z.infer<typeof OneWire>> => {
      const { position } = parseParameters(LetterPlace, request.params, 'path');
      const full = parseParameters(LetterQuery, request.query, 'query').full === 'true';
      if (full) checkFull(request);
      const shelf = await book.read();
      const letter = shelf.find(position);
      if (letter === null || !maySee(letter, request.principal.firmId)) throw letterUnknown();
      const record = await readRecord(log, letter);
      if (record === null) throw letterUnknown();
      const now = verdictWire(verdictOf(record, clock.now(), parts.atSource));
      return { ...letterWire(letter, shelf), now, content: contentWire(record.value, full) };
    },
  );

  server.post(
    '/v1/dead-letters/redrive',
    { config: { scope, audit: 'dead-letters.redrive', doc: redriveDoc } },
    async (request): Promise<RedriveWire> => {
      const order = parseParameters(RedriveRequest, request.body, 'body');
      const { principal } = request;
      const found = lettersOf(await book.read(), order.filter, principal.firmId);
      // The oldest first, so that what is left over is the newest.
      const chosen = found.slice(-order.limit);
      const mayErase = principal.scopes.has('erase');
      const done = await redrive(parts, chosen, { ...order, by: principal.id, mayErase });
      const sent = done.filter((one) => one.sent);
      noteAudit(request, {
        ...(order.dryRun ? { audit: 'dead-letters.list' } : {}),
        letters: sent.length,
      });
      if (!order.dryRun) {
        for (const { letter } of sent) {
          parts.metrics.count('signalfold_dead_letters_redriven_total', { topic: letter.topic });
        }
      }
      return {
        dryRun: order.dryRun,
        matched: found.length,
        sent: sent.length,
        left: found.length - chosen.length,
        items: done.map(redrivenWire),
      };
    },
  );
}

function checkFull(request: FastifyRequest): void {
  noteAudit(request, { audit: 'dead-letters.read-full' });
  if (request.principal.scopes.has('read')) return;
  throw new Problem('forbidden', 'The bytes of a dead letter show clients, which needs the scope "read" as well.');
}

function letterUnknown(): Problem {
  return new Problem('dead_letter_unknown', 'It was never there, is no longer kept, or its client was erased.');
}

/** The letter with its value, which only the log has; null when it is gone. */
export async function readRecord(log: EventLog, { place }: Letter): Promise<DeadLetterRecord | null> {
  for await (const { value, headers, partition, offset } of log.scan(deadLetterTopic)) {
    if (partition === place.partition && offset === place.offset) return readDeadLetter(value, headers);
  }
  return null;
}

/** By topic and reason, the most first. */
export function countsOf(letters: readonly Letter[]): z.infer<typeof CountsWire> {
  const counts = new Map<string, { topic: string; reason: string; count: number }>();
  for (const { topic, reason } of letters) {
    const name = `${topic} ${reason}`;
    const known = counts.get(name) ?? { topic, reason, count: 0 };
    known.count += 1;
    counts.set(name, known);
  }
  return [...counts.values()].sort((one, other) => other.count - one.count);
}

const ListWire = z.object({
  items: z.array(LetterWire),
  total: z.int().meta({ description: 'That match, whether or not they are listed.' }),
  counts: CountsWire.meta({ description: 'Those that match, by topic and reason.' }),
  older: z.int().meta({
    description: 'Older ones that this service does not hold in memory; `signalfold dead-letters` reads them all.',
  }),
});

const OneWire = LetterWire.extend({
  now: VerdictWire.meta({ description: 'What it would become, were it sent again now.' }),
  content: ContentWire,
}).meta({ id: 'DeadLetterWithValue' });

const listDoc: RouteDoc = {
  id: 'listDeadLetters',
  summary: 'Messages that could not be used, newest first',
  description:
    'With their reasons and a masked line of each. A key of one firm sees the letters about clients of that firm; what is ' +
    'about nobody who can be told is for keys of every firm.',
  query: LettersQuery,
  responses: { 200: { description: 'A part of them, and how many there are.', schema: ListWire } },
};

const oneDoc: RouteDoc = {
  id: 'getDeadLetter',
  summary: 'One of them with its value',
  description:
    'Structure and types are shown, personal values are masked. The position stands percent-encoded in the path.',
  problems: ['dead_letter_unknown'],
  params: LetterPlace,
  query: LetterQuery,
  responses: { 200: { description: 'The dead letter.', schema: OneWire } },
};

const redriveDoc: RouteDoc = {
  id: 'redriveDeadLetters',
  summary: 'Send dead letters again',
  description:
    'Each goes to its topic under its key with its very bytes, so an event keeps its identity and counts once, however ' +
    'often it is redriven. Unless forced, only what is usable now is sent. What was sent is marked as redriven, and the ' +
    'message carries the header signalfold-redriven-from. An event that erases a client needs the scope erase as well.',
  body: { 'application/json': RedriveRequest },
  responses: { 200: { description: 'What became of each.', schema: RedriveWire } },
};
