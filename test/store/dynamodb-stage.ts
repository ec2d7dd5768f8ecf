// A DynamoDB store behind a proxy that injects faults, for the tests that need both; each test gets a client of its own.
import { type AttributeValue, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { dynamoForTests, type TestDynamoDb } from '../../infra/local/dynamodb.ts';
import { ClientId, FirmId } from '../../services/core/ids.ts';
import { openDynamoStore } from '../../services/store/dynamodb.ts';
import type { DynamoOptions } from '../../services/store/dynamodb-connection.ts';
import { keyOf } from '../../services/store/dynamodb-item.ts';
import { createTable } from '../../services/store/dynamodb-table.ts';
import type { ViewKey, ViewStore, ViewWrite } from '../../services/store/port.ts';
import { dynamoOptions } from '../contract/store-target.ts';
import { type FaultProxy, startFaultProxy } from '../faults/proxy.ts';

export const firmId = FirmId.parse('harbour');
/** Long enough for a busy machine, so that no attempt is lost but by the proxy; short where losing one is the point. */
const patientMs = 20_000;
const impatientMs = 1_000;

export type DynamoStage = {
  readonly proxy: FaultProxy;
  readonly store: ViewStore;
  readonly impatient: ViewStore;
  /** Past the proxy. */
  readonly direct: DynamoDBClient;
  /** The same, for what opens a connection of its own. */
  readonly options: DynamoOptions;
};

/** Starts it before the tests of a file, and answers what declares one. Without a DynamoDB nothing is tested. */
export function dynamoStage(table: string) {
  let server: TestDynamoDb | null = null;
  let stage: DynamoStage | null = null;
  let clients = 0;

  beforeAll(async () => {
    server = await dynamoForTests();
    if (server === null) return;
    const options = dynamoOptions(server.endpoint, table);
    await createTable(options);
    const proxy = await startFaultProxy(server.endpoint);
    const openWith = (attemptMsMax: number) => openDynamoStore({ ...options, endpoint: proxy.endpoint, attemptMsMax });
    const [store, impatient] = [openWith(patientMs), openWith(impatientMs)];
    const { endpoint, region, credentials } = options;
    if (endpoint === undefined || region === undefined || credentials === undefined) throw new Error('no endpoint');
    stage = { proxy, store, impatient, options, direct: new DynamoDBClient({ endpoint, region, credentials }) };
  }, 120_000);

  afterAll(async () => {
    await stage?.store.close();
    await stage?.impatient.close();
    stage?.direct.destroy();
    await stage?.proxy.stop();
    await server?.stop();
  });

  return (what: string, check: (on: DynamoStage, key: ViewKey) => Promise<void>) =>
    test(what, async () => {
      if (stage === null) return;
      stage.proxy.reset();
      clients += 1;
      await check(stage, { firmId, clientId: ClientId.parse(`client ${clients}`), view: 'signals' });
    }, 60_000);
}

export function write(key: ViewKey, expected: number, content: string): ViewWrite {
  return { ...key, expected, bytes: Buffer.from(content), readable: {} };
}

export async function stored(
  direct: DynamoDBClient,
  table: string,
  key: ViewKey,
): Promise<Record<string, AttributeValue> | undefined> {
  const command = new GetItemCommand({ TableName: table, Key: keyOf(key), ConsistentRead: true });
  return (await direct.send(command)).Item;
}
