import fc from 'fast-check';
import { itemsOfJson, itemsOfLines } from '../../services/ingest/items.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(value);
const texts = (items: readonly { readonly bytes: Uint8Array }[]) => items.map((item) => text(item.bytes));

describe('a JSON body', () => {
  test('one object is one item, byte by byte as sent', () => {
    expect(texts(itemsOfJson(bytes(' {"a": 1.50, "a":2 }\n')))).toEqual(['{"a": 1.50, "a":2 }']);
  });

  test('an array is cut at its own commas only', () => {
    const pieces = ['{"a":[1,2],"b":"x,y]"}', '[ {} , [] ]', '"\\"],["', '-1.0e5', 'null', '"ü,客"'];
    expect(texts(itemsOfJson(bytes(`[ ${pieces.join(' ,\n')} ]`)))).toEqual(pieces);
  });

  test('numbers beyond double precision stay as written', () => {
    expect(texts(itemsOfJson(bytes('[{"n":12345678901234567890}]')))).toEqual(['{"n":12345678901234567890}']);
  });

  test.each(['', '  \n', '[]', ' [ ] '])('%j holds no item', (body) => {
    expect(itemsOfJson(bytes(body))).toEqual([]);
  });

  test.each(['{', '[{}', '[{},]', '{} {}', '[1 2]', '{"a":"\u0001"}'])('%j is one item that is not JSON', (body) => {
    expect(itemsOfJson(bytes(body)).map((item) => item.parsed)).toEqual([null]);
  });

  test('bytes that are not UTF-8 are not JSON', () => {
    expect(itemsOfJson(Uint8Array.of(0x22, 0xff, 0x22))[0]?.parsed).toBeNull();
  });

  test('a byte-order mark is left off', () => {
    expect(texts(itemsOfJson(bytes('\ufeff{"a":1}')))).toEqual(['{"a":1}']);
  });

  test('nesting as deep as the limit allows is no danger', () => {
    expect(itemsOfJson(bytes('['.repeat(1_000_000)))).toHaveLength(1);
  });

  test('given any array, its pieces are its elements in order', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 1, '\t'), (values, indent) => {
        const items = itemsOfJson(bytes(JSON.stringify(values, null, indent)));
        expect(texts(items).map((piece) => JSON.stringify(JSON.parse(piece)))).toEqual(
          values.map((value) => JSON.stringify(value)),
        );
      }),
    );
  });
});

describe('a body of lines', () => {
  test('each line is an item, whichever line end, blank lines are none', () => {
    expect(texts(itemsOfLines(bytes('{"a":1}\r\n\n  \t\r\n{"b": 2}\n{"c":3}')))).toEqual([
      '{"a":1}',
      '{"b": 2}',
      '{"c":3}',
    ]);
  });

  test('a bad line is told apart from the good ones', () => {
    const items = itemsOfLines(bytes('{"a":1}\n{"a":\n{"b":2}\n'));
    expect(items.map((item) => item.parsed?.value ?? null)).toEqual([{ a: 1 }, null, { b: 2 }]);
  });
});
