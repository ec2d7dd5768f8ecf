// The bench's bill: it must be DynamoDB's, though the emulator leaves statements and refusals out.
import { openMeter } from '../bench/bill.ts';

const kb = (kilobytes: number) => ({ B: Buffer.alloc(kilobytes * 1000).toString('base64') });
const key = { pk: { S: 'firm' }, sk: { S: 'client' } };
const insert = (bytes: number) => ({
  Statement: `INSERT INTO "views" VALUE {'pk':?,'sk':?,'v':?,'b':?}`,
  Parameters: [key.pk, key.sk, { N: '1' }, kb(bytes)],
});
const update = (bytes: number) => ({
  Statement: `UPDATE "views" SET "v"=? SET "b"=? WHERE "pk"=? AND "sk"=? AND "v"=?`,
  Parameters: [{ N: '2' }, kb(bytes), key.pk, key.sk, { N: '1' }],
});

type Answer = { readonly Error?: { readonly Code: string; readonly Item?: object } };

function openBilled() {
  const meter = openMeter();
  const ask = (operation: string, asked: object, answered: object, status = 200) =>
    meter.take({ operation, asked: JSON.stringify(asked), status, answered: JSON.stringify(answered) });
  return {
    ask,
    batch: (statements: readonly object[], answers: readonly Answer[] = statements.map(() => ({}))) =>
      ask('BatchExecuteStatement', { Statements: statements }, { Responses: answers }),
    written: () => meter.bill().writeUnits,
    read: () => meter.bill().readUnits,
    requests: () => meter.bill().requests,
  };
}

describe('the bill', () => {
  test('given an insertion of 2.0 KB by statement, then it is 2 units', () => {
    const { batch, written } = openBilled();
    batch([insert(2)]);
    expect(written()).toBe(2);
  });

  test('given an update that shrinks an item, then the item before is billed', () => {
    const { batch, written } = openBilled();
    batch([insert(3)]);
    batch([update(1)]);
    expect(written()).toBe(3 + 3);
  });

  test('given an update that grows an item, then the item after is billed', () => {
    const { batch, written } = openBilled();
    batch([insert(1)]);
    batch([update(4)]);
    expect(written()).toBe(1 + 4);
  });

  test('given a refused update, then it is billed and changes nothing', () => {
    const { batch, written } = openBilled();
    batch([insert(1)]);
    batch([update(5)], [{ Error: { Code: 'ConditionalCheckFailed', Item: { ...key, v: { N: '9' }, b: kb(1) } } }]);
    batch([update(1)]);
    expect(written()).toBe(1 + 5 + 1);
  });

  test('given a refused insertion, then it is billed by the item that stands', () => {
    const { batch, written } = openBilled();
    batch([insert(3)]);
    batch([insert(1)], [{ Error: { Code: 'DuplicateItem' } }]);
    expect(written()).toBe(3 + 3);
  });

  test('given a throttled statement, then it is not billed', () => {
    const { batch, written } = openBilled();
    batch([insert(3)], [{ Error: { Code: 'ThrottlingError' } }]);
    expect(written()).toBe(0);
  });

  test('given a batch of two statements, then it is one request', () => {
    const { batch, requests } = openBilled();
    batch([insert(1), update(1)]);
    expect(requests()).toBe(1);
  });

  test('given a single write, then DynamoDB’s own word is taken', () => {
    const { ask, written } = openBilled();
    ask('PutItem', { TableName: 'views', Item: { ...key, b: kb(3) } }, { ConsumedCapacity: { CapacityUnits: 3 } });
    expect(written()).toBe(3);
  });

  test('given a transaction, then DynamoDB’s own word, which is double, is taken', () => {
    const { ask, written } = openBilled();
    ask('TransactWriteItems', {}, { ConsumedCapacity: [{ CapacityUnits: 6 }] });
    expect(written()).toBe(6);
  });

  test('given a put that is refused, then the larger of both items is billed', () => {
    const { ask, written } = openBilled();
    const error = { __type: 'x#ConditionalCheckFailedException', Item: { ...key, b: kb(2) } };
    ask('PutItem', { TableName: 'views', Item: { ...key, b: kb(4) } }, error, 400);
    expect(written()).toBe(4);
  });

  test('given a batch of reads of which one finds nothing, then that one is billed too', () => {
    const { ask, read } = openBilled();
    const asked = { RequestItems: { views: { Keys: [key, key] } } };
    ask('BatchGetItem', asked, { ConsumedCapacity: [{ CapacityUnits: 1 }], Responses: { views: [key] } });
    expect(read()).toBe(2);
  });

  test('given a statement that it cannot read, then it says so rather than bill nothing', () => {
    const { batch } = openBilled();
    expect(() => batch([{ Statement: `UPDATE "views" SET b=5 WHERE pk=?`, Parameters: [] }])).toThrow('parameters');
  });
});
