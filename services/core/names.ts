// Name folding: names compare and are searched the way people expect, case and accents folded.

/** What Unicode does not decompose, and what a keyboard writes for the signs that text programs put in its place. */
const plainly: ReadonlyMap<string, string> = new Map([
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
  // The sigma at the end of a word, which may be the middle of a longer one.
  ['ς', 'σ'],
  ['‘', "'"],
  ['’', "'"],
  ['ʼ', "'"],
  ['‐', '-'],
  ['–', '-'],
]);

/** Words of plain letters, parted by one space each: most names. */
const plain = /^(?:[!-~]+(?: [!-~]+)*)?$/;

/** Marks and invisible signs go, white space is one space between words; empty when nothing is left to see. */
export function foldName(name: string): string {
  const lower = name.toLowerCase();
  if (plain.test(lower)) return lower;
  // Decomposed before it is lowered: of some signs (𝒵) only what they stand for has a lower case.
  const bare = name
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .toLowerCase();
  const folded = bare.replace(/[łøđðþßæœħıŋŧς‘’ʼ‐–]/gu, (letter) => plainly.get(letter) ?? letter);
  return folded.replace(/\s+/gu, ' ').trim();
}

/** A client's whole name, first name first; empty when it has none. */
export function fullName(client: { readonly firstName: string | null; readonly lastName: string | null }): string {
  return [client.firstName, client.lastName].filter((part) => part !== null && part !== '').join(' ');
}
