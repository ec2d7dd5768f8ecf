// Looking into JSON of unknown shape: a path in, a value of one kind or null out. Never throws, and trusts nothing.

export type Fields = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at the end of a path of member names; undefined where there is no such path. Own members only. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (!isObject(found) || !Object.hasOwn(found, name)) return undefined;
    found = found[name];
  }
  return found;
}

/** Text that says something, without white space around it. A number reads as its digits: ids come as both. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null;
  if (typeof value !== 'string') return null;
  const text = value.trim();
  return text === '' ? null : text;
}

export function textAt(value: unknown, ...path: readonly string[]): string | null {
  return textOf(at(value, ...path));
}

/** The elements of an array; none where there is no array. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** A yes or no; some providers write them as text. */
export function flagAt(value: unknown, ...path: readonly string[]): boolean | null {
  const found = at(value, ...path);
  if (typeof found === 'boolean') return found;
  return found === 'true' ? true : found === 'false' ? false : null;
}

/** The members of an object that are texts, numbers or flags, as text: what a sender put on an event as custom fields. */
export function flatFields(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const text = typeof member === 'boolean' ? String(member) : textOf(member);
      return text === null ? [] : [[name, text] as const];
    }),
  );
}
