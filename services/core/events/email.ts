// `email`: what became of an email to the client.
import { z } from 'zod';
import { MessageId } from '../ids.ts';
import { Address, head } from './parts.ts';

export const inviteCategory = 'portal-invite';

export const Email = z.object({
  ...head,
  messageId: MessageId,
  status: z.enum(['sent', 'delivered', 'opened', 'clicked', 'bounced', 'complained']),
  address: Address.nullish(),
  category: z.string().nullish(),
  /** True when a privacy proxy, not a person, opened it. */
  machineOpen: z.boolean().nullish(),
});
export type Email = z.infer<typeof Email>;
