// The one table: creating it (development and tests; production has infra/), and checking that it is as we need it.
import {
  CreateTableCommand,
  DescribeTableCommand,
  ResourceInUseException,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import type { Clock } from '../runtime/clock.ts';
import { OperatingError } from '../runtime/errors.ts';
import { type Connection, type DynamoOptions, openConnection } from './dynamodb-connection.ts';

const activePollMs = 250;
const activeMsMax = 60_000;

/** Creates the table unless it is there, and waits until it can be used. Answers whether it was created. */
export async function createTable(options: DynamoOptions): Promise<boolean> {
  const connection = openConnection(options);
  try {
    const created = (await describe(connection)) === null && (await create(connection));
    await waitUntilActive(connection, options.clock);
    return created;
  } finally {
    connection.close();
  }
}

/** What is wrong with the table and how to mend it, a sentence each; empty when it is as it should be. */
export async function checkTable(options: DynamoOptions): Promise<readonly string[]> {
  const connection = openConnection(options);
  try {
    const table = await describe(connection);
    if (table === null) {
      return [`There is no table "${options.table}". Deploy infra/, or run \`signalfold dev\`, which creates it.`];
    }
    return faultsOf(options.table, table);
  } finally {
    connection.close();
  }
}

function faultsOf(name: string, table: TableDescription): readonly string[] {
  const faults: string[] = [];
  const status = table.TableStatus;
  if (status !== 'ACTIVE' && status !== 'UPDATING') {
    faults.push(`The table "${name}" is ${status ?? 'in an unknown state'}. Wait until it is ACTIVE.`);
  }
  const key = (table.KeySchema ?? []).map(({ AttributeName: attribute, KeyType: type }) => {
    const kind = table.AttributeDefinitions?.find(
      (definition) => definition.AttributeName === attribute,
    )?.AttributeType;
    return `${type} ${attribute} (${kind})`;
  });
  if (key.join(', ') !== 'HASH pk (S), RANGE sk (S)') {
    faults.push(
      `The table "${name}" has the key ${key.join(', ')}, not HASH pk (S), RANGE sk (S). A key cannot be changed: name another table in DYNAMODB_TABLE.`,
    );
  }
  if (table.BillingModeSummary?.BillingMode !== 'PAY_PER_REQUEST') {
    faults.push(
      `The table "${name}" has provisioned capacity, which throttles a backlog. Switch its billing mode to PAY_PER_REQUEST (on demand).`,
    );
  }
  const indexes = (table.GlobalSecondaryIndexes?.length ?? 0) + (table.LocalSecondaryIndexes?.length ?? 0);
  if (indexes > 0) {
    faults.push(
      `The table "${name}" has ${indexes} secondary indexes, which signalfold never reads. Delete them: each is paid with every write.`,
    );
  }
  return faults;
}

async function describe(connection: Connection): Promise<TableDescription | null> {
  try {
    const answer = await connection.run('DescribeTable', (client) =>
      client.send(new DescribeTableCommand({ TableName: connection.table })),
    );
    return answer.Table ?? null;
  } catch (error) {
    if (error instanceof OperatingError && error.code === 'table_missing') return null;
    throw error;
  }
}

async function create(connection: Connection): Promise<boolean> {
  const command = new CreateTableCommand({
    TableName: connection.table,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  });
  return connection.run('CreateTable', async (client) => {
    try {
      await client.send(command);
      return true;
    } catch (error) {
      // Somebody else was faster, or our first attempt's answer was lost.
      if (error instanceof ResourceInUseException) return false;
      throw error;
    }
  });
}

async function waitUntilActive(connection: Connection, clock: Clock): Promise<void> {
  for (let waitedMs = 0; waitedMs < activeMsMax; waitedMs += activePollMs) {
    const status = (await describe(connection))?.TableStatus;
    if (status === 'ACTIVE' || status === 'UPDATING') return;
    await clock.sleep(activePollMs);
  }
  const message = `the table "${connection.table}" is still not ACTIVE after ${activeMsMax / 1000} s; look at it in the AWS console`;
  throw new OperatingError('table_missing', message, { retryable: true });
}
