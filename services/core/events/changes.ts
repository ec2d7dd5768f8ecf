// `changes` (ours): notices that a view changed, never its content; no personal data.
import { z } from 'zod';
import { ClientId, FirmId } from '../ids.ts';
import { schemaVersionNewest } from './parts.ts';

export const Notice = z.object({
  schemaVersion: z.literal(schemaVersionNewest).optional(),
  firmId: FirmId,
  clientId: ClientId,
  view: z.string(),
  version: z.int().positive(),
});
export type Notice = z.infer<typeof Notice>;
