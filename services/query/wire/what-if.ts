// What other thresholds would change, as the API gives it. The zod schemas here are the contract.
import { z } from 'zod';
import { ratings } from '../../core/filter.ts';

const count = z.int().nonnegative();
const SideWire = z.object({
  greenDays: z.int(),
  amberDays: z.int(),
  ratings: z
    .object({ green: count, amber: count, red: count, none: count })
    .meta({ description: 'As the rating facet of a list counts: none leaves out who never had a portal record.' }),
});
export type Side = z.infer<typeof SideWire>;

export const WhatIfWire = z
  .object({
    now: SideWire,
    tried: SideWire,
    changes: z.object({
      total: count.meta({ description: 'How many clients would be rated otherwise.' }),
      items: z
        .array(z.object({ clientId: z.string(), from: z.enum(ratings), to: z.enum(ratings) }))
        .meta({ description: 'Ascending by client id. Their names: …/clients/batch.' }),
      nextAfter: z.string().nullable().meta({ description: 'Null when all are named.' }),
    }),
    evaluatedAt: z.string().meta({
      format: 'date-time',
      description: 'At most some seconds ago: a firm that was just read is not read again at once.',
    }),
  })
  .meta({ id: 'WhatIf' });
export type WhatIf = z.infer<typeof WhatIfWire>;
