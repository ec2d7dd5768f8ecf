// What the events share: the head every one carries, and the schema version a producer may name.
import { z } from 'zod';
import { ClientId, EventId, FirmId } from '../ids.ts';
import { Instant } from '../time.ts';

/** The one version there is of each topic's schema. A message may name it as `schemaVersion`; absent means 1. */
export const schemaVersionNewest = 1;

/** Fields of every event. */
export const head = {
  schemaVersion: z.literal(schemaVersionNewest).optional(),
  eventId: EventId,
  firmId: FirmId,
  clientId: ClientId,
  occurredAt: Instant,
};

/** A colleague who acts as the client; providers know an id, a name, or neither. */
export const Impersonator = z.object({ id: z.string().nullish(), name: z.string().nullish() });

/** An email address as people write it; compared trimmed and lower-cased. */
export const Address = z.string().trim().min(1).max(320);

export function normaliseAddress(address: string): string {
  return address.trim().toLowerCase();
}
