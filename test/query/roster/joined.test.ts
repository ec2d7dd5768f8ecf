// Texts joined by line breaks: a search tells the same numbers as looking at each text.
import fc from 'fast-check';
import { createJoined, type Where } from '../../../services/query/roster/rows/joined.ts';

const looks: Readonly<Record<Where, (text: string, part: string) => boolean>> = {
  anywhere: (text, part) => text.includes(part),
  start: (text, part) => text.startsWith(part),
  end: (text, part) => text.endsWith(part),
};

const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é'), maxLength: 5 });
const part = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é'), minLength: 1, maxLength: 3 });
const change = fc.record({ number: fc.nat({ max: 1_200 }), text });

test('given texts come and change, when a part is sought, then the texts found are those that hold it there', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ changes: fc.array(change, { maxLength: 30 }), part }), { maxLength: 8 }),
      async (rounds) => {
        // More than one chunk of them.
        const texts: string[] = Array.from({ length: 600 }, (_, number) => (number % 97 === 0 ? 'ab' : 'b a'));
        const joined = createJoined(texts);
        for (const round of rounds) {
          for (const { number, text: other } of round.changes) {
            while (texts.length <= number) {
              texts.push('');
              joined.change(texts.length - 1);
            }
            texts[number] = other;
            joined.change(number);
          }
          for (const where of ['anywhere', 'start', 'end'] as const) {
            const found: number[] = [];
            await joined.search(round.part, where, (number) => found.push(number));
            const expected = [...texts.keys()].filter((number) => looks[where](texts[number] ?? '', round.part));
            expect(found).toEqual(expected);
          }
        }
      },
    ),
  );
});
