// Whether we may do with the table what we have to. Each right is tried on an item of its own, which is then deleted:
// a policy says what it allows only to those who may read policies.
import { types } from 'node:util';
import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { OperatingError } from '../runtime/errors.ts';
import { type DynamoOptions, openConnection } from './dynamodb-connection.ts';

// No view's partition has this name, because those hold a "#".
const key = { pk: { S: 'doctor' }, sk: { S: 'doctor' } };

type Probe = { readonly right: string; ask(client: DynamoDBClient, table: string): Promise<unknown> };

/** In this order: the item is put, found in the way of its insertion, read, changed and deleted. */
const probes: readonly Probe[] = [
  { right: 'PutItem', ask: (client, TableName) => client.send(new PutItemCommand({ TableName, Item: key })) },
  {
    right: 'PartiQLInsert',
    ask: (client, table) => execute(client, `INSERT INTO "${table}" VALUE {'pk':'doctor','sk':'doctor'}`),
  },
  {
    right: 'PartiQLUpdate',
    ask: (client, table) =>
      execute(client, `UPDATE "${table}" SET "v"=0 REMOVE "b" WHERE "pk"='doctor' AND "sk"='doctor' AND "v"=0`),
  },
  { right: 'GetItem', ask: (client, TableName) => client.send(new GetItemCommand({ TableName, Key: key })) },
  {
    right: 'BatchGetItem',
    ask: (client, table) => client.send(new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [key] } } })),
  },
  {
    right: 'Query',
    ask: (client, TableName) =>
      client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': key.pk },
        }),
      ),
  },
  { right: 'UpdateItem', ask: (client, TableName) => client.send(new UpdateItemCommand({ TableName, Key: key })) },
  { right: 'DeleteItem', ask: (client, TableName) => client.send(new DeleteItemCommand({ TableName, Key: key })) },
];

/** What to mend, in sentences; empty when every right is there. Needs the table. */
export async function checkRights(options: DynamoOptions): Promise<readonly string[]> {
  const connection = openConnection(options);
  const missing: string[] = [];
  try {
    for (const { right, ask } of probes) {
      try {
        await connection.run(right, (client) => ask(client, connection.table));
      } catch (error) {
        if (!isDenied(error)) throw error;
        missing.push(`dynamodb:${right}`);
      }
    }
  } finally {
    connection.close();
  }
  if (missing.length === 0) return [];
  return [`Allow whoever runs the projector ${missing.join(', ')} on the table "${options.table}".`];
}

function isDenied(error: unknown): boolean {
  return error instanceof OperatingError && types.isNativeError(error.cause) && /^AccessDenied/.test(error.cause.name);
}

/** A batch tells within its answer that it may not be done. That the statement's condition fails shows that it may. */
async function execute(client: DynamoDBClient, statement: string): Promise<void> {
  const { Responses: answers = [] } = await client.send(
    new BatchExecuteStatementCommand({ Statements: [{ Statement: statement }] }),
  );
  const { Code: code, Message: message } = answers[0]?.Error ?? {};
  if (code === undefined || code === 'DuplicateItem' || code === 'ConditionalCheckFailed') return;
  throw Object.assign(new Error(message), { name: code, $metadata: { httpStatusCode: 400 } });
}
