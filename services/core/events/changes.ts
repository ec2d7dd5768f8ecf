// `changes` (ours): notices that a view changed, never its content; no personal data.
import { z } from 'zod';
import { ClientId, FirmId } from '../ids.ts';
import { SchemaVersion } from './parts.ts';

export const Notice = z
  .object({
    schemaVersion: SchemaVersion,
    firmId: FirmId,
    clientId: ClientId,
    view: z.string().describe('Which view of the client changed, as "signals" or "profile".'),
    version: z.int().min(1).describe('The version the view has now; it counts the saves.'),
  })
  .meta({ title: 'changes', description: 'A view of a client changed. Says which and to what version, never how.' });
export type Notice = z.infer<typeof Notice>;
