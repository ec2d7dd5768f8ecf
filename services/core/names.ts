// Name folding: names compare and are searched the way people expect, case and accents folded.

/** Letters that Unicode does not decompose into a base letter and a mark. */
const undecomposed: ReadonlyMap<string, string> = new Map([
  ['ł', 'l'],
  ['ø', 'o'],
  ['đ', 'd'],
  ['ð', 'd'],
  ['þ', 'th'],
  ['ß', 'ss'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['ħ', 'h'],
  ['ı', 'i'],
  ['ŋ', 'n'],
  ['ŧ', 't'],
]);

const ascii = /^[\x20-\x7e]*$/;

export function foldName(name: string): string {
  const lower = name.toLowerCase();
  if (ascii.test(lower)) return lower;
  const bare = lower.normalize('NFKD').replace(/\p{M}/gu, '');
  return bare.replace(/[łøđðþßæœħıŋŧ]/gu, (letter) => undecomposed.get(letter) ?? letter);
}

/** A client's whole name, first name first; empty when it has none. */
export function fullName(client: { readonly firstName: string | null; readonly lastName: string | null }): string {
  return [client.firstName, client.lastName].filter((part) => part !== null && part !== '').join(' ');
}
