// What every view store must do. One suite, run by each adapter's test.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { ClientId, FirmId } from '../../services/core/ids.ts';
import {
  type ClientViews,
  chunkClientsMax,
  type ViewKey,
  type ViewStore,
  type ViewWrite,
} from '../../services/store/port.ts';
import { openTarget, type StoreTarget } from './store-target.ts';

const largeFirmClients = 3_000;
const savesBeforeKill = 5;

/** `start` answers null when there is no such server here, having said so; then nothing is tested. */
export function storeContract(name: string, start: () => Promise<StoreTarget | null>): void {
  describe(`${name} as a view store`, () => {
    let target: StoreTarget | null = null;
    let opened: ViewStore | null = null;
    let firms = 0;

    beforeAll(async () => {
      target = await start();
      if (target !== null) opened = openTarget(target);
    }, 120_000);
    afterAll(async () => opened?.close());

    const given = (what: string, check: (store: ViewStore, firmId: FirmId, target: StoreTarget) => Promise<void>) =>
      test(what, async () => {
        if (opened === null || target === null) return;
        firms += 1;
        await check(opened, firm(`firm ${firms}`), target);
      }, 120_000);

    describe('saving on condition', () => {
      given('given nothing, when saved expecting 0, then version 1 is loaded', async (store, firmId) => {
        const key = keyOf(firmId, 'a');
        expect(await store.save([write(key, 0, 'one')])).toEqual([{ kind: 'saved', version: 1 }]);
        expect(await textsOf(store, [key])).toEqual(['1 one']);
      });

      given('given version 1, when saved expecting 1, then version 2 is loaded', async (store, firmId) => {
        const key = keyOf(firmId, 'a');
        await store.save([write(key, 0, 'one')]);
        expect(await store.save([write(key, 1, 'two')])).toEqual([{ kind: 'saved', version: 2 }]);
        expect(await textsOf(store, [key])).toEqual(['2 two']);
      });

      given('given version 1, when created again, then it conflicts with what stands', async (store, firmId) => {
        const key = keyOf(firmId, 'a');
        await store.save([write(key, 0, 'one')]);
        const [outcome] = await store.save([write(key, 0, 'other')]);
        expect(outcome).toEqual({
          kind: 'conflict',
          current: { view: 'signals', version: 1, bytes: new Uint8Array(Buffer.from('one')) },
        });
        expect(await textsOf(store, [key])).toEqual(['1 one']);
      });

      given('given nothing, when saved expecting 3, then it conflicts with null', async (store, firmId) => {
        const key = keyOf(firmId, 'a');
        expect(await store.save([write(key, 3, 'four')])).toEqual([{ kind: 'conflict', current: null }]);
        expect(await store.load([key])).toEqual([null]);
      });

      given(
        'given version 2, when saved expecting 1, alone or among others, then it conflicts with what stands',
        async (store, firmId) => {
          const keys = ['a', 'b', 'c'].map((id) => keyOf(firmId, id));
          await store.save(keys.map((key) => write(key, 0, 'one')));
          await store.save(keys.map((key) => write(key, 1, 'two')));
          const current = { view: 'signals', version: 2, bytes: new Uint8Array(Buffer.from('two')) };
          const rivals = keys.map((key) => write(key, 1, 'rival'));
          expect(await store.save(rivals.slice(0, 1))).toEqual([{ kind: 'conflict', current }]);
          expect(await store.save(rivals)).toEqual(rivals.map(() => ({ kind: 'conflict', current })));
          expect(await textsOf(store, keys)).toEqual(['2 two', '2 two', '2 two']);
        },
      );

      given(
        'given 250 views, when every fifth save is stale, then each has its own outcome in order',
        async (store, firmId) => {
          const keys = Array.from({ length: 250 }, (_, index) => keyOf(firmId, `c${index}`));
          await store.save(keys.map((key) => write(key, 0, 'one')));
          const outcomes = await store.save(
            keys.map((key, index) => write(key, index % 5 === 0 ? 0 : 1, `two ${index}`)),
          );
          expect(outcomes.map((outcome) => outcome.kind)).toEqual(
            keys.map((_, index) => (index % 5 === 0 ? 'conflict' : 'saved')),
          );
          expect(await textsOf(store, keys)).toEqual(
            keys.map((_, index) => (index % 5 === 0 ? '1 one' : `2 two ${index}`)),
          );
        },
      );

      given('given ten savers of one version, when they race, then exactly one wins', async (store, firmId) => {
        const key = keyOf(firmId, 'a');
        const outcomes = await Promise.all(
          Array.from({ length: 10 }, (_, index) => store.save([write(key, 0, `saver ${index}`)])),
        );
        expect(outcomes.flat().filter((outcome) => outcome.kind === 'saved')).toHaveLength(1);
        expect((await store.load([key]))[0]?.version).toBe(1);
      });

      given('given no writes, when saved, then nothing is answered', async (store) => {
        expect(await store.save([])).toEqual([]);
      });

      given('given every byte, and none, when saved, then the same bytes are loaded', async (store, firmId) => {
        const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
        const [full, empty] = [keyOf(firmId, 'full'), keyOf(firmId, 'empty')];
        await store.save([
          { ...full, expected: 0, bytes: all, readable: { lastLogin: '2026-03-01T09:30:00.000Z', logins30: 3 } },
          { ...empty, expected: 0, bytes: new Uint8Array(0), readable: {} },
        ]);
        const loaded = await store.load([full, empty]);
        expect(loaded.map((view) => [...(view?.bytes ?? [])])).toEqual([[...all], []]);
      });
    });

    describe('loading', () => {
      given(
        'given some of the keys, when loaded, then the answers are in order and the others null',
        async (store, firmId) => {
          const keys = ['b', 'a', 'missing', 'c'].map((id) => keyOf(firmId, id));
          await store.save(['a', 'b', 'c'].map((id) => write(keyOf(firmId, id), 0, id)));
          expect(await textsOf(store, keys)).toEqual(['1 b', '1 a', null, '1 c']);
          expect(await store.load([])).toEqual([]);
        },
      );

      given('given a key twice, when loaded, then it is answered twice', async (store, firmId) => {
        const key = keyOf(firmId, 'a');
        await store.save([write(key, 0, 'one')]);
        expect(await textsOf(store, [key, key])).toEqual(['1 one', '1 one']);
      });

      given(
        'given ids that begin with each other, when one client is loaded, then only its views come',
        async (store, firmId) => {
          const ids = ['a', 'a ', 'a b', 'ab', 'a!'].filter((id) => ClientId.safeParse(id).success);
          for (const id of ids) {
            await store.save(['access', 'signals'].map((view) => write(keyOf(firmId, id, view), 0, `${id} ${view}`)));
          }
          for (const id of ids) {
            const views = await store.loadClient({ firmId, clientId: client(id) });
            expect(views.map((view) => text(view.bytes))).toEqual([`${id} access`, `${id} signals`]);
          }
          expect(await store.loadClient({ firmId, clientId: client('nobody') })).toEqual([]);
        },
      );
    });

    describe('reading a firm', () => {
      given(
        'given 3,000 clients with ids of every kind, when read, then all come in the order of their bytes',
        async (store, firmId) => {
          const ids = manyIds();
          for (let at = 0; at < ids.length; at += 500) {
            await store.save(ids.slice(at, at + 500).map((id) => write(keyOf(firmId, id), 0, id)));
          }
          const read = await readAll(store, firmId, ['signals']);
          const inOrder = [...ids].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
          expect(read.map((found) => found.clientId)).toEqual(inOrder);
          expect(read.map((found) => found.views.map((view) => text(view.bytes)))).toEqual(inOrder.map((id) => [id]));
        },
      );

      given(
        'given several views a client, when two are asked for, then each client has those that it has',
        async (store, firmId) => {
          await store.save([
            write(keyOf(firmId, 'a', 'access'), 0, 'a'),
            write(keyOf(firmId, 'a', 'profile'), 0, 'a'),
            write(keyOf(firmId, 'a', 'signals'), 0, 'a'),
            write(keyOf(firmId, 'b', 'access'), 0, 'b'),
            write(keyOf(firmId, 'c', 'signals'), 0, 'c'),
          ]);
          const read = await readAll(store, firmId, ['profile', 'signals']);
          expect(read.map((found) => [found.clientId, ...found.views.map((view) => view.view)])).toEqual([
            ['a', 'profile', 'signals'],
            ['c', 'signals'],
          ]);
        },
      );

      given(
        'given firms whose ids begin with each other, when one is read, then only its clients come',
        async (store, firmId) => {
          const near = ['', '!', ' x', '0', 'a'].map((tail) => firm(firmId + tail));
          await store.save(near.map((id) => write(keyOf(id, 'a'), 0, id)));
          for (const id of near) {
            const read = await readAll(store, id, ['signals']);
            expect(read.flatMap((found) => found.views.map((view) => text(view.bytes)))).toEqual([id]);
          }
        },
      );

      given(
        'given a reader that stops early, when the store is used again, then nothing is in its way',
        async (store, firmId) => {
          const keys = Array.from({ length: 300 }, (_, index) => keyOf(firmId, `c${index}`));
          await store.save(keys.map((key) => write(key, 0, 'one')));
          for await (const [first] of store.readFirm(firmId, ['signals'])) {
            expect(first?.clientId).toBe('c0');
            break;
          }
          expect(await readAll(store, firmId, ['signals'])).toHaveLength(keys.length);
        },
      );

      given('given views large and small, when read, then every byte comes', async (store, firmId) => {
        const sizes = [10, 40_000, 1, 150_000, 0, 70_000];
        const writes = sizes.map((size, index): ViewWrite => {
          const bytes = Uint8Array.from({ length: size }, (_, at) => (at * 31 + index) % 256);
          return { ...keyOf(firmId, `c${index}`), expected: 0, bytes, readable: {} };
        });
        await store.save(writes);
        const read = await readAll(store, firmId, ['signals']);
        const wanted = writes.map(({ bytes }) => Buffer.from(bytes).toString('base64'));
        expect(read.flatMap(({ views }) => views.map(({ bytes }) => Buffer.from(bytes).toString('base64')))).toEqual(
          wanted,
        );
      });

      given(
        'given clients for several chunks, when read, then others get their turn between them',
        async (store, firmId) => {
          const ids = Array.from({ length: 3 * chunkClientsMax + 1 }, (_, index) => `c${10_000 + index}`);
          await store.save(ids.map((id) => write(keyOf(firmId, id), 0, id)));
          let turns = 0;
          const takeTurn = () => {
            turns += 1;
            turn = setImmediate(takeTurn);
          };
          let turn = setImmediate(takeTurn);
          const sizes: number[] = [];
          let turnsBefore = -1;
          for await (const clients of store.readFirm(firmId, ['signals'])) {
            expect(turns).toBeGreaterThan(turnsBefore);
            turnsBefore = turns;
            sizes.push(clients.length);
          }
          clearImmediate(turn);
          expect(Math.min(...sizes)).toBeGreaterThan(0);
          expect(Math.max(...sizes)).toBeLessThanOrEqual(chunkClientsMax);
          expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(ids.length);
        },
      );

      given('given a firm without clients, when read, then nothing comes', async (store, firmId) => {
        expect(await readAll(store, firmId, ['signals'])).toEqual([]);
      });
    });

    describe('durability', () => {
      given(
        'given a process that saves, when it is killed with -9, then every acknowledged save stands',
        async (store, firmId, on) => {
          const acknowledged = await saveUntilKilled(on, firmId);
          const keys = Array.from({ length: 20 }, (_, index) => keyOf(firmId, `c${index}`));
          const versions = (await store.load(keys)).map((view) => view?.version ?? 0);
          expect(acknowledged).toBeGreaterThanOrEqual(savesBeforeKill);
          expect(Math.min(...versions)).toBeGreaterThanOrEqual(acknowledged);
          expect(await textsOf(store, keys)).toEqual(versions.map((version) => `${version} v${version}`));
        },
      );
    });

    describe('firms', () => {
      given('given instants in any order, when noted, then the earliest stays', async (store, firmId) => {
        expect(await store.loadFirm(firmId)).toBeNull();
        await store.noteFirms([{ firmId, dataSince: null }]);
        expect(await store.loadFirm(firmId)).toEqual({ firmId, dataSince: null, settings: null, settingsVersion: 0 });
        for (const dataSince of [5_000, 9_000, null, 3_000, 4_000]) await store.noteFirms([{ firmId, dataSince }]);
        expect((await store.loadFirm(firmId))?.dataSince).toBe(3_000);
        await store.noteFirms([
          { firmId, dataSince: 2_500 },
          { firmId, dataSince: 1_000 },
          { firmId, dataSince: 2_000 },
        ]);
        expect((await store.loadFirm(firmId))?.dataSince).toBe(1_000);
      });

      given('given two processes, when both note a firm, then the earlier instant stays', async (store, firmId, on) => {
        const other = openTarget(on);
        try {
          await store.noteFirms([{ firmId, dataSince: 2_000 }]);
          await other.noteFirms([{ firmId, dataSince: 3_000 }]);
          expect((await store.loadFirm(firmId))?.dataSince).toBe(2_000);
        } finally {
          await other.close();
        }
      });

      given('given firms, when listed, then they ascend by the bytes of their ids', async (store, firmId) => {
        const ids = ['\u{1f600}', '\uff5e', 'a', 'A', '!'].map((tail) => firm(`${firmId}${tail}`));
        await store.noteFirms(ids.map((id) => ({ firmId: id, dataSince: 7 })));
        const listed = (await store.listFirms()).map((found) => found.firmId).filter((id) => ids.includes(id));
        expect(listed).toEqual([...ids].reverse());
      });

      given(
        'given no firm, when settings are saved on their version, then each stale save is refused',
        async (store, firmId) => {
          expect(await store.saveSettings(firmId, 0, '{"greenDays":7}')).toBe(true);
          expect(await store.saveSettings(firmId, 0, '{"greenDays":8}')).toBe(false);
          expect(await store.saveSettings(firmId, 1, '{"greenDays":9}')).toBe(true);
          expect(await store.saveSettings(firmId, 3, '{"greenDays":10}')).toBe(false);
          const expected = { firmId, dataSince: null, settings: '{"greenDays":9}', settingsVersion: 2 };
          expect(await store.loadFirm(firmId)).toEqual(expected);
        },
      );

      given('given settings, when the firm is noted, then they stay', async (store, firmId) => {
        await store.saveSettings(firmId, 0, '{}');
        await store.noteFirms([{ firmId, dataSince: 5 }]);
        expect(await store.loadFirm(firmId)).toEqual({ firmId, dataSince: 5, settings: '{}', settingsVersion: 1 });
      });
    });

    describe('documents', () => {
      given('given no document, when saved on its version, then each stale save is refused', async (store, firmId) => {
        const job = { collection: 'exports', firmId, id: 'job 1', body: '{"rows":1}' };
        expect(await store.loadDocument('exports', firmId, 'job 1')).toBeNull();
        expect(await store.saveDocument(job, 0)).toBe(true);
        expect(await store.saveDocument(job, 0)).toBe(false);
        expect(await store.saveDocument({ ...job, body: '{"rows":2}' }, 1)).toBe(true);
        expect(await store.saveDocument(job, 1)).toBe(false);
        const expected = { ...job, version: 2, body: '{"rows":2}' };
        expect(await store.loadDocument('exports', firmId, 'job 1')).toEqual(expected);
      });

      given('given a document, when deleted, then it is gone and may be created again', async (store, firmId) => {
        const job = { collection: 'exports', firmId, id: 'job', body: '{}' };
        await store.saveDocument(job, 0);
        await store.deleteDocument('exports', firmId, 'job');
        await store.deleteDocument('exports', firmId, 'job');
        expect(await store.loadDocument('exports', firmId, 'job')).toBeNull();
        expect(await store.saveDocument(job, 0)).toBe(true);
      });

      given(
        'given a document, when deleted on its version, then a stale deletion is refused',
        async (store, firmId) => {
          const job = { collection: 'exports', firmId, id: 'job', body: '{}' };
          expect(await store.deleteDocument('exports', firmId, 'job', 7)).toBe(true);
          await store.saveDocument(job, 0);
          await store.saveDocument({ ...job, body: '{"rows":2}' }, 1);
          expect(await store.deleteDocument('exports', firmId, 'job', 1)).toBe(false);
          expect(await store.loadDocument('exports', firmId, 'job')).toMatchObject({ body: '{"rows":2}' });
          expect(await store.deleteDocument('exports', firmId, 'job', 2)).toBe(true);
          expect(await store.loadDocument('exports', firmId, 'job')).toBeNull();
        },
      );

      given(
        'given a document made again at another version, when saved on its old one, then refused',
        async (store, firmId) => {
          const job = { collection: 'exports', firmId, id: 'job', body: '{}' };
          await store.saveDocument(job, 0, 1_000_000_007);
          await store.deleteDocument('exports', firmId, 'job');
          await store.saveDocument(job, 0, 999);
          expect(await store.saveDocument(job, 1_000_000_007)).toBe(false);
          expect(await store.saveDocument(job, 999)).toBe(true);
          expect(await store.loadDocument('exports', firmId, 'job')).toMatchObject({ version: 1000 });
        },
      );

      given(
        'given documents of near firms and collections, when listed, then only those asked for come in order',
        async (store, firmId) => {
          const near = firm(`${firmId}x`);
          const collection = `jobs of ${firmId}`;
          const body = '{}';
          for (const id of ['b', 'a', 'a b']) {
            await store.saveDocument({ collection, firmId: near, id, body }, 0);
            await store.saveDocument({ collection, firmId, id, body }, 0);
            await store.saveDocument({ collection: `${collection}x`, firmId, id, body }, 0);
          }
          const own = ['a', 'a b', 'b'].map((id) => ({ collection, firmId, id, version: 1, body }));
          const others = own.map((document) => ({ ...document, firmId: near }));
          expect(await store.listDocuments(collection, firmId)).toEqual(own);
          expect(await store.listDocuments(collection)).toEqual([...own, ...others]);
        },
      );
    });
  });
}

