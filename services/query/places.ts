// Where things are in the API: path parameters shared by the routes of this room.
import { z } from 'zod';
import { ClientId, FirmId } from '../core/ids.ts';
import { Problem } from '../runtime/problem.ts';

export const FirmPlace = z.object({ firmId: FirmId });
export const ClientPlace = z.object({ firmId: FirmId, clientId: ClientId });

/** The same answer for a client that does not exist and for one that the reader may not see. */
export function clientUnknown(): Problem {
  return new Problem('client_unknown', 'No event and no profile of this client has arrived, or it was erased.');
}
