// Saves of many views in one request: which requests they become, and what becomes of each view when a part goes wrong.
import { ClientId } from '../../services/core/ids.ts';
import type { ViewKey, ViewWrite } from '../../services/store/port.ts';
import { dynamoStage, stored, write } from './dynamodb-stage.ts';

const table = `batches-${process.pid}`;
const given = dynamoStage(table);

const batch = 'BatchExecuteStatement';
const savedAs = (version: number) => ({ kind: 'saved', version });

/** Keys of so many clients, of this test alone. */
function keysLike(key: ViewKey, count: number): ViewKey[] {
  return Array.from({ length: count }, (_, index) => ({
    ...key,
    clientId: ClientId.parse(`${key.clientId}-${index}`),
  }));
}

function writes(keys: readonly ViewKey[], expected: number, content: string): ViewWrite[] {
  return keys.map((key) => write(key, expected, content));
}

describe('the ordinary path', () => {
  given('given 50 clients, when saved twice, then that is four requests and no read', async ({ proxy, store }, key) => {
    const keys = keysLike(key, 50);
    expect(await store.save(writes(keys, 0, 'one'))).toEqual(Array(50).fill(savedAs(1)));
    expect(await store.save(writes(keys, 1, 'two'))).toEqual(Array(50).fill(savedAs(2)));
    expect(proxy.operations).toEqual(Array(4).fill(batch));
  });

  given('given one view, when saved, then it goes alone', async ({ proxy, store }, key) => {
    await store.save([write(key, 0, 'one')]);
    expect(proxy.operations).toEqual(['PutItem']);
  });

  given('given four large views, when saved, then no request carries them all', async ({ proxy, store }, key) => {
    const keys = keysLike(key, 4);
    expect(await store.save(writes(keys, 0, 'x'.repeat(250_000)))).toEqual(Array(4).fill(savedAs(1)));
    expect(proxy.operations).toEqual([batch, batch]);
  });

  given(
    'given readable attributes, when saved again without some, then those are gone from the console',
    async ({ store, direct }, key) => {
      const [one, other] = [key, { ...key, view: 'access' }];
      const shown = { lastLogin: '2026-03-01T09:30:00.000Z', logins30: 12, lastEmail: null };
      const emptied = { lastLogin: null, logins30: 0, lastEmail: null };
      await store.save([one, other].map((each) => ({ ...write(each, 0, 'one'), readable: shown })));
      const item = await stored(direct, table, one);
      expect(item).toMatchObject({ lastLogin: { S: shown.lastLogin }, logins30: { N: '12' } });
      await store.save([one, other].map((each) => ({ ...write(each, 1, 'two'), readable: emptied })));
      await store.save([{ ...write(one, 2, 'three'), readable: emptied }]);
      for (const each of [one, other]) {
        const names = Object.keys((await stored(direct, table, each)) ?? {});
        expect(names.sort()).toEqual(['b', 'logins30', 'pk', 'sk', 't', 'v']);
      }
    },
  );
});

describe('conflicts within a batch', () => {
  given(
    'given stale and fresh saves in one, when saved, then each has its outcome, and only taken places are read',
    async ({ proxy, store }, key) => {
      const [fresh, stale, taken, absent] = keysLike(key, 4);
      if (fresh === undefined || stale === undefined || taken === undefined || absent === undefined) throw new Error();
      await store.save(writes([fresh, stale, taken], 0, 'one'));
      proxy.reset();
      const saves = [write(fresh, 1, 'two'), write(stale, 7, 'two'), write(taken, 0, 'two'), write(absent, 3, 'two')];
      const current = { view: 'signals', version: 1, bytes: new Uint8Array(Buffer.from('one')) };
      expect(await store.save(saves)).toEqual([
        savedAs(2),
        { kind: 'conflict', current },
        { kind: 'conflict', current },
        { kind: 'conflict', current: null },
      ]);
      expect(proxy.operations).toEqual([batch, 'BatchGetItem']);
    },
  );

  given('given only replacements, when refused, then what stands there came without a read', async (on, key) => {
    const keys = keysLike(key, 2);
    await on.store.save(writes(keys, 0, 'one'));
    on.proxy.reset();
    const outcomes = await on.store.save(writes(keys, 4, 'other'));
    expect(outcomes).toMatchObject(Array(2).fill({ kind: 'conflict', current: { version: 1 } }));
    expect(on.proxy.operations).toEqual([batch]);
  });
});

