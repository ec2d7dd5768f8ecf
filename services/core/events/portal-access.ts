// `portal-access`: a change to one of the client's portal logins, each an email address.
import { z } from 'zod';
import { CalendarDate } from '../time.ts';
import { Address, head } from './parts.ts';

const flag = z.boolean().nullish();

/** An absent field keeps its last value, null clears it. */
export const PortalAccess = z.object({
  ...head,
  email: Address,
  change: z.enum(['granted', 'invited', 'accepted', 'set-up', 'changed', 'revoked']),
  /** Valid through that day in the firm's zone. */
  expiresOn: CalendarDate.nullish(),
  permissions: z.object({ write: flag, delete: flag }).nullish(),
  features: z.object({ welcome: flag, wealth: flag, goals: flag, factfind: flag, tasks: flag }).nullish(),
  twoFactor: flag,
});
export type PortalAccess = z.infer<typeof PortalAccess>;
