import { createHash } from 'node:crypto';
import { keyring, parseApiKeys } from '../../services/runtime/api-keys.ts';

const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
const one = hashOf('one');

/** The only key of an entry, readable. */
function principalOf(entry: string) {
  const { keys, mistakes } = parseApiKeys(entry);
  expect(mistakes).toEqual([]);
  expect(keys).toHaveLength(1);
  const principal = keys[0]?.principal;
  return { ...principal, scopes: [...(principal?.scopes ?? [])] };
}

describe('an entry', () => {
  const all = ['read', 'export', 'ingest', 'settings', 'erase', 'operate'];

  test('of a hash alone may do everything, everywhere, and is named by its first digits', () => {
    const unnamed = { id: `key:${one.slice(0, 12)}`, role: null, scopes: all, firmId: null, book: null, until: null };
    expect(principalOf(one.toUpperCase())).toEqual(unnamed);
  });

  test.each([
    [':name=crm', { id: 'key:crm', scopes: all, firmId: null, book: null }],
    [':firm=firm-1', { scopes: all, firmId: 'firm-1', book: null }],
    [':scopes=read+export', { scopes: ['read', 'export'], firmId: null }],
    [':scopes=none', { scopes: [], firmId: null }],
    [':firm=firm-1:adviser=a 7', { scopes: ['read', 'export'], firmId: 'firm-1', book: 'a 7' }],
    [':adviser=a:scopes=read:firm=f:name=n', { id: 'key:n', scopes: ['read'], firmId: 'f', book: 'a' }],
    [':firm=a%3Ab%2Cc%25', { firmId: 'a:b,c%' }],
    [':firm=顧客=1', { firmId: '顧客=1' }],
  ])('with %s is narrowed to that', (parts, expected) => {
    expect(principalOf(one + parts)).toMatchObject(expected);
  });

  test.each([
    ['a key instead of its hash', 'my-plain-key', 'does not begin with'],
    ['too few digits', one.slice(1), 'does not begin with'],
    ['nothing', '', 'does not begin with'],
    ['an unknown part', `${one}:role=owner`, 'name=, scopes=, firm=, adviser='],
    ['a part twice', `${one}:firm=a:firm=b`, 'firm= twice'],
    ['an empty value', `${one}:firm=`, 'after firm='],
    ['a value that is no id', `${one}:firm=a/b`, 'after firm='],
    ['a percent sign without digits', `${one}:firm=100%`, 'after firm='],
    ['an adviser of no firm', `${one}:adviser=a`, 'needs firm='],
    ['an unknown scope', `${one}:scopes=read+write`, 'read+export+ingest+settings+erase+operate'],
    [
      'an adviser who would set or erase',
      `${one}:firm=f:adviser=a:scopes=read+erase`,
      'read+export, all that an adviser may',
    ],
  ])('with %s is a mistake that says what to do, and repeats nothing of it', (_what, entry, expected) => {
    const { keys, mistakes } = parseApiKeys(`${hashOf('good')},${entry}`);
    expect(keys).toHaveLength(1);
    expect(mistakes).toEqual([expect.stringContaining('entry 2')]);
    expect(mistakes[0]).toContain(expected);
    for (const secret of ['my-plain-key', one, 'write', 'owner']) expect(mistakes[0]).not.toContain(secret);
  });

  test('that repeats a hash is a mistake: which of the two would count?', () => {
    expect(parseApiKeys(`${one}:scopes=read, ${one.toUpperCase()}`).mistakes).toEqual(['entry 2 repeats a hash']);
  });
});

test('whoever presents a key is the one it was given to; nobody else is let in', () => {
  const { keys } = parseApiKeys(`${hashOf('one')}:name=first,${hashOf('two')}:name=second`);
  const holderOf = keyring(keys);
  expect(holderOf('two')?.id).toBe('key:second');
  expect(['', 'three', one, `one `].map(holderOf)).toEqual([null, null, null, null]);
});
