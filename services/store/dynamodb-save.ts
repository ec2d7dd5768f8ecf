// Saves views, each on its own condition: one alone by PutItem, more as batches of statements. No read unless something
// stands in the way of a new view.
//
// A write's CPU is its request's (0.5 ms in the SDK, 0.02 ms as a 25th of a batch) and some 0.02 ms of its own. A batch of
// one is no cheaper than PutItem. What is billed is the same: each statement as its write, a refused one too.
import { randomBytes } from 'node:crypto';
import {
  BatchExecuteStatementCommand,
  type BatchStatementError,
  type BatchStatementRequest,
  ConditionalCheckFailedException,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type Connection, forEachOf, type Item } from './dynamodb-connection.ts';
import { conditionOn } from './dynamodb-documents.ts';
import { hasToken, identityOf, keyOf, parseView, signedProjection, tokenBytes, viewItem } from './dynamodb-item.ts';
import { readItems } from './dynamodb-read.ts';
import { faultOf } from './dynamodb-retry.ts';
import { saveStatement } from './dynamodb-statement.ts';
import type { SaveOutcome, ViewWrite } from './port.ts';

/** The most statements DynamoDB takes in one batch. */
const statementsMax = 25;
/** Of views in one batch, so that the largest ones do not have to get through within one attempt's time together. */
const batchBytesMax = 512 * 1024;

/** A write, the token that tells it from others' writes of the same version, and how it ended. */
type Save = { readonly write: ViewWrite; readonly token: Uint8Array; outcome: SaveOutcome | null };

/** As ViewStore.save. */
export async function saveViews(connection: Connection, writes: readonly ViewWrite[]): Promise<readonly SaveOutcome[]> {
  const tokens = randomBytes(writes.length * tokenBytes);
  const saves = writes.map(
    (write, index): Save => ({
      write,
      token: tokens.subarray(index * tokenBytes, (index + 1) * tokenBytes),
      outcome: null,
    }),
  );
  await forEachOf(batchesOf(saves), connection.requestConcurrencyMax, (batch) => {
    const [only] = batch;
    return only !== undefined && batch.length === 1 ? saveAlone(connection, only) : saveTogether(connection, batch);
  });
  return saves.map(({ write, outcome }) => {
    if (outcome === null) throw new RangeError(`the save of ${write.clientId} has no outcome`);
    return outcome;
  });
}

/** As few as can be, and of about the same length: they run side by side, and the longest is waited for. */
function batchesOf(saves: readonly Save[]): readonly (readonly Save[])[] {
  const length = Math.ceil(saves.length / Math.ceil(saves.length / statementsMax));
  const batches: Save[][] = [];
  let last: Save[] = [];
  let bytes = 0;
  for (const save of saves) {
    const more = save.write.bytes.length;
    if (last.length === 0 || last.length === length || bytes + more > batchBytesMax) {
      last = [];
      batches.push(last);
      bytes = 0;
    }
    last.push(save);
    bytes += more;
  }
  return batches;
}

/**
 * A retry after a lost answer finds its own first attempt in the way, and knows it by the token. A late first attempt
 * cannot overtake its retry either: the version it expects is gone by then.
 */
async function saveAlone(connection: Connection, save: Save): Promise<void> {
  const command = new PutItemCommand({
    TableName: connection.table,
    Item: viewItem(save.write, save.token),
    ...conditionOn(save.write.expected),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  await connection.run('PutItem', async (client) => {
    try {
      await client.send(command);
      settle(save);
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      refuse(save, error.Item);
    }
  });
}

type Open = { readonly save: Save; readonly statement: BatchStatementRequest };

/** What a batch left undone is tried again, by itself; the answers come in the order of the statements. */
async function saveTogether(connection: Connection, batch: readonly Save[]): Promise<void> {
  const blocked: Save[] = [];
  const invalid: Save[] = [];
  let open = batch.map((save): Open => ({ save, statement: saveStatement(connection.table, save.write, save.token) }));
  await connection.run('BatchExecuteStatement', async (client) => {
    const command = new BatchExecuteStatementCommand({ Statements: open.map(({ statement }) => statement) });
    const { Responses: answers = [] } = await client.send(command);
    const undone: Open[] = [];
    const errors: StatementError[] = [];
    open.forEach((each, index) => {
      const { Error: error } = answers[index] ?? { Error: unanswered };
      if (error === undefined) settle(each.save);
      else if (error.Code === 'ValidationError') invalid.push(each.save);
      else if (error.Code !== 'ConditionalCheckFailed' && error.Code !== 'DuplicateItem') {
        undone.push(each);
        errors.push(new StatementError(error));
      } else if (error.Item === undefined) blocked.push(each.save);
      else refuse(each.save, error.Item);
    });
    open = undone;
    const worst = worstOf(errors);
    if (worst !== undefined) throw worst;
  });
  await readBlocking(connection, blocked);
  // PutItem either can do it, or says what is wrong with it.
  for (const save of invalid) await saveAlone(connection, save);
}

/** An insertion's refusal does not tell what stands there; nor does a replacement's when nothing does. */
async function readBlocking(connection: Connection, blocked: readonly Save[]): Promise<void> {
  if (blocked.length === 0) return;
  const keys = blocked.map(({ write }) => keyOf(write));
  const found = new Map<string, Item>();
  for (const item of await readItems(connection, keys, signedProjection)) found.set(identityOf(item), item);
  for (const save of blocked) refuse(save, found.get(identityOf(keyOf(save.write))));
}

function settle(save: Save): void {
  save.outcome = { kind: 'saved', version: save.write.expected + 1 };
}

/** The condition failed because of `standing`, or because nothing stands there. */
function refuse(save: Save, standing: Item | undefined): void {
  if (standing === undefined) save.outcome = { kind: 'conflict', current: null };
  else if (hasToken(standing, save.token)) settle(save);
  else save.outcome = { kind: 'conflict', current: parseView(standing) };
}

/** What stands for a statement that was not answered: it may have been done or not. */
const unanswered: BatchStatementError = { Code: 'InternalServerError', Message: 'no answer' };

/** A statement's error, in the form in which a request of its own would have met it. */
class StatementError extends Error {
  readonly $metadata: { readonly httpStatusCode: number };

  constructor({ Code: code, Message: message }: BatchStatementError) {
    super(message);
    this.name = code ?? 'unknown';
    this.$metadata = { httpStatusCode: code === 'InternalServerError' ? 500 : 400 };
  }
}

/** Of several errors the one that decides: what somebody must mend is not tried again for the sake of the others. */
function worstOf(errors: readonly StatementError[]): StatementError | undefined {
  return errors.find((error) => faultOf(error) === 'refused') ?? errors[0];
}
