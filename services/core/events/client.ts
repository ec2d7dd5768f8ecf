// `client`: the whole profile of a client, latest version wins; or its erasure.
import { z } from 'zod';
import { AdviserId, ClientId, FirmId } from '../ids.ts';
import { AnyInstant, CalendarDate, Instant } from '../time.ts';
import { Address, SchemaVersion } from './parts.ts';

const key = {
  schemaVersion: SchemaVersion,
  firmId: FirmId.describe('The firm the client belongs to.'),
  clientId: ClientId.describe('Unique within the firm.'),
  version: z.int().nonnegative().describe('Grows with every change of the profile; the latest wins.'),
};

export const Profile = z
  .object({
    ...key,
    erased: z.literal(false).nullish(),
    firstName: z.string().nullish(),
    lastName: z.string().nullish(),
    type: z.string().describe('Free text, as "individual", "couple" or "trust".'),
    status: z.enum(['active', 'inactive']),
    adviser: z.object({ id: AdviserId, name: z.string() }).nullish(),
    emails: z.array(Address).describe('Email addresses; the first is the main one. May be empty.'),
    createdAt: AnyInstant.describe('RFC 3339 with "Z" or an offset.'),
    updatedAt: Instant.describe(
      'When the profile became as it stands here: RFC 3339, at most 5 minutes after the log appended it.',
    ),
    nextReviewDate: CalendarDate.nullish(),
    previousReviewDate: CalendarDate.nullish(),
    anniversaryDate: CalendarDate.nullish(),
  })
  .meta({ title: 'profile', description: 'The whole profile; a field left out is unknown, not unchanged.' });
export type Profile = z.infer<typeof Profile>;

export const Erasure = z
  .object({
    ...key,
    erased: z.literal(true),
    at: Instant.describe('What occurred before this instant is dropped, whenever it arrives.'),
  })
  .meta({ title: 'erasure', description: 'The client is to be forgotten. A null value under its key says the same.' });
export type Erasure = z.infer<typeof Erasure>;

// Told apart by `erased` rather than tried in turn, so that a mistake is named in the field where it is.
export const Client = z
  .discriminatedUnion('erased', [Erasure, Profile])
  .meta({ title: 'client', description: 'The whole profile of a client, or its erasure.' });
export type Client = z.infer<typeof Client>;
