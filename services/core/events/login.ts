// `login`: somebody signed in as the client, or tried to.
import { z } from 'zod';
import { SessionId } from '../ids.ts';
import { head, Impersonator } from './parts.ts';

export const Login = z.object({
  ...head,
  sessionId: SessionId,
  outcome: z.enum(['success', 'failure']),
  /** False for a token refresh or a silent sign-on of a running session. */
  interactive: z.boolean().default(true),
  userAgent: z.string().nullish(),
  ip: z.string().nullish(),
  /** Present when a colleague, not the client, is behind the session. */
  impersonatedBy: Impersonator.nullish(),
});
export type Login = z.infer<typeof Login>;
