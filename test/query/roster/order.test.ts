// The order of members: ranks say what a plain sort says, and stay as they are while others come and go.
import fc from 'fast-check';
import { createOrder } from '../../../services/query/roster/rows/order.ts';

function openOrder() {
  const texts = new Map<number, string>();
  const textOf = (member: number) => texts.get(member) ?? '';
  const order = createOrder({
    compare: (one, other) => (textOf(one) < textOf(other) ? -1 : textOf(one) > textOf(other) ? 1 : 0),
    has: (member) => textOf(member) !== '',
  });
  order.resize(100);
  const put = (member: number, text: string) => {
    texts.set(member, text);
    order.change(member);
  };
  const rankOf = (member: number) => order.ranks()[member] ?? Number.NaN;
  return { order, texts, put, rankOf };
}

/** Members by rank, those of equal ranks together; without those that have none. */
function groups(members: Iterable<number>, rankOf: (member: number) => number): readonly (readonly number[])[] {
  const ranked = [...members].filter((member) => rankOf(member) >= 0).sort((one, other) => one - other);
  const ranks = [...new Set(ranked.map(rankOf))].sort((one, other) => one - other);
  return ranks.map((rank) => ranked.filter((member) => rankOf(member) === rank));
}

function expectedGroups(texts: ReadonlyMap<number, string>): readonly (readonly number[])[] {
  const distinct = [...new Set(texts.values())].filter((text) => text !== '').sort();
  return distinct.map((text) =>
    [...texts.keys()].filter((member) => texts.get(member) === text).sort((one, other) => one - other),
  );
}

const change = fc.record({
  member: fc.nat({ max: 40 }),
  text: fc.constantFrom('', 'a', 'ab', 'b', 'ba', 'c', 'ca', 'cb', 'z'),
  settles: fc.boolean(),
});

test('given members take, change and lose texts, when they are settled now and then, then ranks are a plain sort', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 120 }), async (changes) => {
      const { order, texts, put, rankOf } = openOrder();
      for (const { member, text, settles } of changes) {
        put(member, text);
        if (settles) await order.settle();
      }
      await order.settle();
      expect(groups(texts.keys(), rankOf)).toEqual(expectedGroups(texts));
    }),
  );
});

test('given members are ranked, when others come, change and go, then ranks stay as they are', async () => {
  const { order, put, rankOf } = openOrder();
  for (const [member, text] of ['b', 'd', 'd', 'f'].entries()) put(member, text);
  await order.settle();
  const before = [0, 1, 2, 3].map(rankOf);
  const stamp = order.stamp();
  for (const [index, text] of ['a', 'c', 'd', 'e', 'g'].entries()) put(10 + index, text);
  await order.settle();
  put(11, '');
  put(12, 'z');
  await order.settle();
  expect([0, 1, 2, 3].map(rankOf)).toEqual(before);
  expect(order.stamp()).toBe(stamp);
});

test('given one comes before the last each time, when there is no room left, then all are ranked anew and it is told', async () => {
  const { order, texts, put, rankOf } = openOrder();
  put(0, 'a');
  put(1, 'b');
  await order.settle();
  const stamp = order.stamp();
  for (let member = 2; member < 90; member += 1) {
    put(member, `a${'0'.repeat(member)}1`);
    await order.settle();
  }
  expect(groups(texts.keys(), rankOf)).toEqual(expectedGroups(texts));
  expect(order.stamp()).toBeGreaterThan(stamp);
});

test('given ids that come at the end, as new ones do, when a firm has doubled, then nobody was ranked anew', async () => {
  const { order, put } = openOrder();
  const idOf = (member: number) => `client-${String(member).padStart(3, '0')}`;
  for (let member = 0; member < 50; member += 1) put(member, idOf(member));
  await order.settle();
  const stamp = order.stamp();
  for (let member = 50; member < 100; member += 1) {
    put(member, idOf(member));
    await order.settle();
  }
  expect(order.stamp()).toBe(stamp);
});

test('given a text that no member has, when its rank is asked for, then it lies half a rank from its neighbour', async () => {
  const { order, texts, put, rankOf } = openOrder();
  put(0, 'b');
  put(1, 'd');
  await order.settle();
  const ask = (text: string) =>
    order.rankOf((member) => {
      const own = texts.get(member) ?? '';
      return own < text ? -1 : own > text ? 1 : 0;
    });
  expect([ask('a'), ask('b'), ask('c'), ask('e')]).toEqual([
    rankOf(0) - 0.5,
    rankOf(0),
    rankOf(1) - 0.5,
    rankOf(1) + 0.5,
  ]);
});
