// Reads items by their keys, many at a time, strongly consistent.
import { BatchGetItemCommand } from '@aws-sdk/client-dynamodb';
import { type Connection, forEachOf, type Item } from './dynamodb-connection.ts';
import { PartialAnswer } from './dynamodb-retry.ts';

/** The most keys DynamoDB takes in one batch. */
const batchKeysMax = 100;

/** Those that there are, in no order, with the attributes of the projection. Keys must be distinct. */
export async function readItems(
  connection: Connection,
  keys: readonly Item[],
  projection: string,
): Promise<readonly Item[]> {
  const found: Item[] = [];
  const batches = Array.from({ length: Math.ceil(keys.length / batchKeysMax) }, (_, index) =>
    keys.slice(index * batchKeysMax, (index + 1) * batchKeysMax),
  );
  await forEachOf(batches, connection.requestConcurrencyMax, async (batch) => {
    for (const item of await readBatch(connection, batch, projection)) found.push(item);
  });
  return found;
}

/** What DynamoDB leaves undone of a batch (it is throttled, or 16 MB are full) is asked for again, backing off. */
async function readBatch(connection: Connection, keys: readonly Item[], projection: string): Promise<readonly Item[]> {
  const found: Item[] = [];
  let open: Item[] = [...keys];
  await connection.run('BatchGetItem', async (client) => {
    const answer = await client.send(
      new BatchGetItemCommand({
        RequestItems: { [connection.table]: { Keys: open, ConsistentRead: true, ProjectionExpression: projection } },
      }),
    );
    found.push(...(answer.Responses?.[connection.table] ?? []));
    open = answer.UnprocessedKeys?.[connection.table]?.Keys ?? [];
    if (open.length > 0) throw new PartialAnswer(`${open.length} of ${keys.length} keys were left undone`);
  });
  return found;
}
