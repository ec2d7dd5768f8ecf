// Masked values: structure and types show, personal values do not.
import fc from 'fast-check';
import { maskedJson, maskedLine, maskText, maskValue } from '../../services/core/mask.ts';

test('ids, instants and kinds are shown; names, addresses, numbers and free text are not', () => {
  const login = {
    ...{ eventId: 'e-1', firmId: 'firm', clientId: 'ann', occurredAt: '2026-03-02T09:30:00Z', sessionId: 's-1' },
    ...{ outcome: 'perhaps', interactive: true, userAgent: 'Mozilla/5.0', ip: '203.0.113.9', age: 42, note: null },
    impersonatedBy: { id: 'c-7', name: 'Ann Smith' },
  };
  expect(maskValue(login)).toEqual({
    ...login,
    ...{ userAgent: '‹text, 11 characters›', ip: '‹text, 11 characters›', age: '‹number›' },
    impersonatedBy: { id: '‹text, 3 characters›', name: '‹text, 9 characters›' },
  });
});

test('an address or a sentence in the place of an id is masked', () => {
  expect(maskValue({ clientId: 'ann@example.org', category: 'a note about Ann' })).toEqual({
    clientId: '‹text, 15 characters›',
    category: '‹text, 16 characters›',
  });
});

test('what stands in the place of a field’s name and is none is masked', () => {
  expect(maskValue({ 'ann@example.org': 1 })).toEqual({ 'xxx@xxxxxxx.xxx': '‹number›' });
});

test('a text that is no JSON keeps its shape', () => {
  expect(maskText('<name>Ännchen, 42</name>')).toBe('<xxxx>xxxxxxx, 00</xxxx>');
  expect(maskedJson('{"name":')).toBeNull();
  expect(maskedLine('{"name":\n "Ann', 240)).toBe('{"xxxx": "xxx');
});

test('what is deep or long is cut, and says so', () => {
  const long = maskValue(Array.from({ length: 60 }, () => true));
  expect(long).toHaveLength(51);
  expect(long).toContain('‹10 more›');
  const deep = JSON.parse(`${'{"a":'.repeat(20)}1${'}'.repeat(20)}`);
  expect(JSON.stringify(maskValue(deep))).toContain('‹more within›');
  expect(maskedLine(JSON.stringify({ type: 'x'.repeat(120), status: 'y'.repeat(120) }), 100)).toHaveLength(100);
});

test('no text outside the shown fields survives, whatever the value', () => {
  const personal = fc.string({ minLength: 1 }).map((text) => `Wolfe${text}`);
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      personal,
      fc.array(tie('node')),
      fc.dictionary(fc.constantFrom('name', 'ip', 'x'), tie('node')),
    ),
  })).node;
  fc.assert(
    fc.property(value, (given) => {
      expect(JSON.stringify(maskValue(given)) ?? '').not.toContain('Wolfe');
    }),
  );
});
