// What DynamoDB bills for a batch of PartiQL writes: each statement as the write it is. The emulator does not say, so it
// is reckoned from the statements themselves and from what was written before.
import { itemBytes } from '../../../services/store/dynamodb-item.ts';

const writeUnitBytes = 1024;

type WireValue = { readonly S?: string; readonly N?: string; readonly B?: string };
type Statement = { readonly Statement: string; readonly Parameters: readonly WireValue[] };
export type StatementBatch = { readonly Statements: readonly Statement[] };
export type StatementAnswers = { readonly Responses?: readonly { readonly Error?: { readonly Code?: string } }[] };

const refusals: ReadonlySet<string> = new Set(['ConditionalCheckFailed', 'DuplicateItem']);

/** Remembers how large items are, because a write is billed by the larger of what it finds and what it leaves. */
export function openWriteUnits() {
  const known = new Map<string, number>();

  return {
    /** For a write that was not a statement; the emulator bills it itself. */
    note(item: Readonly<Record<string, WireValue>>): void {
      known.set(identityOf(item), sizeOf(item));
    },

    /** A refused statement is billed as if it were done; one that failed otherwise is not. */
    ofBatch({ Statements: statements }: StatementBatch, { Responses: answers = [] }: StatementAnswers): number {
      let units = 0;
      statements.forEach((statement, index) => {
        const code = answers[index]?.Error?.Code;
        if (code !== undefined && !refusals.has(code)) return;
        const item = itemOf(statement);
        const [identity, after] = [identityOf(item), sizeOf(item)];
        units += Math.ceil(Math.max(known.get(identity) ?? 0, after) / writeUnitBytes);
        if (code === undefined) known.set(identity, after);
      });
      return units;
    },
  };
}

/** The item that the statement leaves: ours name every attribute, in the order of their values. */
function itemOf({ Statement: text, Parameters: values }: Statement): Record<string, WireValue> {
  const names = [...text.matchAll(/(?:'(\w+)':|"(\w+)"=)\?/g)].map(
    ([, inserted, changed]) => inserted ?? changed ?? '',
  );
  const item: Record<string, WireValue> = {};
  names.forEach((name, index) => {
    const value = values[index];
    // The last of an UPDATE is the version it expects, not the one it leaves.
    if (value !== undefined && !(name in item)) item[name] = value;
  });
  return item;
}

function identityOf({ pk, sk }: Readonly<Record<string, WireValue>>): string {
  return `${pk?.S}\n${sk?.S}`;
}

function sizeOf(item: Readonly<Record<string, WireValue>>): number {
  const entries = Object.entries(item).map(([name, { S, N, B }]) => {
    if (B !== undefined) return [name, { B: Buffer.from(B, 'base64') }];
    return [name, S === undefined ? { N: N ?? '' } : { S }];
  });
  return itemBytes(Object.fromEntries(entries));
}