async function saveUntilKilled(target: StoreTarget, firmId: FirmId): Promise<number> {
  const program = path.resolve('test', 'contract', 'store-writer.ts');
  const child = spawn(process.execPath, [program, JSON.stringify(target), firmId], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let acknowledged = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line);
    if (acknowledged >= savesBeforeKill) child.kill('SIGKILL');
  }
  await ended;
  return acknowledged;
}

function manyIds(): readonly string[] {
  const kinds = ['client ', '!', 'é', '中', '\uff5e', '\u{1f600}', '\u{10348}', 'Z', 'z', '"', '~'];
  const ids = new Set<string>();
  for (let index = 0; ids.size < largeFirmClients; index += 1) {
    const kind = kinds[index % kinds.length];
    ids.add(`${kind}${(index * 7919) % 10_007}${index % 3 === 0 ? `${kind}x` : ''}`);
  }
  return [...ids];
}

function firm(id: string): FirmId {
  return FirmId.parse(id);
}

function client(id: string): ClientId {
  return ClientId.parse(id);
}

function keyOf(firmId: FirmId, id: string, view = 'signals'): ViewKey {
  return { firmId, clientId: client(id), view };
}

function write(key: ViewKey, expected: number, content: string): ViewWrite {
  return { ...key, expected, bytes: Buffer.from(content), readable: {} };
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

async function textsOf(store: ViewStore, keys: readonly ViewKey[]): Promise<readonly (string | null)[]> {
  return (await store.load(keys)).map((view) => (view === null ? null : `${view.version} ${text(view.bytes)}`));
}

async function readAll(store: ViewStore, firmId: FirmId, views: readonly string[]): Promise<readonly ClientViews[]> {
  const found: ClientViews[] = [];
  for await (const clients of store.readFirm(firmId, views)) found.push(...clients);
  return found;
}
