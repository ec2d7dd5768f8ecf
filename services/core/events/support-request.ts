// `support-request`: the client asked the firm for something ("can you send me…").
import { z } from 'zod';
import { head } from './parts.ts';

export const SupportRequest = z
  .object({ ...head, category: z.string().describe('Free text, as "document-copy" or "password".') })
  .meta({ title: 'support-request', description: 'The client asked the firm for something.' });
export type SupportRequest = z.infer<typeof SupportRequest>;
