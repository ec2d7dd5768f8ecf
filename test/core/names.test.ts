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
    ['O’Shannon', "o'shannon"],
    ['Anne‑Marie', 'anne-marie'],
    ['ΝΙΚΟΣ', 'νικοσ'],
    ['𝒵oë', 'zoe'],
    ['  Mary   Ann ', 'mary ann'],
    ['Zo\u200be\u00ad', 'zoe'],
    ['\u00a0\u0301', ''],
  ])('%s is found as %s', (name, folded) => {
    expect(foldName(name)).toBe(folded);
  });

  test('a part of a word is found in it, also where the part ends like a word', () => {
    expect(foldName('ΝΙΚΟΣΤΡΑΤΟΣ')).toContain(foldName('ΝΙΚΟΣ'));
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
