// Names of files that carry a firm's id, safe on every file system.
import { createHash } from 'node:crypto';

/** File names may have 255 bytes; the rest of the name needs room as well. */
const firmCharactersMax = 160;
const hashCharacters = 32;

/**
 * The firm id percent-encoded, all but letters, digits, `-`, `_` and `.`: decodeURIComponent gives it back. Ids too long
 * for a file name are cut and end with `~` and a hash, which no other id's name does.
 */
export function safeFirmName(firmId: string): string {
  const encoded = encodeURIComponent(firmId).replace(/[!~*'()]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
  return encoded.length <= firmCharactersMax ? encoded : hashedName(firmId, encoded);
}

/**
 * Names for several firms that do not collide on file systems that fold case: of ids that differ in case alone, each gets
 * its hash.
 */
export function safeFirmNames<Id extends string>(firmIds: readonly Id[]): ReadonlyMap<Id, string> {
  const alike = new Map<string, number>();
  const folded = (firmId: string) => safeFirmName(firmId).toLowerCase();
  for (const firmId of firmIds) alike.set(folded(firmId), (alike.get(folded(firmId)) ?? 0) + 1);
  return new Map(
    firmIds.map((firmId) => {
      const name = safeFirmName(firmId);
      return [firmId, (alike.get(folded(firmId)) ?? 0) > 1 ? hashedName(firmId, name) : name];
    }),
  );
}

function hashedName(firmId: string, encoded: string): string {
  const hash = createHash('sha256').update(firmId).digest('hex').slice(0, hashCharacters);
  return `${encoded.slice(0, firmCharactersMax - hashCharacters)}~${hash}`;
}
