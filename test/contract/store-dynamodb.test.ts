// The DynamoDB store keeps the contract, on a real DynamoDB (Local).
import { dynamoForTests, type TestDynamoDb } from '../../infra/local/dynamodb.ts';
import { createTable } from '../../services/store/dynamodb-table.ts';
import { storeContract } from './store.ts';
import { dynamoOptions } from './store-target.ts';

const table = `contract-${process.pid}`;
let server: TestDynamoDb | null = null;
afterAll(async () => server?.stop());

storeContract('DynamoDB', async () => {
  server = await dynamoForTests();
  if (server === null) return null;
  await createTable(dynamoOptions(server.endpoint, table));
  return { kind: 'dynamodb', endpoint: server.endpoint, table };
});
