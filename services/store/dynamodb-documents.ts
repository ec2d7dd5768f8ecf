// Small JSON documents as items of the one table: pk `doc#collection`, sk firm id and document id.
import { randomBytes } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { FirmId } from '../core/ids.ts';
import { type Connection, type Item, numberOf, textOf } from './dynamodb-connection.ts';
import { hasToken, tokenBytes } from './dynamodb-item.ts';
import type { Document, ViewStore } from './port.ts';

type Documents = Pick<ViewStore, 'loadDocument' | 'saveDocument' | 'deleteDocument' | 'listDocuments'>;

export function documentsOf(connection: Connection): Documents {
  const TableName = connection.table;
  return {
    async loadDocument(collection, firmId, id) {
      const Key = keyOf(collection, firmId, id);
      const { Item: item } = await connection.run('GetItem', (client) =>
        client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true })),
      );
      return item === undefined ? null : parseDocument(collection, item);
    },

    async saveDocument({ collection, firmId, id, body }, expected, first = 1) {
      const version = expected === 0 ? first : expected + 1;
      const token = randomBytes(tokenBytes);
      const command = new PutItemCommand({
        TableName,
        Item: { ...keyOf(collection, firmId, id), v: { N: String(version) }, body: { S: body }, t: { B: token } },
        ...conditionOn(expected),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      return connection.run('PutItem', async (client) => {
        try {
          await client.send(command);
          return true;
        } catch (error) {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
          return error.Item !== undefined && hasToken(error.Item, token);
        }
      });
    },

    async deleteDocument(collection, firmId, id, expected) {
      const Key = keyOf(collection, firmId, id);
      const command = new DeleteItemCommand({
        TableName,
        Key,
        ...(expected === undefined
          ? {}
          : {
              ConditionExpression: 'attribute_not_exists(v) OR v = :v',
              ExpressionAttributeValues: { ':v': { N: String(expected) } },
            }),
      });
      return connection.run('DeleteItem', async (client) => {
        try {
          await client.send(command);
          return true;
        } catch (error) {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
          return false;
        }
      });
    },

    async listDocuments(collection, firmId) {
      const documents: Document[] = [];
      let after: Item | undefined;
      do {
        const page = await connection.run('Query', (client) =>
          client.send(
            new QueryCommand({
              TableName,
              KeyConditionExpression: firmId === undefined ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :firm)',
              ExpressionAttributeValues: {
                ':pk': { S: partitionOf(collection) },
                ...(firmId === undefined ? {} : { ':firm': { S: `${firmId}\t` } }),
              },
              ConsistentRead: true,
              ExclusiveStartKey: after,
            }),
          ),
        );
        for (const item of page.Items ?? []) documents.push(parseDocument(collection, item));
        after = page.LastEvaluatedKey;
      } while (after !== undefined);
      return documents;
    },
  };
}

/** Succeeds only while `expected` is the stored version; 0: while nothing is stored. */
export function conditionOn(expected: number) {
  if (expected === 0) return { ConditionExpression: 'attribute_not_exists(v)' };
  return { ConditionExpression: 'v = :v', ExpressionAttributeValues: { ':v': { N: String(expected) } } };
}

// A view's partition ends with two digits after the "#", and no collection is named by digits.
function partitionOf(collection: string): string {
  return `doc#${collection}`;
}

function keyOf(collection: string, firmId: FirmId, id: string): Item {
  return { pk: { S: partitionOf(collection) }, sk: { S: `${firmId}\t${id}` } };
}

function parseDocument(collection: string, item: Item): Document {
  const [firmId, id] = textOf(item, 'sk').split('\t');
  if (id === undefined) throw new RangeError(`an item of "${collection}" names no firm and id`);
  return { collection, firmId: FirmId.parse(firmId), id, version: numberOf(item, 'v'), body: textOf(item, 'body') };
}
