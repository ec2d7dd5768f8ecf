// Dead letters as the API and the command line show them.
import type { z } from 'zod';
import { maskedJson, maskText } from '../../core/mask.ts';
import { formatInstant } from '../../core/time.ts';
import { readText } from '../../log/codec.ts';
import type { ContentWire, LetterWire, RedrivenWire, VerdictWire } from '../wire/dead-letters.ts';
import type { Redriven } from './redrive.ts';
import type { Letter, LetterShelf } from './shelf.ts';
import type { Verdict } from './verdict.ts';

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

export function verdictWire({ becomes, reason, detail }: Verdict): z.infer<typeof VerdictWire> {
  return { becomes, reason, detail };
}

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

export function redrivenWire({ letter, verdict, sent }: Redriven): z.infer<typeof RedrivenWire> {
  const { position, topic, reason } = letter;
  return { position, topic, reason, now: verdictWire(verdict), sent, why: sent ? null : whyNot(verdict) };
}

function whyNot({ becomes, erases }: Verdict): string {
  if (erases) return 'It may erase a client, which needs the scope "erase" as well.';
  if (becomes === 'never') return 'What is kept is not the whole of it: have its producer send it again.';
  if (becomes === 'unknown')
    return 'It cannot be told here. In Avro, force it; from a source, have that send it again.';
  return 'It would not become an event. Force it to send it all the same.';
}
