// Whether a letter counts as sent again: once it was, unless its source put it away anew.
import { deadLetterOf, redriveMarkOf } from '../../services/core/dead-letter.ts';
import { LetterShelf } from '../../services/query/dead-letters/shelf.ts';

const at = Date.UTC(2026, 2, 1, 12);
const place = { topic: 'sources/portal', incarnation: 'i', partition: 0, offset: 0, appendedAt: at, key: null };
const refusal = { reason: 'client_ambiguous', detail: 'client: two', client: null } as const;

function shelfAfter(source: string | null, again: boolean): boolean {
  const shelf = new LetterShelf(10);
  const put = deadLetterOf({ ...place, value: Buffer.from('{}') }, 'identity', refusal);
  const letter = { ...put, headers: { ...put.headers, ...(source === null ? {} : { source }) } };
  const mark = redriveMarkOf(letter.key, { at: at + 1_000, by: 'key:ops' });
  const messages = [letter, mark, ...(again ? [letter] : [])];
  for (const [offset, message] of messages.entries()) {
    const stands = { topic: 'dead-letter', incarnation: 'd', partition: 0, offset, appendedAt: at + offset * 1_500 };
    shelf.take({ ...stands, key: Buffer.from(message.key), value: message.value, headers: message.headers });
  }
  const found = shelf.find(letter.key);
  if (found === null) throw new Error('the letter is gone');
  return shelf.markOf(found) !== null;
}

test.each([
  ['of a source, sent again', 'portal', false, true],
  ['of a source, sent again in vain', 'portal', true, false],
  ['of a topic, sent again and put away anew by a replay', null, true, true],
] as const)(
  'given a letter %s, by %s (put away again: %s), then it is redriven: %s',
  (_what, source, again, redriven) => {
    expect(shelfAfter(source, again)).toBe(redriven);
  },
);
