// Tiles as the API gives them by ids. The zod schema here is the contract.
import { z } from 'zod';
import { type ListItem, ListItemWire } from '../../core/list.ts';

export type Tile = ListItem;

export const TilesWire = z
  .object({
    items: z.array(ListItemWire).meta({ description: 'As in lists, in the order asked.' }),
    missing: z
      .array(z.string())
      .meta({ description: 'Ids of which there is no profile for this caller, in the order asked.' }),
    evaluatedAt: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'Tiles' });
export type Tiles = z.infer<typeof TilesWire>;
