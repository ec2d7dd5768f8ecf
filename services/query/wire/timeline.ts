// A rating through time, as the API gives it. The zod schema here is the contract.
import { z } from 'zod';
import { ratings } from '../../core/filter.ts';

const instant = z.string().meta({ format: 'date-time' });

export const TimelineWire = z
  .object({
    firmId: z.string(),
    clientId: z.string(),
    from: instant,
    to: instant.meta({ description: 'The last instant answered for.' }),
    spans: z
      .array(
        z.object({
          from: instant,
          to: instant
            .nullable()
            .meta({ description: 'When the next begins; null: it still stood at the last instant.' }),
          rating: z.enum(ratings),
          decidedBy: z
            .object({ signal: z.enum(['login', 'email', 'message']), at: instant })
            .nullable()
            .meta({ description: 'What decided when the span began.' }),
        }),
      )
      .meta({ description: 'Ascending, without gaps. Two neighbours differ in rating.' }),
    coverage: z.object({
      since: instant.nullable().meta({ description: 'Since when signals count here; null: none has arrived.' }),
      exactFrom: instant.nullable().meta({
        description: 'Ratings before it may have rested on signals that are no longer known; null: all are known.',
      }),
      partial: z.boolean().meta({ description: 'Whether what was asked for reaches before since or exactFrom.' }),
    }),
    signals: z.literal('to the quarter hour'),
    evaluatedAt: instant,
  })
  .meta({ id: 'Timeline' });
export type Timeline = z.infer<typeof TimelineWire>;
