// `portal-activity`: something a client did in the portal (download, approve, comment, …).
import { z } from 'zod';
import { SessionId } from '../ids.ts';
import { head } from './parts.ts';

export const PortalActivity = z.object({ ...head, sessionId: SessionId, action: z.string() });
export type PortalActivity = z.infer<typeof PortalActivity>;
