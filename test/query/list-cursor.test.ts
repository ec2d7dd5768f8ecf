// Walking through pages while the firm changes, and cursors that are not what we gave.
import { ClientId, FirmId } from '../../services/core/ids.ts';
import { listSorts } from '../../services/core/list.ts';
import { defaultSettings, settingsText } from '../../services/core/settings.ts';
import { dayMs, formatInstant } from '../../services/core/time.ts';
import { changesTopic } from '../../services/core/topics.ts';
import { seededRandom } from '../../services/demo/random.ts';
import { encodeJson } from '../../services/log/codec.ts';
import { firmA, now, openStage, type Stage, saveClients, writesOf } from '../export/stage.ts';
import { type HandClock, openHandClock } from '../projector/hand-clock.ts';
import { generateBook } from './book.ts';
import { readRows } from './list-oracle.ts';
import { type ListStage, openListStage } from './list-stage.ts';

let clock: HandClock;
let stage: Stage;
let lists: ListStage;
const firmB = FirmId.parse('firm-b');
beforeEach(async () => {
  clock = openHandClock(now);
  stage = await openStage(clock);
  lists = await openListStage({ ...stage, clock });
});
afterEach(async () => {
  await lists.close();
  await stage.close();
});

/** Puts another client's views in the place of this one's, and tells it as the projector does. */
async function overwrite(clientId: string, seed: number): Promise<void> {
  const [other] = generateBook(1, seed);
  const writes = writesOf(firmA, { profile: {}, ...other, clientId });
  const current = await stage.store.loadClient({ firmId: firmA, clientId: ClientId.parse(clientId) });
  const versioned = writes.map((write) => ({
    ...write,
    expected: current.find(({ view }) => view === write.view)?.version ?? 0,
  }));
  await stage.store.save(versioned);
  const notices = versioned.map(({ view, expected }) => ({
    key: `${firmA}/${clientId}`,
    value: encodeJson({ firmId: firmA, clientId, view, version: expected + 1 }),
  }));
  await stage.log.append(changesTopic, notices);
}

describe('a walk through pages', () => {
  test.each(listSorts.flatMap((sort) => [`sort=${sort}`, `sort=${sort}&order=desc&rating=green,amber,none`]))(
    'by %s shows whoever does not change exactly once, while others change, come and time goes by',
    async (query) => {
      await saveClients(stage.store, firmA, generateBook(150, 7));
      const before = await readRows(stage.store, firmA, now);
      const random = seededRandom(3);
      const changed = new Set<string>();
      const whole = await lists.walk(firmA, `${query}&limit=200`);
      const expected = whole.flatMap(({ items }) => items.map(({ clientId }) => clientId));

      const pages = await lists.walk(firmA, `${query}&limit=15`, async () => {
        clock.move(random.whole(0, dayMs / 20));
        for (let count = 0; count < 5; count += 1) {
          const clientId = random.chance(0.2) ? `new-${random.whole(0, 1e6)}` : pick(before, random.whole(0, 1e6));
          changed.add(clientId);
          await overwrite(clientId, random.whole(0, 1e6));
        }
        await stage.store.saveSettings(
          firmA,
          await settingsVersion(),
          settingsText(randomSettings(random.whole(1, 60))),
        );
      });
      const seen = pages.flatMap(({ items }) => items.map(({ clientId }) => clientId));
      const unchanged = (ids: readonly string[]) => ids.filter((clientId) => !changed.has(clientId));
      expect(unchanged(seen)).toEqual(unchanged(expected));
      expect(new Set(pages.map(({ evaluatedAt }) => evaluatedAt))).toEqual(new Set([formatInstant(now)]));
    },
  );

  test('given a client is erased, when the next page is read, then it is not on it', async () => {
    await saveClients(
      stage.store,
      firmA,
      ['a', 'b', 'c'].map((clientId) => ({ clientId, profile: { lastName: clientId } })),
    );
    const first = await lists.page(firmA, 'limit=1');
    const erased = { topic: 'client', version: 5, erased: true, at: formatInstant(now) } as const;
    const writes = writesOf(firmA, { clientId: 'b', profile: null, events: [erased] });
    await stage.store.save(writes.map((write) => ({ ...write, expected: write.view === 'profile' ? 1 : 0 })));
    const value = encodeJson({ firmId: firmA, clientId: 'b', view: 'profile', version: 2 });
    await stage.log.append(changesTopic, [{ key: `${firmA}/b`, value }]);
    const next = await lists.page(firmA, `limit=5&cursor=${first.nextCursor}`);
    expect([next.items.map(({ clientId }) => clientId), next.total]).toEqual([['c'], 2]);
  });
});

