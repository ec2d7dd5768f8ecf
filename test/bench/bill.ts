// What DynamoDB would bill for requests and their answers: write units of 1 KB by the larger of the item before and after,
// transactions twice, refused conditions as if they had been met; read units of 4 KB, strongly consistent.
//
// Single requests say what they consumed. Statements and refused conditions do not, so the sizes of the items written here
// are kept, attribute by attribute.

export type Bill = { readonly requests: number; readonly writeUnits: number; readonly readUnits: number };

export type Exchange = {
  /** The name of the request, such as PutItem. */
  readonly operation: string;
  readonly asked: string;
  readonly status: number;
  readonly answered: string;
};

export type Meter = {
  take(exchange: Exchange): void;
  bill(): Bill;
  /** Starts a new bill; what is known of the items stays. */
  reset(): void;
};

const writeUnitBytes = 1024;
const readUnitBytes = 4096;
const refusedCodes: ReadonlySet<string> = new Set(['ConditionalCheckFailed', 'DuplicateItem']);

/** As DynamoDB's JSON has them; only the types that a view or a firm is made of. */
type Value = { readonly S?: string; readonly N?: string; readonly B?: string; readonly BOOL?: boolean };
type Item = Readonly<Record<string, Value>>;
/** The bytes of each attribute, its name included. */
type Sizes = Map<string, number>;

type Statement = { readonly Statement: string; readonly Parameters?: readonly Value[] };
type Asked = {
  readonly TableName?: string;
  readonly Item?: Item;
  readonly Statements?: readonly Statement[];
  readonly Statement?: string;
  readonly Parameters?: readonly Value[];
  readonly RequestItems?: Readonly<Record<string, { readonly Keys?: readonly object[] }>>;
};
type StatementAnswer = { readonly Error?: { readonly Code?: string; readonly Item?: Item }; readonly Item?: Item };
type Capacity = { readonly CapacityUnits?: number };
type Answered = {
  readonly ConsumedCapacity?: Capacity | readonly Capacity[];
  readonly Item?: Item;
  readonly Responses?: Readonly<Record<string, readonly object[]>> | readonly StatementAnswer[];
};

export function openMeter(): Meter {
  const items = new Map<string, Sizes>();
  let bill = { requests: 0, writeUnits: 0, readUnits: 0 };

  const takeStatements = (asked: Asked, answers: readonly StatementAnswer[]) => {
    asked.Statements?.forEach((statement, index) => {
      const answer = answers[index] ?? {};
      if (/^\s*SELECT/i.test(statement.Statement)) bill.readUnits += readUnitsOf(answer.Item);
      else bill.writeUnits += writeUnitsOf(items, statement, answer);
    });
  };

  return {
    bill: () => bill,
    reset: () => {
      bill = { requests: 0, writeUnits: 0, readUnits: 0 };
    },
    take: ({ operation, asked: askedText, status, answered: answeredText }) => {
      const asked: Asked = JSON.parse(askedText);
      const answered: Answered = answeredText === '' ? {} : JSON.parse(answeredText);
      bill.requests += 1;
      if (operation === 'BatchExecuteStatement') {
        takeStatements(asked, Array.isArray(answered.Responses) ? answered.Responses : []);
        return;
      }
      if (operation === 'ExecuteStatement' || operation === 'ExecuteTransaction') {
        throw new Error(`the meter does not know what ${operation} costs; teach it before measuring with it`);
      }
      let units = 0;
      for (const capacity of [answered.ConsumedCapacity ?? []].flat()) units += capacity.CapacityUnits ?? 0;
      const isWrite = /^(Put|Update|Delete|TransactWrite|BatchWrite)/.test(operation);
      if (operation === 'PutItem' && asked.Item !== undefined) {
        const after = sizesOf(asked.Item);
        if (status === 200) items.set(identityOf(asked.TableName ?? '', asked.Item), after);
        else if (answeredText.includes('ConditionalCheckFailed')) units = unitsOf(sizesOf(answered.Item ?? {}), after);
      } else if (isWrite && status !== 200 && answeredText.includes('ConditionalCheckFailed')) {
        // What the write would have made is not seen here: at the least the item that stands.
        units = unitsOf(sizesOf(answered.Item ?? {}), new Map());
      }
      // Reading what is not there is billed as well, which the emulator leaves out of batches.
      if (operation === 'BatchGetItem') units += missingOf(asked, answered);
      if (isWrite) bill.writeUnits += units;
      else bill.readUnits += units;
    },
  };
}

