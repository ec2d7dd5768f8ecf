// Texts of a roster: numbers that nobody holds any longer are given anew, however many there are.
import { compareTexts, createTexts } from '../../../services/query/roster/rows/texts.ts';

/** More than a function takes as arguments. */
const many = 150_000;

test('given a firm renames everybody between two questions, when texts are settled, then their numbers are given anew', async () => {
  const texts = createTexts(compareTexts);
  const numbers = Array.from({ length: many }, (_, index) => texts.take(`name ${index}`));
  await texts.settle();
  for (const number of numbers) texts.give(number);
  await texts.settle();
  const number = texts.take('another');
  await texts.settle();
  expect([number < many, texts.end, texts.find('name 1'), texts.rankOf('another')]).toEqual([
    true,
    many,
    null,
    texts.ranks()[number],
  ]);
});
