import fc from 'fast-check';
import { armed, defuse } from '../../services/export/spreadsheet-text.ts';

describe('text for spreadsheets', () => {
  test.each(
    [
      '=1+1',
      '+44 20',
      '-1',
      '@SUM(A1)',
      '\t=1',
      '\r=1',
      '\n=1',
      '\ttext',
      '  =1',
      '\u00a0=1',
      '\u200b=1',
      '\ufeff=1',
      '"=1',
      "'=1",
      ' "\' =1',
      '“=1',
      '＝1',
      '＋1',
      '－1',
      '＠x',
      '\u3000＝1',
    ].map((text) => [JSON.stringify(text), text] as const),
  )('%s gets an apostrophe', (_name, text) => {
    expect(defuse(text)).toBe(`'${text}`);
  });

  test.each([
    '',
    'Ann Lee',
    "O'Brien",
    "'t Hooft",
    'Smith-Jones',
    'a=b',
    'ann@example.com',
    '"Bob" Lee',
    '王＝',
    'محمد',
    '🙂=1',
  ])('%s stays as it is', (text) => {
    expect(defuse(text)).toBe(text);
  });

  test('every text comes back, also one that looks defused already', () => {
    const unit = fc.constantFrom("'", '"', ' ', '\t', '\r', '\n', '=', '+', '-', '@', '＝', 'a', '\u200b', 'é', '🙂');
    const text = fc.oneof(fc.string({ unit, maxLength: 8 }), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(text, (original) => armed(defuse(original)) === original),
      { numRuns: 5_000 },
    );
  });
});
