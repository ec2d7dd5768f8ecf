// A firm's logins by day, as the API gives them. The zod schema here is the contract.
import { z } from 'zod';
import { AsOfWire } from '../../core/derive/card.ts';
import { monthDays, shareVerdicts } from '../../core/derive/portal-health.ts';

const date = z.string().meta({ format: 'date' });
const count = z.int().nonnegative();

export const FirmActivityWire = z
  .object({
    timeZone: z.string().meta({ description: 'In which the days are cut: the IANA zone of the firm.' }),
    from: date,
    to: date,
    days: z
      .array(
        z.object({
          date,
          logins: count,
          clients: count.meta({ description: 'How many different clients logged in.' }),
        }),
      )
      .meta({ description: 'Every day, ascending. The logins add up to those in the lists, with access or without.' }),
    clients: count.meta({ description: 'As many as the list has.' }),
    monthlyActive: z.object({
      clients: count.meta({ description: `Different clients with a login in the last ${monthDays} local days.` }),
      share: z.number().nullable().meta({ description: 'Of all clients, 0 to 1; null where there are none.' }),
      verdict: z.enum(shareVerdicts).nullable(),
      bands: z.object({ problemBelow: z.number(), aimFrom: z.number(), aimTo: z.number() }).meta({
        description: 'By which the share is judged: the aim, both bounds inclusive, and where a problem begins.',
      }),
    }),
    coverage: z.object({
      since: z
        .string()
        .nullable()
        .meta({ format: 'date-time', description: 'Since when signals count here; null: none has arrived.' }),
      partial: z.boolean().meta({ description: 'Whether the days reach before that, or past what is remembered.' }),
    }),
    evaluatedAt: z.string().meta({
      format: 'date-time',
      description: 'At most some seconds ago: a firm that was just read is not read again at once.',
    }),
    asOf: AsOfWire.optional().meta({ description: 'Only in answers to as_of.' }),
  })
  .meta({ id: 'FirmActivity' });
export type FirmActivity = z.infer<typeof FirmActivityWire>;
