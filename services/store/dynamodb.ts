// The DynamoDB store: one table, no index. A save is one conditional write and no read, also when it conflicts and when
// its answer was lost: the refusal carries the item that stands there.
import { randomBytes } from 'node:crypto';
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { type Connection, type DynamoOptions, forEachOf, type Item, openConnection } from './dynamodb-connection.ts';
import { conditionOn, documentsOf } from './dynamodb-documents.ts';
import { firmsOf } from './dynamodb-firms.ts';
import { hasToken, identityOf, keyOf, parseView, tokenBytes, viewItem, viewProjection } from './dynamodb-item.ts';
import { PartialAnswer } from './dynamodb-retry.ts';
import { scanFirm } from './dynamodb-scan.ts';
import { clientPrefix, partitionKey } from './keys.ts';
import type { SaveOutcome, StoredView, ViewStore, ViewWrite } from './port.ts';

/** The most keys DynamoDB takes in one batch. */
const batchKeysMax = 100;
const scanPageItemsMax = 500;

/** Opens no connection yet; a table that is missing shows at the first request as `table_missing`. */
export function openDynamoStore(options: DynamoOptions): ViewStore {
  const connection = openConnection(options);
  const { table, requestConcurrencyMax } = connection;

  return {
    async load(keys) {
      const wanted = new Map(keys.map((key) => [identityOf(keyOf(key)), keyOf(key)]));
      const found = new Map<string, StoredView>();
      const batches = chunksOf([...wanted.values()], batchKeysMax);
      await forEachOf(batches, requestConcurrencyMax, async (batch) => {
        for (const item of await readBatch(connection, batch)) found.set(identityOf(item), parseView(item));
      });
      return keys.map((key) => found.get(identityOf(keyOf(key))) ?? null);
    },

    async loadClient({ firmId, clientId }) {
      const views: StoredView[] = [];
      let after: Item | undefined;
      do {
        const page = await connection.run('Query', (client) =>
          client.send(
            new QueryCommand({
              TableName: table,
              KeyConditionExpression: 'pk = :pk AND begins_with(sk, :client)',
              ExpressionAttributeValues: {
                ':pk': { S: partitionKey(firmId, clientId) },
                ':client': { S: clientPrefix(clientId) },
              },
              ProjectionExpression: viewProjection,
              ConsistentRead: true,
              ExclusiveStartKey: after,
            }),
          ),
        );
        for (const item of page.Items ?? []) views.push(parseView(item));
        after = page.LastEvaluatedKey;
      } while (after !== undefined);
      return views;
    },

    async save(writes) {
      const tokens = randomBytes(writes.length * tokenBytes);
      const outcomes = new Map<number, SaveOutcome>();
      await forEachOf(writes, requestConcurrencyMax, async (write, index) => {
        const token = tokens.subarray(index * tokenBytes, (index + 1) * tokenBytes);
        const outcome = await connection.run('PutItem', (client) => putView(client, table, write, token));
        outcomes.set(index, outcome);
      });
      return writes.map((write, index) => {
        const outcome = outcomes.get(index);
        if (outcome === undefined) throw new RangeError(`the save of ${write.clientId} has no outcome`);
        return outcome;
      });
    },

    readFirm: (firmId, views) =>
      scanFirm(connection, firmId, new Set(views), options.scanPageItemsMax ?? scanPageItemsMax),

    ...firmsOf(connection),
    ...documentsOf(connection),

    async close() {
      connection.close();
    },
  };
}

/**
 * One attempt. A retry after a lost answer finds its own first attempt in the way, and knows it by the token. A late
 * first attempt cannot overtake its retry either: the version it expects is gone by then.
 */
async function putView(
  client: DynamoDBClient,
  table: string,
  write: ViewWrite,
  token: Uint8Array,
): Promise<SaveOutcome> {
  try {
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: viewItem(write, token),
        ...conditionOn(write.expected),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    if (error.Item === undefined) return { kind: 'conflict', current: null };
    if (!hasToken(error.Item, token)) return { kind: 'conflict', current: parseView(error.Item) };
  }
  return { kind: 'saved', version: write.expected + 1 };
}

/** What DynamoDB leaves undone of a batch (it is throttled, or 16 MB are full) is asked for again, backing off. */
async function readBatch(connection: Connection, keys: readonly Item[]): Promise<readonly Item[]> {
  const found: Item[] = [];
  let open: Item[] = [...keys];
  await connection.run('BatchGetItem', async (client) => {
    const answer = await client.send(
      new BatchGetItemCommand({
        RequestItems: {
          [connection.table]: { Keys: open, ConsistentRead: true, ProjectionExpression: viewProjection },
        },
      }),
    );
    found.push(...(answer.Responses?.[connection.table] ?? []));
    open = answer.UnprocessedKeys?.[connection.table]?.Keys ?? [];
    if (open.length > 0) throw new PartialAnswer(`${open.length} of ${keys.length} keys were left undone`);
  });
  return found;
}

function chunksOf<T>(entries: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(entries.length / size) }, (_, index) =>
    entries.slice(index * size, (index + 1) * size),
  );
}
