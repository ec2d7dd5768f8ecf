// What the events share: the head every one carries, and the schema version a producer may name.
import { z } from 'zod';
import { ClientId, EventId, FirmId } from '../ids.ts';
import { Instant } from '../time.ts';

/** The one version there is of each topic's schema. */
export const schemaVersionNewest = 1;

export const SchemaVersion = z
  .literal(schemaVersionNewest)
  .nullish()
  .describe('The version of this schema that the message follows; absent means 1.');

/** Fields of every event. */
export const head = {
  schemaVersion: SchemaVersion,
  eventId: EventId.describe('Names this event; a repeat of it carries the same id.'),
  firmId: FirmId.describe('The firm the client belongs to.'),
  clientId: ClientId.describe('The client this is about, unique within the firm.'),
  occurredAt: Instant.describe(
    'When it happened: RFC 3339 with "Z" or an offset, 1970 or later, at most 5 minutes after the log appended it.',
  ),
};

/**
 * A colleague who acts as the client; providers know an id, a name, or neither. The id is any text: were an odd one to
 * make the event unusable, the colleague's session would count as the client's own.
 */
export const Impersonator = z.object({ id: z.string().nullish(), name: z.string().nullish() });

/** RFC 5321: 64 before the `@`, 255 after it. */
export const addressCharactersMax = 320;

// A lone surrogate would not survive being stored as UTF-8: the address read back would be another one.
const addressPattern = /^[^\p{Cs}]*[^\s\p{Cs}][^\p{Cs}]*$/u;

/** An email address as people write it; compared trimmed and lower-cased. */
export const Address = z
  .string()
  .trim()
  .max(addressCharactersMax, `must be at most ${addressCharactersMax} characters`)
  .regex(addressPattern, 'must be an email address, not blank');

export function normaliseAddress(address: string): string {
  return address.trim().toLowerCase();
}
