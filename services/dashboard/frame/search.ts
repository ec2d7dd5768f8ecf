// What a page shows beyond its path, as the search part of the address: filters, order, a chosen day. What is as it is
// without being said is left out, so that addresses stay short.
import { useCallback, useMemo } from 'react';
import { navigate, useAddress } from './router.tsx';

/** One field: from the parameter's values to what it means, and back. What cannot be read is as if it were not there. */
export type Field<Value> = {
  read(texts: readonly string[]): Value;
  write(value: Value): readonly string[];
};

/** The fields of a page's state, each under the name it has in the address. */
export type Fields<State> = { readonly [Name in keyof State]: Field<State[Name]> };

export function text(preset = ''): Field<string> {
  return { read: ([given]) => given ?? preset, write: (value) => (value === preset ? [] : [value]) };
}

export function oneOf<Value extends string>(values: readonly Value[], preset: Value): Field<Value> {
  return {
    read: ([given]) => values.find((value) => value === given) ?? preset,
    write: (value) => (value === preset ? [] : [value]),
  };
}

/** Repeated in the address, in the order of `values`. */
export function manyOf<Value extends string>(values: readonly Value[]): Field<readonly Value[]> {
  return {
    read: (given) => values.filter((value) => given.includes(value)),
    write: (chosen) => values.filter((value) => chosen.includes(value)),
  };
}

/** Any texts, repeated in the address. */
export function texts(): Field<readonly string[]> {
  return { read: (given) => [...new Set(given.filter((one) => one !== ''))], write: (value) => value };
}

export function whole(min: number, max: number, preset: number): Field<number> {
  return {
    read: ([given]) => {
      const value = /^\d{1,9}$/.test(given ?? '') ? Number(given) : preset;
      return value >= min && value <= max ? value : preset;
    },
    write: (value) => (value === preset ? [] : [String(value)]),
  };
}

/** YYYY-MM-DD; null for today. */
export function day(): Field<string | null> {
  return {
    read: ([given]) => (/^\d{4}-\d{2}-\d{2}$/.test(given ?? '') ? (given ?? null) : null),
    write: (value) => (value === null ? [] : [value]),
  };
}

export function readSearch<State>(fields: Fields<State>, search: string): State {
  const given = new URLSearchParams(search);
  const read: unknown[][] = [];
  for (const name in fields) read.push([name, fields[name].read(given.getAll(name))]);
  return Object.fromEntries(read);
}

/**
 * With its `?`; empty where everything is as it is without being said. Of the search `beside` everything stays that is none of
 * the fields.
 */
export function searchOf<State>(fields: Fields<State>, state: Partial<State>, beside = ''): string {
  const search = new URLSearchParams(beside);
  const whole = { ...readSearch(fields, ''), ...state };
  for (const name in fields) {
    search.delete(name);
    for (const value of fields[name].write(whole[name])) search.append(name, value);
  }
  const written = search.toString();
  return written === '' ? '' : `?${written}`;
}

/** A page's state out of the address, and a way to change some of it. `fields` must be the same object every time. */
export function useSearch<State>(
  fields: Fields<State>,
): readonly [State, (change: Partial<State>, how?: { readonly replace?: boolean }) => void] {
  const { search } = useAddress();
  const state = useMemo(() => readSearch(fields, search), [fields, search]);
  const change = useCallback(
    (changed: Partial<State>, how: { readonly replace?: boolean } = {}) => {
      // From the address bar as it stands now: two changes in one turn both count.
      const { pathname, search: now } = window.location;
      // What else stands there belongs to other parts of the page.
      navigate(pathname + searchOf(fields, { ...readSearch(fields, now), ...changed }, now), how);
    },
    [fields],
  );
  return [state, change];
}
