// Pages sorted by texts, in a firm large enough to walk the texts in their order: each is what the naive way gives, from
// the first page to the last, while names and addresses change.
import { ClientId } from '../../../services/core/ids.ts';
import { defaultSettings } from '../../../services/core/settings.ts';
import { seededRandom } from '../../../services/demo/random.ts';
import { openRoster, type PageEnd, type Roster } from '../../../services/query/roster/roster.ts';
import { firmA, now, openStage, type Stage, saveClients, writesOf } from '../../export/stage.ts';
import { openHandClock } from '../../projector/hand-clock.ts';
import { answerFrom, type OracleAsk, readStates, rowsAt } from '../list-oracle.ts';

const clients = 3_000;
/** A name stands for some clients, so that pages end between those who share one. */
const names = 700;
const pageRows = 9;
const changesBetween = 60;

const clock = openHandClock(now);
const random = seededRandom(11);
let stage: Stage;
let roster: Roster;

const idOf = (row: number) => `c-${String(row).padStart(5, '0')}`;
const text = (kind: string) => `${kind}${random.whole(0, names - 1)}`;
/** Some address is that of very many, as an office's may be. */
const address = () => (random.chance(0.04) ? 'office@example.com' : `${text('o')}@example.com`);
const profile = (version = 1) => ({
  firstName: random.chance(0.02) ? null : text('first'),
  lastName: text('last'),
  emails: random.chance(0.02) ? [] : [address()],
  status: random.chance(0.8) ? ('active' as const) : ('inactive' as const),
  version,
});

beforeAll(async () => {
  stage = await openStage(clock);
  await saveClients(
    stage.store,
    firmA,
    Array.from({ length: clients }, (_, row) => ({ clientId: idOf(row), profile: profile() })),
  );
  roster = openRoster({ firmId: firmA, store: stage.store, clock });
  await roster.ready;
});
afterAll(async () => {
  roster.drop();
  await stage.close();
});

async function rename(version: number): Promise<void> {
  for (let count = 0; count < changesBetween; count += 1) {
    const clientId = ClientId.parse(idOf(random.whole(0, clients - 1)));
    const writes = writesOf(firmA, { clientId, profile: profile(version) }).filter(({ view }) => view === 'profile');
    const [standing] = await stage.store.load(writes);
    const expected = standing?.version ?? 0;
    await stage.store.save(writes.map((write) => ({ ...write, expected })));
    await roster.take([{ firmId: firmA, clientId, view: 'profile', version: expected + 1 }]);
  }
}

async function whole({ status, rating, sort, order }: OracleAsk): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let after: PageEnd | null = null; ; ) {
    const filter = { book: null, status: status ?? null, rating };
    const answer = await roster.query({
      filter,
      sort,
      order,
      limit: pageRows,
      settings: defaultSettings,
      at: null,
      after,
    });
    ids.push(...(answer?.clientIds ?? []));
    after = answer?.end ?? null;
    if (after === null) return ids;
  }
}

const filters: readonly Pick<OracleAsk, 'status' | 'rating'>[] = [
  {},
  { status: 'active' },
  // Nobody, so there is nothing to walk for.
  { rating: ['green'] },
  { status: 'active' },
];

describe.each(['first_name', 'last_name', 'email'] as const)('sorted by %s', (sort) => {
  test.each(['asc', 'desc'] as const)('%s, each page goes on where the one before ended', async (order) => {
    for (const [turn, filter] of filters.entries()) {
      const ask = { ...filter, sort, order };
      const { ids } = answerFrom(rowsAt(await readStates(stage.store, firmA), defaultSettings, clock.now()), ask);
      expect({ ask, ids: await whole(ask) }).toEqual({ ask, ids });
      await rename(turn + 2);
    }
  });
});
