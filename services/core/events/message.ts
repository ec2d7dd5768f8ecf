// `message`: a portal message, SMS or chat to the client (outbound) or from it (inbound).
import { z } from 'zod';
import { MessageId } from '../ids.ts';
import { head } from './parts.ts';

export const Message = z.object({
  ...head,
  messageId: MessageId,
  direction: z.enum(['outbound', 'inbound']),
  channel: z.string(),
});
export type Message = z.infer<typeof Message>;
