// `impersonation`: a colleague began or ended acting as the client in a session. Either phase marks the whole session.
import { z } from 'zod';
import { SessionId } from '../ids.ts';
import { head, Impersonator } from './parts.ts';

export const Impersonation = z.object({
  ...head,
  sessionId: SessionId,
  phase: z.enum(['started', 'ended']),
  impersonator: Impersonator,
});
export type Impersonation = z.infer<typeof Impersonation>;
