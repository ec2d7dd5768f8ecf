// The DynamoDB store when answers are lost, late, refused or partial: a real DynamoDB behind a proxy that does that to it.
// What happens to batches of saves is in dynamodb-batches.test.ts.
import { CreateTableCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { ClientId, FirmId } from '../../services/core/ids.ts';
import { openDynamoStore } from '../../services/store/dynamodb.ts';
import { itemBytes, viewItem } from '../../services/store/dynamodb-item.ts';
import { checkTable, createTable } from '../../services/store/dynamodb-table.ts';
import { dynamoStage, firmId, stored, write } from './dynamodb-stage.ts';

const table = `faults-${process.pid}`;
const given = dynamoStage(table);

describe('the ordinary path', () => {
  given(
    'given a stale save, when refused, then what stands there came without a read',
    async ({ proxy, store }, key) => {
      await store.save([write(key, 0, 'one')]);
      const [outcome] = await store.save([write(key, 0, 'other')]);
      expect(outcome).toMatchObject({ kind: 'conflict', current: { version: 1 } });
      expect(proxy.operations).toEqual(['PutItem', 'PutItem']);
    },
  );

  given('given a noted firm, when noted again, then nothing is asked', async ({ proxy, store }) => {
    await store.noteFirms([{ firmId, dataSince: 5_000 }]);
    await store.noteFirms([
      { firmId, dataSince: 5_000 },
      { firmId, dataSince: 6_000 },
      { firmId, dataSince: null },
    ]);
    expect(proxy.operations).toEqual(['UpdateItem']);
  });

  given('given 250 keys, when loaded, then that is three requests', async ({ proxy, store }, key) => {
    await store.load(
      Array.from({ length: 250 }, (_, index) => ({ ...key, clientId: ClientId.parse(`many ${index}`) })),
    );
    expect(proxy.operations).toEqual(['BatchGetItem', 'BatchGetItem', 'BatchGetItem']);
  });
});

describe('an ambiguous write', () => {
  given(
    'given an answer that never comes, when the write was done, then it is saved, once',
    async ({ proxy, impatient: store, direct }, key) => {
      await store.save([write(key, 0, 'one')]);
      proxy.inject('PutItem', [{ kind: 'silence', forwarded: true }]);
      expect(await store.save([write(key, 1, 'two')])).toEqual([{ kind: 'saved', version: 2 }]);
      expect((await stored(direct, table, key))?.['v']).toEqual({ N: '2' });
    },
  );

  given(
    'given an answer cut in the middle, when the view was created, then it is saved, once',
    async ({ proxy, store, direct }, key) => {
      proxy.inject('PutItem', [{ kind: 'cut', forwarded: true }]);
      expect(await store.save([write(key, 0, 'one')])).toEqual([{ kind: 'saved', version: 1 }]);
      expect((await stored(direct, table, key))?.['v']).toEqual({ N: '1' });
      expect(proxy.operations).toEqual(['PutItem', 'PutItem']);
    },
  );

  given(
    'given a request that never arrived, when tried again, then it is saved, once',
    async ({ proxy, impatient: store, direct }, key) => {
      proxy.inject('PutItem', [
        { kind: 'silence', forwarded: false },
        { kind: 'cut', forwarded: false },
      ]);
      expect(await store.save([write(key, 0, 'one')])).toEqual([{ kind: 'saved', version: 1 }]);
      expect((await stored(direct, table, key))?.['v']).toEqual({ N: '1' });
    },
  );

  given(
    'given the same bytes saved by somebody else, when ours was lost, then it is a conflict',
    async ({ proxy, store, direct }, key) => {
      const [firstCut, secondCut] = [
        { kind: 'cut', forwarded: false },
        { kind: 'slow', delayMs: 200 },
      ] as const;
      proxy.inject('PutItem', [firstCut, null, secondCut]);
      const ours = store.save([write(key, 0, 'same')]);
      const theirs = store.save([write(key, 0, 'same')]);
      const kinds = (await Promise.all([ours, theirs])).flat().map((outcome) => outcome.kind);
      expect(kinds.sort()).toEqual(['conflict', 'saved']);
      expect((await stored(direct, table, key))?.['v']).toEqual({ N: '1' });
    },
  );

  given(
    'given settings and a document whose answers are lost, when saved, then both are',
    async ({ proxy, store }, key) => {
      proxy.inject('UpdateItem', [{ kind: 'cut', forwarded: true }]);
      proxy.inject('PutItem', [{ kind: 'cut', forwarded: true }]);
      const other = FirmId.parse(`firm of ${key.clientId}`);
      expect(await store.saveSettings(other, 0, '{"greenDays":7}')).toBe(true);
      expect(await store.saveDocument({ collection: 'jobs', firmId: other, id: 'a', body: '{}' }, 0)).toBe(true);
      expect((await store.loadFirm(other))?.settingsVersion).toBe(1);
      expect((await store.loadDocument('jobs', other, 'a'))?.version).toBe(1);
    },
  );
});

describe('throttling and partial failure', () => {
  given('given two throttled answers, when saved, then the third attempt does it', async ({ proxy, store }, key) => {
    proxy.inject('PutItem', [{ kind: 'throttle' }, { kind: 'throttle' }]);
    expect(await store.save([write(key, 0, 'one')])).toEqual([{ kind: 'saved', version: 1 }]);
    expect(proxy.operations).toEqual(['PutItem', 'PutItem', 'PutItem']);
  });

  given(
    'given server errors and a slow answer, when saved, then it is done all the same',
    async ({ proxy, store }, key) => {
      proxy.inject('PutItem', [{ kind: 'server-error' }, { kind: 'server-error' }, { kind: 'slow', delayMs: 50 }]);
      expect(await store.save([write(key, 0, 'one')])).toEqual([{ kind: 'saved', version: 1 }]);
    },
  );

  given(
    'given throttling without end, when saved, then it gives up within its attempts',
    async ({ proxy, store, direct }, key) => {
      proxy.always({ kind: 'throttle' });
      await expect(store.save([write(key, 0, 'one')])).rejects.toMatchObject({
        code: 'store_throttled',
        retryable: true,
      });
      expect(proxy.operations).toHaveLength(10);
      expect(await stored(direct, table, key)).toBeUndefined();
    },
  );

  given(
    'given cut connections without end, when loaded, then the store is unreachable',
    async ({ proxy, store }, key) => {
      proxy.always({ kind: 'cut', forwarded: false });
      await expect(store.load([key])).rejects.toMatchObject({ code: 'store_unreachable', retryable: true });
      expect(proxy.operations).toHaveLength(10);
    },
  );

  given('given batches done in part, when loaded, then every view comes', async ({ proxy, store }, key) => {
    const keys = Array.from({ length: 80 }, (_, index) => ({ ...key, clientId: ClientId.parse(`part ${index}`) }));
    await store.save(keys.map((each) => write(each, 0, each.clientId)));
    proxy.reset();
    proxy.inject('BatchGetItem', [{ kind: 'partial', keys: 30 }, { kind: 'throttle' }, { kind: 'partial', keys: 30 }]);
    const views = await store.load(keys);
    expect(views.map((view) => Buffer.from(view?.bytes ?? []).toString())).toEqual(keys.map((each) => each.clientId));
    expect(proxy.operations).toEqual(Array(4).fill('BatchGetItem'));
  });

  given(
    'given a firm read while pages fail, when read, then every client comes once',
    async ({ proxy, store }, key) => {
      const other = FirmId.parse(`firm of ${key.clientId}`);
      const ids = Array.from({ length: 100 }, (_, index) => ClientId.parse(`c${100 + index}`));
      await store.save(ids.map((clientId) => write({ ...key, firmId: other, clientId }, 0, 'one')));
      proxy.inject('Query', [{ kind: 'throttle' }, null, { kind: 'cut', forwarded: true }, { kind: 'server-error' }]);
      const read: string[] = [];
      for await (const clients of store.readFirm(other, ['signals']))
        read.push(...clients.map((each) => each.clientId));
      expect(read).toEqual(ids);
    },
  );
});

describe('items', () => {
  given(
    'given readable attributes, when saved, then a console shows them, and the size counts names too',
    async ({ store, direct }, key) => {
      const readable = { lastLogin: '2026-03-01T09:30:00.000Z', logins30: 12, gap: -1.5 };
      const full = { ...write(key, 0, 'x'.repeat(700)), readable };
      await store.save([full]);
      const item = await stored(direct, table, key);
      expect(item).toMatchObject({
        lastLogin: { S: '2026-03-01T09:30:00.000Z' },
        logins30: { N: '12' },
        gap: { N: '-1.5' },
      });
      const keyAndNames = 2 + 10 + 2 + `${key.clientId}\tsignals`.length + (1 + 2) + (1 + 700) + (1 + 8);
      const readableBytes = 9 + 24 + (8 + 2) + (3 + 2);
      expect(itemBytes(viewItem(full, new Uint8Array(8)))).toBe(keyAndNames + readableBytes);
    },
  );

  given('given a readable attribute named like one of ours, when saved, then it is refused', async ({ store }, key) => {
    await expect(store.save([{ ...write(key, 0, 'one'), readable: { sk: 'x' } }])).rejects.toThrow('"sk"');
  });
});

describe('the table', () => {
  given('given a table as it should be, when checked, then there is nothing to mend', async ({ direct, options }) => {
    expect(await checkTable(options)).toEqual([]);
    expect(await createTable(options)).toBe(false);
    const { Table: described } = await direct.send(new DescribeTableCommand({ TableName: table }));
    expect(described?.GlobalSecondaryIndexes).toBeUndefined();
  });

  given(
    'given a table made by hand, when checked, then each fault is told with its mend',
    async ({ direct, options }) => {
      const name = `${table}-by-hand`;
      await direct.send(
        new CreateTableCommand({
          TableName: name,
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
        }),
      );
      expect(await checkTable({ ...options, table: name })).toEqual([
        expect.stringContaining('has the key HASH id (S), not HASH pk (S), RANGE sk (S)'),
        expect.stringContaining('PAY_PER_REQUEST'),
      ]);
    },
  );

  given('given no table, when checked and used, then both say so', async ({ options }, key) => {
    const absent = { ...options, table: `${table}-absent` };
    expect(await checkTable(absent)).toEqual([expect.stringContaining('There is no table')]);
    const store = openDynamoStore(absent);
    await expect(store.listFirms()).rejects.toMatchObject({ code: 'table_missing', retryable: false });
    const two = [write(key, 0, 'one'), write({ ...key, view: 'access' }, 0, 'one')];
    await expect(store.save(two)).rejects.toMatchObject({ code: 'table_missing', retryable: false });
    await store.close();
  });
});
