// Names fold the way people expect to search and sort them.
import { foldName, fullName } from '../../services/core/names.ts';

describe('folded names', () => {
  test.each([
    ['Érable', 'erable'],
    ['Łódź', 'lodz'],
    ['Ørsted', 'orsted'],
    ['Đorđe', 'dorde'],
    ['Weiß', 'weiss'],
    ['Æsir', 'aesir'],
    ['ﬁnch', 'finch'],
    ["O'Shannon", "o'shannon"],
    ['Ñandú', 'nandu'],
    ['李', '李'],
    ['İpek', 'ipek'],
  ])('%s is found as %s', (name, folded) => {
    expect(foldName(name)).toBe(folded);
  });

  test('a composed and a decomposed accent fold alike', () => {
    expect(foldName('Zo\u00eb')).toBe(foldName('Zoe\u0308'));
  });
});

describe('whole names', () => {
  test.each([
    [{ firstName: 'Ash', lastName: 'Thames' }, 'Ash Thames'],
    [{ firstName: null, lastName: 'Thames' }, 'Thames'],
    [{ firstName: 'Ash', lastName: '' }, 'Ash'],
    [{ firstName: null, lastName: null }, ''],
  ])('%j is "%s"', (client, name) => {
    expect(fullName(client)).toBe(name);
  });
});
