// The save of a view as a PartiQL statement. Only statements can be sent many in one request, each with a condition of its
// own, at the price of single writes: BatchWriteItem knows no conditions, and a transaction is billed twice.
import type { AttributeValue, BatchStatementRequest } from '@aws-sdk/client-dynamodb';
import { attributesOf, keyOf, viewItem } from './dynamodb-item.ts';
import type { ViewWrite } from './port.ts';

/** Succeeds only while `expected` is the stored version; 0: while nothing is stored. */
export function saveStatement(table: string, write: ViewWrite, token: Uint8Array): BatchStatementRequest {
  return write.expected === 0 ? insertion(table, write, token) : replacement(table, write, token);
}

function insertion(table: string, write: ViewWrite, token: Uint8Array): BatchStatementRequest {
  const item = viewItem(write, token);
  const fields = Object.keys(item).map((name) => `'${name}':?`);
  return statement(`INSERT INTO "${table}" VALUE {${fields.join(',')}}`, Object.values(item));
}

/** PartiQL cannot put one item in the place of another, so what is no longer readable is taken away by its name. */
function replacement(table: string, write: ViewWrite, token: Uint8Array): BatchStatementRequest {
  const attributes = attributesOf(write, token);
  const changes = Object.keys(attributes).map((name) => `SET "${name}"=?`);
  for (const [name, value] of Object.entries(write.readable)) if (value === null) changes.push(`REMOVE "${name}"`);
  return statement(`UPDATE "${table}" ${changes.join(' ')} WHERE "pk"=? AND "sk"=? AND "v"=?`, [
    ...Object.values(attributes),
    ...Object.values(keyOf(write)),
    { N: String(write.expected) },
  ]);
}

/** The refusal of a replacement brings the item that stands there, an insertion's does not. */
function statement(text: string, values: AttributeValue[]): BatchStatementRequest {
  return { Statement: text, Parameters: values, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' };
}
