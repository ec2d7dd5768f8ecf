// `portal-access`: a change to one of the client's portal logins, each an email address.
import { z } from 'zod';
import { CalendarDate } from '../time.ts';
import { Address, head } from './parts.ts';

const flag = z.boolean().nullish();

/** An absent field keeps its last value, null clears it. */
export const PortalAccess = z
  .object({
    ...head,
    email: Address.describe('The email address that is the portal login.'),
    change: z.enum(['granted', 'invited', 'accepted', 'set-up', 'changed', 'revoked']),
    expiresOn: CalendarDate.nullish().describe("The last day of access, valid through it in the firm's time zone."),
    permissions: z.object({ write: flag, delete: flag }).nullish(),
    features: z.object({ welcome: flag, wealth: flag, goals: flag, factfind: flag, tasks: flag }).nullish(),
    twoFactor: flag,
  })
  .meta({
    title: 'portal-access',
    description:
      "A change to one of the client's portal logins. An absent optional field keeps its last value, null clears it.",
  });
export type PortalAccess = z.infer<typeof PortalAccess>;
