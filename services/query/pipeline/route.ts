// GET /v1/pipeline: how far the views are behind the log, what cannot be used, and what is configured.
import type { FastifyInstance } from 'fastify';
import { formatInstant } from '../../core/time.ts';
import { deadLetterTopic, eventTopics } from '../../core/topics.ts';
import type { EventLog } from '../../log/port.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { LetterBook } from '../dead-letters/book.ts';
import { LetterFilter, lettersOf } from '../dead-letters/filter.ts';
import { countsOf } from '../dead-letters/routes.ts';
import { letterWire } from '../dead-letters/wire.ts';
import { type Pipeline, PipelineWire } from '../wire/pipeline.ts';
import type { FoldFigures } from './fold-figures.ts';
import type { Pulse } from './pulse.ts';
import { standingOf } from './state.ts';

const newestMax = 8;
/** How long topics keep their messages changes seldom, and asking Kafka costs a connection. */
const keptKnownMsMax = 60_000;

export type Configured = NonNullable<Pipeline['configured']>;

export type PipelineParts = {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly pulse: Pulse;
  /** Null: no projector runs in this process. */
  readonly fold: FoldFigures | null;
  readonly book: LetterBook;
  readonly configured: Configured;
};

export function registerPipeline(server: FastifyInstance, parts: PipelineParts): void {
  const { log, clock, pulse, fold, book, configured } = parts;
  let known: { readonly at: number; readonly ms: ReadonlyMap<string, number | null> } | null = null;
  const keptOf = async () => {
    if (known === null || clock.now() - known.at > keptKnownMsMax) {
      known = { at: clock.now(), ms: await log.retention([...eventTopics, deadLetterTopic]) };
    }
    return known.ms;
  };
  server.get(
    '/v1/pipeline',
    {
      config: {
        scope: 'operate',
        audit: null,
        doc: {
          id: 'getPipeline',
          summary: 'How the pipeline stands',
          description:
            'Lag, ages and rates are measured on the log, so they hold wherever projectors run. Topics are counted as a ' +
            'whole; dead letters, to a caller of one firm, are that firm’s.',
          responses: { 200: { description: 'How it stands.', schema: PipelineWire } },
        },
      },
    },
    async ({ principal }): Promise<Pipeline> => {
      const beats = await pulse.take();
      const shelf = await book.read();
      const kept = await keptOf();
      const letters = lettersOf(shelf, LetterFilter.parse({}), principal.firmId);
      return {
        at: formatInstant(clock.now()),
        measuredSince: formatInstant(beats[0]?.at ?? clock.now()),
        ...standingOf(beats, kept),
        fold: fold === null ? null : await fold.take(),
        deadLetters: {
          open: letters.length,
          counts: countsOf(letters),
          newest: letters.slice(0, newestMax).map((letter) => letterWire(letter, shelf)),
          older: shelf.forgotten,
          keptMs: kept.get(deadLetterTopic) ?? null,
        },
        configured: principal.firmId === null ? configured : null,
      };
    },
  );
}
