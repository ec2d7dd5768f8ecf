// What a message is shown as where nobody may see whom it is about: its structure and types, and of its values only those
// that name no person.

/** Fields of canonical events whose values are ids, instants, states and kinds. */
const shownFields: ReadonlySet<string> = new Set([
  ...['eventId', 'firmId', 'clientId', 'sessionId', 'messageId', 'schemaVersion', 'version'],
  ...['occurredAt', 'createdAt', 'updatedAt', 'at', 'expiresOn'],
  ...['outcome', 'phase', 'status', 'direction', 'channel', 'change', 'category', 'action', 'type'],
]);
/** A name or an address put into such a field by mistake mostly looks otherwise. */
const plainWord = /^[\w.:+-]{1,128}$/;
const fieldName = /^[A-Za-z_$][\w.$-]{0,63}$/;

const depthMax = 8;
const entriesMax = 50;

/** The same structure without personal values. `value` is parsed JSON. */
export function maskValue(value: unknown): unknown {
  return mask(value, '', 0);
}

function mask(value: unknown, field: string, depth: number): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return shownFields.has(field) ? value : '‹number›';
  if (typeof value === 'string') return maskWord(value, field);
  if (typeof value !== 'object') return `‹${typeof value}›`;
  if (depth >= depthMax) return '‹more within›';
  if (Array.isArray(value)) {
    const items = value.slice(0, entriesMax).map((item: unknown) => mask(item, '', depth + 1));
    return value.length > entriesMax ? [...items, `‹${value.length - entriesMax} more›`] : items;
  }
  const entries = Object.entries(value);
  const shown = entries
    .slice(0, entriesMax)
    .map(([name, inner]) => [maskName(name), mask(inner, name, depth + 1)] as const);
  return Object.fromEntries(
    entries.length > entriesMax ? [...shown, ['…', `‹${entries.length - entriesMax} more›`]] : shown,
  );
}

function maskWord(text: string, field: string): string {
  if (shownFields.has(field) && plainWord.test(text)) return text;
  return text === '' ? '' : `‹text, ${text.length} characters›`;
}

/** Names of fields are shown; what stands in a name's place and is none may be a person's. */
function maskName(name: string): string {
  return fieldName.test(name) ? name : maskText(name.slice(0, 64));
}

/** The shape of a text that is no JSON: letters as x, digits as 0, signs and spaces as they are. */
export function maskText(text: string): string {
  return text.replace(/[\p{L}\p{M}]/gu, 'x').replace(/\p{N}/gu, '0');
}

/** One line of at most `charactersMax` that shows a message's value. `text`: null when it is not UTF-8. */
export function maskedLine(text: string | null, charactersMax: number): string {
  if (text === null) return '‹bytes that are not UTF-8›';
  const line = lineOf(text, charactersMax);
  return line.length > charactersMax ? `${line.slice(0, charactersMax - 1)}…` : line;
}

function lineOf(text: string, charactersMax: number): string {
  const masked = maskedJson(text);
  if (masked !== null) return JSON.stringify(masked.value);
  return maskText(text.slice(0, charactersMax + 1)).replace(/\s+/g, ' ');
}

/** Null when the text is no JSON. */
export function maskedJson(text: string): { readonly value: unknown } | null {
  try {
    return { value: maskValue(JSON.parse(text)) };
  } catch {
    return null;
  }
}
