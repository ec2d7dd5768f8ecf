// The DynamoDB store: one table, no index. A save is a conditional write and no read, also when it conflicts and when
// its answer was lost: the refusal carries the item that stands there. Only a new view that is refused costs a read.
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { type DynamoOptions, type Item, openConnection } from './dynamodb-connection.ts';
import { documentsOf } from './dynamodb-documents.ts';
import { firmsOf } from './dynamodb-firms.ts';
import { identityOf, keyOf, parseView, viewProjection } from './dynamodb-item.ts';
import { readItems } from './dynamodb-read.ts';
import { saveViews } from './dynamodb-save.ts';
import { scanFirm } from './dynamodb-scan.ts';
import { clientPrefix, partitionKey } from './keys.ts';
import type { StoredView, ViewStore } from './port.ts';

const scanPageItemsMax = 500;

/** Opens no connection yet; a table that is missing shows at the first request as `table_missing`. */
export function openDynamoStore(options: DynamoOptions): ViewStore {
  const connection = openConnection(options);
  const { table } = connection;

  return {
    async load(keys) {
      const wanted = new Map(keys.map((key) => [identityOf(keyOf(key)), keyOf(key)]));
      const found = new Map<string, StoredView>();
      for (const item of await readItems(connection, [...wanted.values()], viewProjection)) {
        found.set(identityOf(item), parseView(item));
      }
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

    save: (writes) => saveViews(connection, writes),

    readFirm: (firmId, views) =>
      scanFirm(connection, firmId, new Set(views), options.scanPageItemsMax ?? scanPageItemsMax),

    ...firmsOf(connection),
    ...documentsOf(connection),

    async close() {
      connection.close();
    },
  };
}
