// `client`: the whole profile of a client, latest version wins; or its erasure.
import { z } from 'zod';
import { AdviserId, ClientId, FirmId } from '../ids.ts';
import { CalendarDate, Instant } from '../time.ts';
import { Address, schemaVersionNewest } from './parts.ts';

const key = {
  schemaVersion: z.literal(schemaVersionNewest).optional(),
  firmId: FirmId,
  clientId: ClientId,
  /** Grows with every change of the profile. */
  version: z.int().nonnegative(),
};

export const Profile = z.object({
  ...key,
  erased: z.literal(false).nullish(),
  firstName: z.string().nullish(),
  lastName: z.string().nullish(),
  /** Free text, as "individual", "couple", "trust". */
  type: z.string(),
  status: z.enum(['active', 'inactive']),
  adviser: z.object({ id: AdviserId, name: z.string().nullish() }).nullish(),
  /** The first is the main one. */
  emails: z.array(Address),
  createdAt: Instant,
  updatedAt: Instant,
  nextReviewDate: CalendarDate.nullish(),
  previousReviewDate: CalendarDate.nullish(),
  anniversaryDate: CalendarDate.nullish(),
});
export type Profile = z.infer<typeof Profile>;

export const Erasure = z.object({
  ...key,
  erased: z.literal(true),
  /** What occurred before this instant is dropped, whenever it arrives. */
  at: Instant,
});
export type Erasure = z.infer<typeof Erasure>;

export const Client = z.union([Erasure, Profile]);
export type Client = z.infer<typeof Client>;