/** Keeps the sizes as well, if the statement was carried out. */
function writeUnitsOf(
  items: Map<string, Sizes>,
  { Statement: text, Parameters = [] }: Statement,
  answer: StatementAnswer,
) {
  const { table, written, key } = partsOf(text, Parameters);
  const identity = identityOf(table, key);
  const before = answer.Error?.Item === undefined ? (items.get(identity) ?? new Map()) : sizesOf(answer.Error.Item);
  const after = /^\s*INSERT/i.test(text) ? sizesOf(written) : new Map([...before, ...sizesOf(written)]);
  for (const [, removed = ''] of text.matchAll(/REMOVE\s+"?(\w+)"?/gi)) after.delete(removed);
  const code = answer.Error?.Code;
  if (code === undefined) items.set(identity, after);
  else if (!refusedCodes.has(code)) return 0;
  return unitsOf(before, after);
}

/** What a statement names: every `?` follows the name of an attribute; before WHERE it is written, after it compared. */
function partsOf(text: string, parameters: readonly Value[]) {
  const table = /^\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"?([\w.-]+)"?/i.exec(text)?.[1];
  if (table === undefined) throw new Error(`the meter cannot read the statement: ${text}`);
  const where = text.search(/\bWHERE\b/i);
  const written: Record<string, Value> = {};
  const compared: Record<string, Value> = {};
  let index = 0;
  for (const found of text.matchAll(/["']?(\w+)["']?\s*[:=]\s*\?/g)) {
    const value = parameters[index];
    if (value === undefined) throw new Error(`the statement has fewer parameters than places: ${text}`);
    const isWritten = where < 0 || found.index < where;
    (isWritten ? written : compared)[found[1] ?? ''] = value;
    index += 1;
  }
  if (index !== parameters.length) throw new Error(`the meter finds ${index} places in the statement: ${text}`);
  const key = where < 0 ? written : compared;
  // An update writes the attributes it sets; the key it finds the item by is part of the item too.
  const { pk, sk } = key;
  return { table, key, written: { ...written, ...(pk && { pk }), ...(sk && { sk }) } };
}

function identityOf(table: string, { pk, sk }: Item): string {
  return `${table}\n${pk?.S ?? ''}\n${sk?.S ?? ''}`;
}

function sizesOf(item: Item): Sizes {
  return new Map(Object.entries(item).map(([name, value]) => [name, Buffer.byteLength(name) + valueBytes(value)]));
}

/** Numbers at two digits a byte and one more, texts in UTF-8. */
function valueBytes(value: Value): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return 1 + Math.ceil(value.N.replace(/\D/g, '').length / 2);
  if (value.B !== undefined) return Buffer.byteLength(value.B, 'base64');
  if (value.BOOL !== undefined) return 1;
  throw new Error(`the meter does not know how large ${Object.keys(value).join()} is`);
}

function sumOf(sizes: Sizes): number {
  let bytes = 0;
  for (const size of sizes.values()) bytes += size;
  return bytes;
}

function unitsOf(before: Sizes, after: Sizes): number {
  return Math.max(1, Math.ceil(Math.max(sumOf(before), sumOf(after)) / writeUnitBytes));
}

function readUnitsOf(item: Item | undefined): number {
  return Math.max(1, Math.ceil(sumOf(sizesOf(item ?? {})) / readUnitBytes));
}

function missingOf({ RequestItems = {} }: Asked, { Responses = {} }: Answered): number {
  const keys = Object.values(RequestItems).reduce((sum, { Keys = [] }) => sum + Keys.length, 0);
  return keys - Object.values(Responses).reduce((sum: number, found: readonly object[]) => sum + found.length, 0);
}
