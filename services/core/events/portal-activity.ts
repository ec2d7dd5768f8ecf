// `portal-activity`: something a client did in the portal (download, approve, comment, …).
import { z } from 'zod';
import { SessionId } from '../ids.ts';
import { head } from './parts.ts';

export const PortalActivity = z
  .object({
    ...head,
    sessionId: SessionId.describe('The session in which it was done.'),
    action: z.string().describe('Free text, as "download", "approve" or "comment".'),
  })
  .meta({ title: 'portal-activity', description: 'Something the client did in the portal.' });
export type PortalActivity = z.infer<typeof PortalActivity>;
