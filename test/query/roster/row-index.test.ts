// Rows by their clients' ids: each is found, none is taken for another.
import fc from 'fast-check';
import { createRowIndex } from '../../../services/query/roster/rows/row-index.ts';
import { createRowTexts } from '../../../services/query/roster/rows/row-texts.ts';

const longest = '王'.repeat(128);

function indexOf(ids: readonly string[]) {
  const texts = createRowTexts();
  const index = createRowIndex(texts);
  for (const [row, id] of ids.entries()) {
    const bytes = Buffer.from(id);
    texts.set(row, bytes, 0, bytes.length);
    index.add(row);
  }
  return index;
}

test('given rows with ids of any kind, when ids are looked up, then each has its row, and others have none', () => {
  const anyId = fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }), fc.constant(longest));
  const lists = fc.uniqueArray(anyId, { maxLength: 300 });
  fc.assert(
    fc.property(lists, lists, (ids, others) => {
      const index = indexOf(ids);
      for (const [row, id] of ids.entries()) expect(index.find(id)).toBe(row);
      for (const other of others) if (!ids.includes(other)) expect(index.find(other)).toBeNull();
    }),
  );
});

test('given many clients whose ids count up, then each is found, in a few bytes', () => {
  const ids = Array.from({ length: 50_000 }, (_, number) => `client-${number}`);
  const index = indexOf(ids);
  expect(ids.every((id, row) => index.find(id) === row)).toBe(true);
  expect([index.find('client-50000'), index.find('')]).toEqual([null, null]);
  expect(index.bytes() / ids.length).toBeLessThanOrEqual(11);
});
