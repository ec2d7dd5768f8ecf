// Stands in front of DynamoDB and counts what it would bill: requests, write units (1 KB) and read units (4 KB, strongly
// consistent). It lets DynamoDB itself say what each request consumed, where it does. A process of its own, so that nobody
// pays for it.
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import { readArgs } from './child.ts';
import { openWriteUnits, type StatementAnswers, type StatementBatch } from './write-units.ts';

export type MeterArgs = {
  readonly target: string;
  /** `GET` answers the bill; `DELETE` as well, and starts a new one. */
  readonly billPath: string;
};
export type Bill = { readonly requests: number; readonly writeUnits: number; readonly readUnits: number };

const writeUnitBytes = 1024;

type Capacity = { readonly CapacityUnits?: number };
type Answer = {
  readonly ConsumedCapacity?: Capacity | Capacity[];
  readonly Item?: object;
  readonly Responses?: Readonly<Record<string, readonly object[]>>;
};
type Batch = { readonly RequestItems?: Readonly<Record<string, { readonly Keys?: readonly object[] }>> };

const { target, billPath } = readArgs<MeterArgs>();
const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const writeUnits = openWriteUnits();
let bill = { requests: 0, writeUnits: 0, readUnits: 0 };

function count(operation: string, asked: string, status: number, body: string): void {
  bill.requests += 1;
  if (operation === 'BatchExecuteStatement') {
    const batch: StatementBatch = JSON.parse(asked);
    const answers: StatementAnswers = JSON.parse(body);
    if (status === 200) bill.writeUnits += writeUnits.ofBatch(batch, answers);
    return;
  }
  if (operation === 'PutItem' && status === 200) writeUnits.note(JSON.parse(asked).Item);
  const answer: Answer = body === '' ? {} : JSON.parse(body);
  const isWrite = /^(Put|Update|Delete|TransactWrite|BatchWrite)/.test(operation);
  let units = 0;
  for (const capacity of [answer.ConsumedCapacity ?? []].flat()) units += capacity.CapacityUnits ?? 0;
  // A condition that fails is billed as the write would have been, and DynamoDB does not say so.
  if (status === 400 && isWrite && body.includes('ConditionalCheckFailed')) {
    units = Math.max(1, Math.ceil(JSON.stringify(answer.Item ?? '').length / writeUnitBytes));
  }
  // Reading what is not there is billed as well, which the emulator leaves out.
  if (operation === 'BatchGetItem') units += missingOf(asked, answer);
  if (isWrite) bill.writeUnits += units;
  else bill.readUnits += units;
}

function missingOf(asked: string, { Responses = {} }: Answer): number {
  const { RequestItems = {} }: Batch = JSON.parse(asked);
  const keys = Object.values(RequestItems).reduce((sum, { Keys = [] }) => sum + Keys.length, 0);
  return keys - Object.values(Responses).reduce((sum, found) => sum + found.length, 0);
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece);
  return Buffer.concat(pieces);
}

const server = createServer((incoming, answer) => {
  void (async () => {
    if (incoming.url === billPath) {
      answer.end(JSON.stringify(bill));
      if (incoming.method === 'DELETE') bill = { requests: 0, writeUnits: 0, readUnits: 0 };
      return;
    }
    const asked = (await bytesOf(incoming)).toString();
    const operation = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '';
    const body = asked.replace(/^\{/, '{"ReturnConsumedCapacity":"TOTAL",');
    const headers = { ...incoming.headers, 'content-length': String(Buffer.byteLength(body)) };
    const forwarded = request(`${target}${incoming.url}`, { method: incoming.method, headers, agent }, (answered) => {
      void bytesOf(answered).then((bytes) => {
        count(operation, asked, answered.statusCode ?? 0, bytes.toString());
        answer.writeHead(answered.statusCode ?? 500, answered.headers);
        answer.end(bytes);
      });
    });
    forwarded.on('error', () => answer.destroy());
    forwarded.end(body);
  })();
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  process.stdout.write(`${JSON.stringify({ endpoint: `http://127.0.0.1:${port}` })}\n`);
});
