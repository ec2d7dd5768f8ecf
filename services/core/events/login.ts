// `login`: somebody signed in as the client, or tried to.
import { z } from 'zod';
import { SessionId } from '../ids.ts';
import { head, Impersonator } from './parts.ts';

export const Login = z
  .object({
    ...head,
    sessionId: SessionId.describe('A login is a session: it counts once per session id, at its earliest success.'),
    outcome: z.enum(['success', 'failure']),
    interactive: z
      .boolean()
      .nullish()
      .transform((interactive) => interactive ?? true)
      .describe('False for a token refresh or a silent sign-on of a running session; absent means true.'),
    userAgent: z.string().nullish(),
    ip: z.string().nullish(),
    impersonatedBy: Impersonator.nullish().describe('Present when a colleague, not the client, is behind the session.'),
  })
  .meta({ title: 'login', description: 'Somebody signed in to the portal as the client, or tried to.' });
export type Login = z.infer<typeof Login>;
