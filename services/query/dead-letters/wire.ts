// Dead letters as the API and the command line show them.
import { z } from 'zod';
import { maskedJson, maskText } from '../../core/mask.ts';
import { formatInstant } from '../../core/time.ts';
import { readText } from '../../log/codec.ts';
import type { Redriven } from './redrive.ts';
import type { Letter, LetterShelf } from './shelf.ts';
import { outcomes, type Verdict } from './verdict.ts';

const dateTime = z.string().meta({ format: 'date-time' });

export const LetterWire = z
  .object({
    position: z.string().meta({ description: 'topic@incarnation/partition/offset of the original.' }),
    topic: z.string(),
    reason: z.string(),
    step: z.string(),
    detail: z.string().meta({ description: 'Which field is wrong and what it must be; never what it is.' }),
    appendedAt: dateTime.meta({ description: 'When the log took the original.' }),
    putAwayAt: dateTime,
    firmId: z.string().nullable().meta({ description: 'Whom it is about, as far as that can be told.' }),
    clientId: z.string().nullable(),
    key: z
      .string()
      .nullable()
      .meta({ description: 'The key of the original; masked where it is not firmId/clientId.' }),
    source: z.string().nullable().meta({ description: 'The configured source it came in by, if it did.' }),
    sizeBytes: z.int(),
    truncated: z.boolean().meta({ description: 'It was above 256 KiB: the first 64 KiB are kept, so it is lost.' }),
    redriven: z.object({ at: dateTime, by: z.string() }).nullable(),
    redrivenFrom: z.string().nullable().meta({ description: 'The dead letter it was before it was sent again.' }),
    sample: z.string().meta({ description: 'One line of its value, personal values masked.' }),
  })
  .meta({ id: 'DeadLetter' });
export type LetterWire = z.infer<typeof LetterWire>;

export function letterWire(letter: Letter, shelf: LetterShelf): LetterWire {
  const mark = shelf.markOf(letter);
  return {
    position: letter.position,
    topic: letter.topic,
    reason: letter.reason,
    step: letter.step,
    detail: letter.detail,
    appendedAt: formatInstant(letter.appendedAt),
    putAwayAt: formatInstant(letter.putAwayAt),
    firmId: letter.client?.firmId ?? null,
    clientId: letter.client?.clientId ?? null,
    key: letter.key === null || isClients(letter) ? letter.key : maskText(letter.key),
    source: letter.source,
    sizeBytes: letter.sizeBytes,
    truncated: letter.truncated,
    redriven: mark === null ? null : { at: formatInstant(mark.at), by: mark.by },
    redrivenFrom: letter.redrivenFrom,
    sample: letter.line,
  };
}

function isClients({ key, client }: Letter): boolean {
  return client !== null && key === `${client.firmId}/${client.clientId}`;
}

export const VerdictWire = z.object({
  becomes: z.enum(outcomes).meta({
    description:
      'event: usable now; dropped: ignored; dead_letter: refused again; never: not all of it is kept; unknown: it came ' +
      'in by a source, whose provider decides.',
  }),
  reason: z.string().nullable(),
  detail: z.string(),
});

export function verdictWire({ becomes, reason, detail }: Verdict): z.infer<typeof VerdictWire> {
  return { becomes, reason, detail };
}

export const ContentWire = z.object({
  masked: z.boolean(),
  encoding: z.enum(['utf8', 'base64']),
  text: z.string().nullable().meta({ description: 'Null when the original had a null value.' }),
});

/** The value for people: masked, or its very bytes as text, in base64 where they are no text. */
export function contentWire(value: Uint8Array | null, full: boolean): z.infer<typeof ContentWire> {
  if (value === null) return { masked: !full, encoding: 'utf8', text: null };
  const text = readText(value);
  if (full) {
    return text === null
      ? { masked: false, encoding: 'base64', text: Buffer.from(value).toString('base64') }
      : { masked: false, encoding: 'utf8', text };
  }
  if (text === null) return { masked: true, encoding: 'utf8', text: '‹bytes that are not UTF-8›' };
  const json = maskedJson(text);
  return { masked: true, encoding: 'utf8', text: json === null ? maskText(text) : JSON.stringify(json.value, null, 2) };
}

export const RedrivenWire = z.object({
  position: z.string(),
  topic: z.string(),
  reason: z.string().meta({ description: 'Why it was put away.' }),
  now: VerdictWire,
  sent: z.boolean().meta({ description: 'It was sent again; in a dry run: it would be.' }),
  why: z.string().nullable().meta({ description: 'Why it was not sent.' }),
});

export function redrivenWire({ letter, verdict, sent }: Redriven): z.infer<typeof RedrivenWire> {
  const { position, topic, reason } = letter;
  return { position, topic, reason, now: verdictWire(verdict), sent, why: sent ? null : whyNot(verdict) };
}

function whyNot({ becomes, erases }: Verdict): string {
  if (erases) return 'It erases a client, which needs the scope "erase" as well.';
  if (becomes === 'never') return 'What is kept is not the whole of it: have its producer send it again.';
  if (becomes === 'unknown') return 'Only its source can take it in again.';
  return 'It would not become an event. Force it to send it all the same.';
}
