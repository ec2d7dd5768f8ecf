// One client's activity by day, as the API gives it. The zod schema here is the contract.
import { z } from 'zod';
import { AsOfWire } from '../../core/derive/card.ts';

const date = z.string().meta({ format: 'date' });

export const ActivityWire = z
  .object({
    firmId: z.string(),
    clientId: z.string(),
    timeZone: z.string().meta({ description: 'In which the days are cut: the IANA zone of the firm.' }),
    from: date,
    to: date,
    days: z
      .array(
        z.object({
          date,
          logins: z.int().nonnegative(),
          email: z.boolean().meta({ description: 'An email was sent that counts as a signal.' }),
          message: z.boolean().meta({ description: 'A message was sent to the client.' }),
        }),
      )
      .nullable()
      .meta({
        description:
          'Ascending; days on which there was nothing are left out. The logins of the last 30, 90 and 365 days add up to ' +
          "the card's. Null without portal access, as on the card.",
      }),
    coverage: z.object({
      since: z.string().nullable().meta({
        format: 'date-time',
        description: 'Since when signals count here; what was before is not in it. Null: none has arrived.',
      }),
      partial: z.boolean().meta({ description: 'Whether the days reach before that, or past what is remembered.' }),
    }),
    evaluatedAt: z.string().meta({ format: 'date-time' }),
    asOf: AsOfWire.optional().meta({ description: 'Only in answers to as_of.' }),
  })
  .meta({ id: 'Activity' });
export type Activity = z.infer<typeof ActivityWire>;
