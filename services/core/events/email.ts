// `email`: what became of an email to the client.
import { z } from 'zod';
import { MessageId } from '../ids.ts';
import { Address, head } from './parts.ts';

export const inviteCategory = 'portal-invite';

export const Email = z
  .object({
    ...head,
    messageId: MessageId.describe('The email, whatever its status: it counts once, at its earliest sent or delivered.'),
    status: z.enum(['sent', 'delivered', 'opened', 'clicked', 'bounced', 'complained']),
    address: Address.nullish().describe('The email address it went to.'),
    category: z.string().nullish().describe(`Free text; "${inviteCategory}" is an invitation to the portal.`),
    machineOpen: z.boolean().nullish().describe('True when a privacy proxy, not a person, opened it.'),
  })
  .meta({ title: 'email', description: 'An email to the client was sent, delivered, opened, clicked, or came back.' });
export type Email = z.infer<typeof Email>;
