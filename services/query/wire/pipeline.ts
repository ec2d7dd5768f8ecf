// How the pipeline stands, as the API gives it. The zod schemas here are the contract.
import { z } from 'zod';
import { CountsWire, LetterWire } from './dead-letters.ts';

const count = z.int().nonnegative();
const dateTime = z.string().meta({ format: 'date-time' });
const seconds = z.number().nonnegative();

export const pipelineStates = ['current', 'behind', 'stalled', 'unknown'] as const;

const StateWire = z.enum(pipelineStates).meta({
  description:
    'current: everything is in the views; behind: the projector gets on and is not there yet; stalled: messages wait and ' +
    'none was folded for a minute; unknown: not measured yet.',
});

const TopicWire = z.object({
  topic: z.string(),
  partitions: count,
  messages: count.meta({ description: 'Offsets between the first message still kept and the end.' }),
  keptMs: z.int().nullable().meta({ description: 'How long messages are kept; null: without end.' }),
  lag: count.nullable().meta({ description: 'Messages not in the views yet; null: nothing of this topic goes there.' }),
  state: StateWire.nullable(),
  oldestWaitingSeconds: seconds.nullable().meta({
    description: 'Age of the oldest message that is not in the views yet, a few seconds exact; null: none waits.',
  }),
  perSecond: z
    .number()
    .nullable()
    .meta({ description: 'Messages that came in, over the last minute; null: not measured yet.' }),
});

const FoldWire = z
  .object({
    startedAt: dateTime.meta({ description: 'Counts begin with the process.' }),
    freshness: z
      .object({ events: count, p50Seconds: seconds.nullable(), p99Seconds: seconds.nullable() })
      .nullable()
      .meta({
        description:
          'From append to durable in the views, of samples of the last minute, up to the upper bounds of a histogram; null ' +
          'figures lie above its last one; null: nothing was folded in that minute.',
      }),
    lateEvents: count.meta({ description: 'Older than the memory of their view reaches.' }),
    lostMessages: count.meta({ description: 'Deleted by retention before they were read.' }),
    droppedMessages: count.meta({ description: 'Ignored on purpose.' }),
    repeatedEvents: count.meta({ description: 'Skipped because they had been folded already.' }),
  })
  .nullable()
  .meta({
    description:
      'What the projector of this very process counts; null: it runs in other processes, whose /metrics tell.',
  });

const ConfiguredWire = z
  .object({
    log: z.object({ kind: z.enum(['embedded', 'kafka']), topicPrefix: z.string(), group: z.string() }),
    store: z.object({ kind: z.enum(['embedded', 'dynamodb']), table: z.string().nullable() }),
    access: z.object({
      open: z.boolean().meta({ description: 'Nobody is asked who they are; loopback alone may.' }),
      keys: count,
      issuer: z.string().nullable(),
    }),
    services: z.array(z.string()).meta({ description: 'What runs in the process that answers.' }),
    sources: z
      .array(z.object({ name: z.string(), provider: z.string(), by: z.enum(['webhook', 'kafka', 'pull']) }))
      .nullable()
      .meta({ description: 'Null: where they are taken in is another process.' }),
  })
  .nullable()
  .meta({ description: 'Never a secret. Null for callers of one firm.' });

export const PipelineWire = z
  .object({
    at: dateTime,
    measuredSince: dateTime.meta({
      description: 'Rates and ages reach back to then, and no further than five minutes.',
    }),
    state: StateWire,
    lag: count,
    oldestWaitingSeconds: seconds.nullable(),
    perSecond: z.object({ in: z.number(), folded: z.number() }).nullable(),
    history: z
      .array(z.object({ at: dateTime, in: z.number(), folded: z.number(), lag: count }))
      .meta({ description: 'Events a second between measurements, the oldest first.' }),
    topics: z.array(TopicWire),
    fold: FoldWire,
    deadLetters: z.object({
      open: count.meta({ description: 'Not sent again yet; to a caller of one firm, that firm’s.' }),
      counts: CountsWire,
      newest: z.array(LetterWire),
      older: count,
      keptMs: z.int().nullable().meta({ description: 'How long they are kept; null: without end.' }),
    }),
    configured: ConfiguredWire,
  })
  .meta({ id: 'Pipeline' });
export type Pipeline = z.infer<typeof PipelineWire>;
