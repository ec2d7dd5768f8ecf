// Ids: what is one, and that a message key can be read back.
import fc from 'fast-check';
import { ClientId, FirmId, messageKey, parseMessageKey } from '../../services/core/ids.ts';

describe('an id', () => {
  test.each([
    ['one character', 'a'],
    ['a number as text', '1042'],
    ['a name that objects inherit', '__proto__'],
    ['spaces inside', 'client 1042'],
    ['128 characters', 'x'.repeat(128)],
    ['128 characters of two UTF-16 units', '\u{20000}'.repeat(128)],
    ['punctuation', 'auth0|1042:~!@$%^&*()[]{}<>?=+,;\'"\\'],
    ['another script', '顧客-1042'],
  ])('may be %s', (_, text) => {
    expect(ClientId.safeParse(text).success).toBe(true);
  });

  test.each([
    ['empty', ''],
    ['129 characters', 'x'.repeat(129)],
    ['129 characters of two UTF-16 units', '\u{20000}'.repeat(129)],
    ['with a slash', 'a/b'],
    ['with a hash', 'a#b'],
    ['a space', ' '],
    ['with a space before', ' a'],
    ['with a space behind', 'a '],
    ['with a tab', 'a\tb'],
    ['with a line break', 'a\nb'],
    ['with a line break behind', 'a\n'],
    ['with a zero', 'a\0'],
    ['with a no-break space', 'a\u00a0b'],
    ['with an em space', 'a\u2003b'],
    ['with a line separator', 'a\u2028b'],
    ['with a zero-width space', 'a\u200bb'],
    ['with a right-to-left override', 'a\u202eb'],
    ['with a lone surrogate', 'a\ud800b'],
    ['a number', 1042],
  ])('is not %s', (_, value) => {
    expect(ClientId.safeParse(value).success).toBe(false);
  });

  // A pattern that backtracks would not come back from this one.
  test('given 256 KiB of nearly good text, is refused', () => {
    expect(ClientId.safeParse('a '.repeat(128 * 1024)).success).toBe(false);
  });
});

describe('a message key', () => {
  const id = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 140 })
    .filter((text) => FirmId.safeParse(text).success);

  test('is read back as the client it was made of', () => {
    fc.assert(
      fc.property(id, id, (firm, client) => {
        const key = { firmId: FirmId.parse(firm), clientId: ClientId.parse(client) };
        expect(parseMessageKey(messageKey(key))).toEqual(key);
      }),
    );
  });

  test.each(['', '/', 'firm-a', 'firm-a/', '/client-1042', 'firm-a/client-1042/', 'firm-a/client/1042', 'firm-a/ '])(
    'is not %j',
    (text) => {
      expect(parseMessageKey(text)).toBeNull();
    },
  );
});
