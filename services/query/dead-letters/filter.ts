// Which dead letters are meant: the filters of the list and of a redrive, and who may see what.
import { z } from 'zod';
import { ClientId, FirmId } from '../../core/ids.ts';
import { parseInstant } from '../../core/time.ts';
import type { Letter, LetterShelf } from './shelf.ts';

/** `open`: not sent again yet; `redriven`: sent again. */
export const letterStates = ['open', 'redriven', 'all'] as const;

const words = z
  .union([z.string().transform((text) => text.split(',')), z.array(z.string())])
  .transform((values) => values.map((one) => one.trim()).filter((one) => one !== ''))
  .pipe(z.array(z.string().max(255)).min(1, 'needs at least one value'));

const instant = z
  .string()
  .transform((text, context) => {
    const at = parseInstant(text);
    if (at === null) context.addIssue({ code: 'custom', message: 'must be RFC 3339, as 2026-03-02T09:30:00Z' });
    return at ?? 0;
  })
  .meta({ format: 'date-time' });

/** By the names of the filter; all of them have to fit. */
export const letterFilterShape = {
  topic: words.optional().meta({ description: 'Topics the originals came on, by comma.' }),
  reason: words.optional().meta({ description: 'Reason codes, by comma.' }),
  firm: FirmId.optional().meta({ description: 'About a client of this firm, as far as that can be told.' }),
  client: ClientId.optional().meta({ description: 'About this client.' }),
  since: instant.optional().meta({ description: 'Originals appended to the log at or after this instant.' }),
  until: instant.optional().meta({ description: 'Originals appended to the log before this instant.' }),
  position: z.string().max(1100).optional().meta({ description: 'This one alone.' }),
  state: z
    .enum(letterStates)
    .default('open')
    .meta({ description: 'open: not sent again yet; redriven: sent again; all.' }),
} as const;

export const LetterFilter = z.strictObject(letterFilterShape);
export type LetterFilter = z.output<typeof LetterFilter>;

/** Newest first by when they were put away. `firmId`: the one firm whose letters the reader may see; null: all. */
export function lettersOf(shelf: LetterShelf, filter: LetterFilter, firmId: string | null): Letter[] {
  const found: Letter[] = [];
  for (const letter of shelf.all()) {
    if (maySee(letter, firmId) && fits(letter, filter, shelf)) found.push(letter);
  }
  return found.sort((one, other) => other.putAwayAt - one.putAwayAt || (one.position < other.position ? -1 : 1));
}

/** A letter that is about nobody who can be told is for those who may see every firm. */
export function maySee({ client }: Letter, firmId: string | null): boolean {
  return firmId === null || client?.firmId === firmId;
}

function fits(letter: Letter, filter: LetterFilter, shelf: LetterShelf): boolean {
  const { topic, reason, firm, client, since, until, position, state } = filter;
  if (topic !== undefined && !topic.includes(letter.topic)) return false;
  if (reason !== undefined && !reason.includes(letter.reason)) return false;
  if (firm !== undefined && letter.client?.firmId !== firm) return false;
  if (client !== undefined && letter.client?.clientId !== client) return false;
  if (since !== undefined && letter.appendedAt < since) return false;
  if (until !== undefined && letter.appendedAt >= until) return false;
  if (position !== undefined && letter.position !== position) return false;
  return state === 'all' || (state === 'redriven') === (shelf.markOf(letter) !== null);
}