describe('a batch whose answer is lost', () => {
  given(
    'given new views, when the batch was done, then they are saved, once',
    async ({ proxy, store, direct }, key) => {
      const keys = keysLike(key, 3);
      proxy.inject(batch, [{ kind: 'cut', forwarded: true }]);
      expect(await store.save(writes(keys, 0, 'one'))).toEqual(Array(3).fill(savedAs(1)));
      for (const each of keys) expect((await stored(direct, table, each))?.['v']).toEqual({ N: '1' });
      expect(proxy.operations).toEqual([batch, batch, 'BatchGetItem']);
    },
  );

  given('given known views, when the batch was done, then they are saved, once', async (on, key) => {
    const keys = keysLike(key, 3);
    await on.store.save(writes(keys, 0, 'one'));
    on.proxy.inject(batch, [{ kind: 'silence', forwarded: true }]);
    expect(await on.impatient.save(writes(keys, 1, 'two'))).toEqual(Array(3).fill(savedAs(2)));
    for (const each of keys) expect((await stored(on.direct, table, each))?.['v']).toEqual({ N: '2' });
  });

  given('given a batch that never arrived, when tried again, then it is saved, once', async (on, key) => {
    const keys = keysLike(key, 3);
    on.proxy.inject(batch, [
      { kind: 'cut', forwarded: false },
      { kind: 'silence', forwarded: false },
    ]);
    expect(await on.impatient.save(writes(keys, 0, 'one'))).toEqual(Array(3).fill(savedAs(1)));
    for (const each of keys) expect((await stored(on.direct, table, each))?.['v']).toEqual({ N: '1' });
  });

  given('given the same bytes saved by somebody else, when ours was lost, then it is a conflict', async (on, key) => {
    const keys = keysLike(key, 2);
    on.proxy.inject(batch, [{ kind: 'cut', forwarded: false }, null]);
    const ours = on.store.save(writes(keys, 0, 'same'));
    const theirs = on.store.save(writes(keys, 0, 'same'));
    const kinds = (await Promise.all([ours, theirs])).map((outcomes) => outcomes.map(({ kind }) => kind));
    expect(kinds.map((each) => each.join()).sort()).toEqual(['conflict,conflict', 'saved,saved']);
  });
});

describe('a batch done in part', () => {
  given(
    'given throttled statements, when tried again, then only they are, and all are saved once',
    async ({ proxy, store }, key) => {
      const keys = keysLike(key, 10);
      await store.save(writes(keys, 0, 'one'));
      proxy.reset();
      proxy.inject(batch, [
        { kind: 'statements', code: 'ThrottlingError', numbers: [1, 4, 9], forwarded: false },
        { kind: 'statements', code: 'ProvisionedThroughputExceeded', numbers: [2], forwarded: false },
        { kind: 'throttle' },
      ]);
      const contents = keys.map((each, index) => write(each, 1, `two ${index}`));
      expect(await store.save(contents)).toEqual(Array(10).fill(savedAs(2)));
      const views = await store.load(keys);
      expect(views.map((view) => Buffer.from(view?.bytes ?? []).toString())).toEqual(
        keys.map((_, index) => `two ${index}`),
      );
      expect(proxy.operations).toEqual([batch, batch, batch, batch, 'BatchGetItem']);
    },
  );

  given('given statements that failed but were done, when tried again, then they are saved, once', async (on, key) => {
    const keys = keysLike(key, 4);
    const failed = { kind: 'statements', code: 'InternalServerError', numbers: [0, 3], forwarded: true } as const;
    on.proxy.inject(batch, [failed, null, failed]);
    expect(await on.store.save(writes(keys, 0, 'one'))).toEqual(Array(4).fill(savedAs(1)));
    expect(await on.store.save(writes(keys, 1, 'two'))).toEqual(Array(4).fill(savedAs(2)));
    for (const each of keys) expect((await stored(on.direct, table, each))?.['v']).toEqual({ N: '2' });
  });

  given(
    'given one statement throttled without end, when saved, then it gives up, and the rest stands',
    async (on, key) => {
      const keys = keysLike(key, 3);
      const throttled = { kind: 'statements', code: 'ThrottlingError', numbers: [0], forwarded: false } as const;
      on.proxy.always(throttled);
      await expect(on.store.save(writes(keys, 0, 'one'))).rejects.toMatchObject({
        code: 'store_throttled',
        retryable: true,
      });
      expect(on.proxy.operations).toEqual(Array(10).fill(batch));
      const versions = await Promise.all(keys.map(async (each) => (await stored(on.direct, table, each))?.['v']));
      expect(versions).toEqual([undefined, { N: '1' }, { N: '1' }]);
    },
  );

  given('given no leave for statements, when saved, then it is refused at once, and says so', async (on, key) => {
    on.proxy.always({ kind: 'statements', code: 'AccessDenied', numbers: [0, 1], forwarded: false });
    const refused = await on.store.save(writes(keysLike(key, 2), 0, 'one')).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'store_refused', retryable: false });
    expect(String(refused)).toContain('AccessDenied: injected');
    expect(on.proxy.operations).toEqual([batch]);
  });

  given('given a statement that is not understood, when saved, then it is saved alone', async (on, key) => {
    const keys = keysLike(key, 3);
    on.proxy.inject(batch, [{ kind: 'statements', code: 'ValidationError', numbers: [1], forwarded: false }]);
    expect(await on.store.save(writes(keys, 0, 'one'))).toEqual(Array(3).fill(savedAs(1)));
    expect(on.proxy.operations).toEqual([batch, 'PutItem']);
  });

  given('given a view too large for an item, when saved with others, then it is refused alone', async (on, key) => {
    const [small, large] = keysLike(key, 2);
    if (small === undefined || large === undefined) throw new Error();
    const saves = [write(small, 0, 'one'), write(large, 0, 'x'.repeat(410_000))];
    await expect(on.store.save(saves)).rejects.toMatchObject({ code: 'store_refused', retryable: false });
    expect((await stored(on.direct, table, small))?.['v']).toEqual({ N: '1' });
  });
});
