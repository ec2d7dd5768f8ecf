import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutations, simulations } from './mutation-list.ts';

const root = join(__dirname, '..', '..');
const edits = mutations.flatMap(({ name, edits }) => edits.map((edit) => ({ name, ...edit })));

// The trial itself takes minutes; that it still tries what it says is seen at once.
test.each(edits)('what is to be taken away stands once where it is looked for: $name', ({ file, find, replace }) => {
  expect(readFileSync(join(root, file), 'utf8').split(find)).toHaveLength(2);
  expect(replace).not.toBe(find);
});

test('each has a name of its own, and a proof that is there', () => {
  expect(new Set(mutations.map(({ name }) => name)).size).toBe(mutations.length);
  const proofs = mutations.map(({ proof }) => proof).filter((proof) => proof !== simulations);
  expect(proofs.filter((proof) => !existsSync(join(root, proof)))).toEqual([]);
});
