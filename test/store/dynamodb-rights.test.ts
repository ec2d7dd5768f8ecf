// What we may do with the table, found out by trying it.
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { checkRights } from '../../services/store/dynamodb-rights.ts';
import { dynamoStage } from './dynamodb-stage.ts';

const table = `rights-${process.pid}`;
const given = dynamoStage(table);

given('given every right, when checked twice, then there is nothing to mend, and nothing stays', async (on) => {
  expect(await checkRights(on.options)).toEqual([]);
  expect(await checkRights(on.options)).toEqual([]);
  const { Items: left } = await on.direct.send(new ScanCommand({ TableName: table, ConsistentRead: true }));
  expect(left).toEqual([]);
});

given(
  'given rights for items but not for statements, when checked, then those are named',
  async ({ proxy, options }) => {
    const denied = { kind: 'statements', code: 'AccessDenied', numbers: [0], forwarded: false } as const;
    proxy.inject('BatchExecuteStatement', [denied, denied]);
    expect(await checkRights({ ...options, endpoint: proxy.endpoint })).toEqual([
      expect.stringContaining('dynamodb:PartiQLInsert, dynamodb:PartiQLUpdate on the table'),
    ]);
  },
);

given('given no right at all, when checked, then each is named', async ({ proxy, options }) => {
  proxy.always({ kind: 'denied' });
  const [mend] = await checkRights({ ...options, endpoint: proxy.endpoint });
  for (const right of [
    'PutItem',
    'PartiQLInsert',
    'PartiQLUpdate',
    'GetItem',
    'BatchGetItem',
    'Query',
    'UpdateItem',
    'DeleteItem',
  ]) {
    expect(mend).toContain(`dynamodb:${right}`);
  }
});
