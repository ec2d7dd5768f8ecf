// Cuts what a provider sent into items: the elements of a JSON array, JSON lines, a form, or the one JSON value it is.
import { readText } from '../../log/codec.ts';
import { type Item, itemsOfJson, itemsOfLines } from '../items.ts';
import type { BodyKind } from '../providers/offer.ts';

/**
 * Told by what the bytes are, because providers' content types are not to be trusted (SNS calls its JSON text/plain, batches
 * of lines come as application/json); of forms alone the content type is asked, as any text can be read as one.
 */
export function itemsOfBody(
  bytes: Uint8Array,
  contentType: string | undefined,
  kinds: readonly BodyKind[],
): readonly Item[] {
  const isForm = contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/x-www-form-urlencoded';
  if (kinds.includes('form') && (isForm || !kinds.includes('json'))) return [formItem(bytes)];
  const whole = itemsOfJson(bytes);
  if (whole.length !== 1 || whole[0]?.parsed !== null) return whole;
  const lines = itemsOfLines(bytes);
  return lines.length > 1 && lines.some(({ parsed }) => parsed !== null) ? lines : whole;
}

/** Of a name given several times the first value counts. */
function formItem(bytes: Uint8Array): Item {
  const text = readText(bytes);
  if (text === null) return { bytes, parsed: null };
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) if (!fields.has(name)) fields.set(name, value);
  return { bytes, parsed: { value: Object.fromEntries(fields) } };
}
