// Dead letters as the API gives them. The zod schemas here are the contract.
import { z } from 'zod';

/**
 * What a dead letter would become, were it sent again now. `event`: it is usable. `dropped`: it would be ignored.
 * `dead_letter`: it would be refused again. `never`: what is kept is not the whole of it. `unknown`: it came in by a source,
 * whose provider decides, or is Avro, whose schemas are asked for when it is folded.
 */
export const outcomes = ['event', 'dropped', 'dead_letter', 'never', 'unknown'] as const;
export type Outcome = (typeof outcomes)[number];

const dateTime = z.string().meta({ format: 'date-time' });

export const LetterWire = z
  .object({
    position: z.string().meta({ description: 'topic@incarnation/partition/offset of the original.' }),
    topic: z.string(),
    reason: z.string(),
    step: z.string(),
    detail: z.string().meta({ description: 'Which field is wrong and what it must be; never what it is.' }),
    appendedAt: dateTime.meta({ description: 'When the log took the original.' }),
    putAwayAt: dateTime,
    firmId: z.string().nullable().meta({ description: 'Whom it is about, as far as that can be told.' }),
    clientId: z.string().nullable(),
    key: z
      .string()
      .nullable()
      .meta({ description: 'The key of the original; masked where it is not firmId/clientId.' }),
    source: z.string().nullable().meta({ description: 'The configured source it came in by, if it did.' }),
    sizeBytes: z.int(),
    truncated: z.boolean().meta({ description: 'It was above 256 KiB: the first 64 KiB are kept, so it is lost.' }),
    redriven: z.object({ at: dateTime, by: z.string() }).nullable(),
    redrivenFrom: z.string().nullable().meta({ description: 'The dead letter it was before it was sent again.' }),
    sample: z.string().meta({ description: 'One line of its value, personal values masked.' }),
  })
  .meta({ id: 'DeadLetter' });
export type LetterWire = z.infer<typeof LetterWire>;

export const VerdictWire = z.object({
  becomes: z.enum(outcomes).meta({
    description:
      'event: usable now; dropped: ignored; dead_letter: refused again; never: not all of it is kept; unknown: it came ' +
      'in by a source, whose provider decides.',
  }),
  reason: z.string().nullable(),
  detail: z.string(),
});

export const ContentWire = z.object({
  masked: z.boolean(),
  encoding: z.enum(['utf8', 'base64']),
  text: z.string().nullable().meta({ description: 'Null when the original had a null value.' }),
});

export const RedrivenWire = z.object({
  position: z.string(),
  topic: z.string(),
  reason: z.string().meta({ description: 'Why it was put away.' }),
  now: VerdictWire,
  sent: z.boolean().meta({ description: 'It was sent again; in a dry run: it would be.' }),
  why: z.string().nullable().meta({ description: 'Why it was not sent.' }),
});

export const CountsWire = z.array(z.object({ topic: z.string(), reason: z.string(), count: z.int() }));

export const RedriveWire = z.object({
  dryRun: z.boolean(),
  matched: z.int(),
  sent: z.int().meta({ description: 'In a dry run: how many would be.' }),
  left: z.int().meta({ description: 'That match and are beyond the limit: redrive again.' }),
  items: z.array(RedrivenWire),
});
export type RedriveWire = z.infer<typeof RedriveWire>;