function pick(rows: readonly { readonly clientId: string }[], number: number): string {
  return rows[number % rows.length]?.clientId ?? '';
}

async function settingsVersion(): Promise<number> {
  return (await stage.store.loadFirm(firmA))?.settingsVersion ?? 0;
}

function randomSettings(greenDays: number) {
  return { ...defaultSettings, greenDays, amberDays: 2 * greenDays, inviteEmailsCount: greenDays % 2 === 0 };
}

describe('a cursor', () => {
  const book = ['a', 'b', 'c'].map((clientId) => ({
    clientId,
    profile: { lastName: 'Secret', adviser: { id: 'x', name: 'X' } },
  }));
  let cursor: string;
  beforeEach(async () => {
    await saveClients(stage.store, firmA, book);
    await saveClients(stage.store, firmB, book);
    cursor = (await lists.page(firmA, 'limit=1&adviser=x')).nextCursor ?? '';
  });

  const refused = async (firmId: string, query: string) => {
    const { status, text } = await lists.ask(firmId, query);
    expect([status, JSON.parse(text)]).toEqual([400, expect.objectContaining({ code: 'bad_cursor' })]);
  };

  test('is good for another limit, and for repeated use', async () => {
    for (const limit of [1, 2, 2]) {
      const { items } = await lists.page(firmA, `adviser=x&limit=${limit}&cursor=${cursor}`);
      expect(items.map(({ clientId }) => clientId)).toEqual(['b', 'c'].slice(0, limit));
    }
  });

  test('tells nothing of the client it names', () => {
    expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toMatch(/secret/i);
  });

  test('is refused when any of its characters is another', async () => {
    for (let at = 0; at < cursor.length; at += 7) {
      const other = cursor[at] === 'A' ? 'B' : 'A';
      await refused(firmA, `adviser=x&cursor=${cursor.slice(0, at)}${other}${cursor.slice(at + 1)}`);
    }
  });

  test.each([
    ['of another firm', 'firm-b', 'adviser=x'],
    ['of a firm that is not there', 'nobody', 'adviser=x'],
    ['with another filter', 'firm-a', 'adviser=y'],
    ['with a filter more', 'firm-a', 'adviser=x&rating=green'],
    ['with a filter less', 'firm-a', ''],
    ['with another sort', 'firm-a', 'adviser=x&sort=email'],
    ['with another order', 'firm-a', 'adviser=x&order=desc'],
  ])('%s is refused', async (_what, firmId, query) => {
    await lists.page('firm-b', 'limit=1&adviser=x');
    await refused(firmId, `${query}&cursor=${cursor}`);
  });

  test.each(['x', '%00', 'null', 'A'.repeat(200)])('%s is refused', async (text) => {
    await refused(firmA, `adviser=x&cursor=${text}`);
  });

  test('is refused after a day', async () => {
    clock.move(dayMs);
    await lists.page(firmA, `adviser=x&cursor=${cursor}`);
    clock.move(1);
    await refused(firmA, `adviser=x&cursor=${cursor}`);
  });

  test('is good for another process on the same store', async () => {
    const other = await openListStage({ ...stage, clock });
    const { items } = await other.page(firmA, `adviser=x&limit=1&cursor=${cursor}`);
    await other.close();
    expect(items.map(({ clientId }) => clientId)).toEqual(['b']);
  });
});
