// `impersonation`: a colleague began or ended acting as the client in a session. Either phase marks the whole session.
import { z } from 'zod';
import { SessionId } from '../ids.ts';
import { head, Impersonator } from './parts.ts';

export const Impersonation = z
  .object({
    ...head,
    sessionId: SessionId.describe('The session in which the colleague acts; it never counts as a login.'),
    phase: z.enum(['started', 'ended']),
    impersonator: Impersonator,
  })
  .meta({
    title: 'impersonation',
    description: 'A colleague began or ended acting as the client. Either phase marks the whole session.',
  });
export type Impersonation = z.infer<typeof Impersonation>;
