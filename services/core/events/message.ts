// `message`: a portal message, SMS or chat to the client (outbound) or from it (inbound).
import { z } from 'zod';
import { MessageId } from '../ids.ts';
import { head } from './parts.ts';

export const Message = z
  .object({
    ...head,
    messageId: MessageId.describe('Counts once per message id.'),
    direction: z.enum(['outbound', 'inbound']).describe('Outbound goes to the client and counts as a signal.'),
    channel: z.string().describe('Free text, as "portal", "sms" or "chat".'),
  })
  .meta({ title: 'message', description: 'A portal message, SMS or chat to the client or from it.' });
export type Message = z.infer<typeof Message>;
