// Keys of machines: known by their SHA-256 hashes alone, each with what its holder may do.
import { createHash, timingSafeEqual } from 'node:crypto';
import { bookScopes, type Principal, type Scope, scopes } from './principal.ts';

/** `sha256` in lower-case hex. */
export type ApiKey = { readonly sha256: string; readonly principal: Principal };

/** In front of the names of those who hold a key. */
const holderPrefix = 'key:';

const partNames = ['name', 'scopes', 'firm', 'adviser'] as const;
type PartName = (typeof partNames)[number];

/** The first digits of a hash name a key that has no name. */
const nameDigits = 12;

/**
 * Reads entries by comma: `<sha256>[:name=…][:scopes=read+export][:firm=…][:adviser=…]`, values percent-encoded where
 * they hold `:`, `,` or `%`. Mistakes count the entries from 1 and repeat nothing, because what stands in the wrong
 * place may be a key.
 */
export function parseApiKeys(text: string): { readonly keys: readonly ApiKey[]; readonly mistakes: readonly string[] } {
  const keys: ApiKey[] = [];
  const mistakes: string[] = [];
  for (const [index, entry] of text.split(',').entries()) {
    const read = readEntry(entry.trim());
    if (typeof read === 'string') mistakes.push(`entry ${index + 1} ${read}`);
    else if (keys.some(({ sha256 }) => sha256 === read.sha256)) mistakes.push(`entry ${index + 1} repeats a hash`);
    else keys.push(read);
  }
  return { keys, mistakes };
}

/** A text says what is wrong. */
function readEntry(entry: string): ApiKey | string {
  const [hash = '', ...parts] = entry.split(':');
  if (!/^[0-9a-f]{64}$/i.test(hash)) return 'does not begin with a SHA-256 hash of 64 hex digits';
  const given = new Map<PartName, string>();
  for (const part of parts) {
    const name = partNames.find((candidate) => part.startsWith(`${candidate}=`));
    if (name === undefined)
      return `has a part that begins with none of ${partNames.map((one) => `${one}=`).join(', ')}`;
    if (given.has(name)) return `has ${name}= twice`;
    const value = decode(part.slice(name.length + 1));
    if (value === null || !/^[^/#]{1,128}$/u.test(value)) return `has no usable value after ${name}=`;
    given.set(name, value);
  }
  const [firmId, book] = [given.get('firm') ?? null, given.get('adviser') ?? null];
  if (book !== null && firmId === null) return 'has adviser= and needs firm= as well';
  const allowed = book === null ? scopes : bookScopes;
  const wanted = given.get('scopes') === 'none' ? [] : (given.get('scopes')?.split('+') ?? allowed);
  const granted = wanted.filter((word): word is Scope => allowed.some((scope) => scope === word));
  if (granted.length < wanted.length) {
    return `has scopes= with something else than ${allowed.join('+')}${book === null ? '' : ', all that an adviser may'}`;
  }
  const sha256 = hash.toLowerCase();
  const id = `${holderPrefix}${given.get('name') ?? sha256.slice(0, nameDigits)}`;
  return { sha256, principal: { id, role: null, scopes: new Set(granted), firmId, book, until: null } };
}

function decode(value: string): string | null {
  try {
    return decodeURIComponent(value);
  } catch {
    return null;
  }
}

export function isKeyHolder(id: string): boolean {
  return id.startsWith(holderPrefix);
}

/** Answers who holds a presented key; null when nobody does. */
export function keyring(keys: readonly ApiKey[]): (presented: string) => Principal | null {
  const known = keys.map(({ sha256, principal }) => ({ hash: Buffer.from(sha256, 'hex'), principal }));
  return (presented) => {
    const hash = createHash('sha256').update(presented).digest();
    // Every hash is compared, and in constant time, so that the time tells nothing about the keys.
    const found = known.filter((key) => timingSafeEqual(key.hash, hash));
    return found[0]?.principal ?? null;
  };
}
