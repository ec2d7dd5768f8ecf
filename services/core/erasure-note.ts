// The note of an erasure that no projector has taken in yet: what is written down meanwhile leaves the client out. Stored as
// documents of the collection below, by firm and client.
import { z } from 'zod';
import { readClient } from './derive/client.ts';

export const erasureNoteCollection = 'erasures';

/** `at`: what occurred before this instant goes, epoch ms. */
const ErasureNote = z.object({ at: z.int() });

export function erasureNoteText(at: number): string {
  return JSON.stringify({ at });
}

export function readErasureNote(body: string): z.infer<typeof ErasureNote> {
  return ErasureNote.parse(JSON.parse(body));
}

/** True once every view of the client carries the marker of an erasure at `at` (epoch ms) or later. */
export function carriesErasure(views: Parameters<typeof readClient>[0], at: number): boolean {
  const { profile, access, signals } = readClient(views);
  const isMarked = (erasedAt: number | undefined) => (erasedAt ?? 0) >= at;
  return isMarked(profile?.erased?.at) && isMarked(access?.erasedAt) && isMarked(signals?.erasedAt);
}
