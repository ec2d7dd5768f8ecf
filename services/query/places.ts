// Where things are in the API: path parameters shared by the routes of this room.
import { z } from 'zod';
import { ClientId, FirmId } from '../core/ids.ts';

export const FirmPlace = z.object({ firmId: FirmId });
export const ClientPlace = z.object({ firmId: FirmId, clientId: ClientId });
