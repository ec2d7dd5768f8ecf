// Branded identifiers and the one rule they share, so that a client id can never be passed where a firm id is meant.
import { z } from 'zod';

export const idCharactersMax = 128;

// 1–128 printable characters without `/` (it parts firm from client in a message key) or `#` (it parts key segments).
// Printable means no control, format, surrogate, private-use or unassigned character, and of the separators only the
// plain space, and that not at either end. Without look-around, because the schemas carry it to other languages.
const printable = '[^/#\\p{C}\\p{Z}]';
const idPattern = new RegExp(`^${printable}(?:(?:${printable}| ){0,${idCharactersMax - 2}}${printable})?$`, 'u');

const id = z.string().regex(idPattern, 'must be 1–128 printable characters without "/" or "#"');

export const FirmId = id.brand<'FirmId'>();
export type FirmId = z.infer<typeof FirmId>;
export const ClientId = id.brand<'ClientId'>();
export type ClientId = z.infer<typeof ClientId>;
export const EventId = id.brand<'EventId'>();
export type EventId = z.infer<typeof EventId>;
export const SessionId = id.brand<'SessionId'>();
export type SessionId = z.infer<typeof SessionId>;
export const MessageId = id.brand<'MessageId'>();
export type MessageId = z.infer<typeof MessageId>;
export const AdviserId = id.brand<'AdviserId'>();
export type AdviserId = z.infer<typeof AdviserId>;

/** Nearly every id; the rule for all others is slower to check. */
const asciiId = /^[!"$-.0-~]{1,128}$/;

/** Reads an id back from where we stored it. Throws a RangeError for what cannot be one. */
export function knownClientId(text: string): ClientId {
  if (isClientId(text)) return text;
  throw new RangeError(`"${text}" stands where a client id was stored`);
}

function isClientId(text: string): text is ClientId {
  return asciiId.test(text) || idPattern.test(text);
}

/** Names one client of one firm. */
export type ClientKey = { readonly firmId: FirmId; readonly clientId: ClientId };

/** The message key of a client on every topic: `firmId/clientId`. Ids hold no `/`, so it can be read back. */
export function messageKey(client: ClientKey): string {
  return `${client.firmId}/${client.clientId}`;
}

/** Reads a message key back; null when it is not `firmId/clientId`. */
export function parseMessageKey(key: string): ClientKey | null {
  const parts = key.split('/');
  if (parts.length !== 2) return null;
  const firmId = FirmId.safeParse(parts[0]);
  const clientId = ClientId.safeParse(parts[1]);
  return firmId.success && clientId.success ? { firmId: firmId.data, clientId: clientId.data } : null;
}

/**
 * Orders ids by their UTF-8 bytes, as the stores and the files do. JavaScript's own `<` compares UTF-16 units, which puts
 * characters beyond the basic plane below U+E000–U+FFFF.
 */
export function compareIds(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rankOf(left) - rankOf(right);
  }
  return a.length - b.length;
}

// Surrogates stand for the characters above all others, so they rank above U+E000–U+FFFF.
function rankOf(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
