// Whose rating changed, and whose will, as the API gives it. The zod schema here is the contract.
import { z } from 'zod';
import { AsOfWire } from '../../core/derive/card.ts';
import { ratings } from '../../core/filter.ts';

const date = z.string().meta({ format: 'date' });
const Group = z.object({
  from: z.enum(ratings),
  to: z.enum(ratings),
  total: z.int().positive(),
  clients: z.array(
    z.object({
      clientId: z.string(),
      firstName: z.string().nullable(),
      lastName: z.string().nullable(),
      adviser: z.object({ id: z.string(), name: z.string().nullable() }).nullable(),
      at: z.string().meta({ format: 'date-time' }),
    }),
  ),
});

export const MovementsWire = z
  .object({
    since: date,
    until: date,
    changed: z.array(Group).meta({
      description:
        'Clients by the last change of their rating, where it lies in these days; `at` is the first instant of the ' +
        'rating that stands. The newest first.',
    }),
    expected: z.array(Group).meta({
      description:
        'Clients by the next change of their rating if nothing happens; `at` is the last instant of the rating that ' +
        'stands, as becomesAmberAt and becomesRedAt of a card. The soonest first.',
    }),
    partial: z.boolean().meta({
      description:
        'Whether some of the former ratings may have rested on signals that did not arrive or are forgotten.',
    }),
    evaluatedAt: z.string().meta({
      format: 'date-time',
      description: 'At most some seconds ago: a firm that was just read is not read again at once.',
    }),
    asOf: AsOfWire.optional().meta({ description: 'Only in answers to as_of.' }),
  })
  .meta({ id: 'Movements' });
export type Movements = z.infer<typeof MovementsWire>;
