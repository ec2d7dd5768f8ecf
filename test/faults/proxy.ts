// An HTTP proxy in front of a real DynamoDB that loses, delays, refuses or shortens answers on demand, and counts requests.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

export type Fault =
  /** DynamoDB's own answer for too many requests, without asking it. */
  | { readonly kind: 'throttle' }
  /** Any other answer of DynamoDB's that is an error. */
  | {
      readonly kind: 'refuse';
      readonly status: number;
      readonly code: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'server-error' }
  /** What DynamoDB answers whoever has not the right. */
  | { readonly kind: 'denied' }
  /** No answer at all; when `forwarded`, DynamoDB has done the work. */
  | { readonly kind: 'silence'; readonly forwarded: boolean }
  /** The connection is cut; when `forwarded`, in the middle of DynamoDB's answer. */
  | { readonly kind: 'cut'; readonly forwarded: boolean }
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** BatchGetItem does only the first `keys` keys and hands the rest back. */
  | { readonly kind: 'partial'; readonly keys: number }
  /** Query answers pages of at most so many items. */
  | { readonly kind: 'short'; readonly items: number }
  /** BatchExecuteStatement answers `code` for these of its statements; when `forwarded`, DynamoDB has done them. */
  | {
      readonly kind: 'statements';
      readonly code: string;
      readonly numbers: readonly number[];
      readonly forwarded: boolean;
    };

export type FaultProxy = {
  readonly endpoint: string;
  /** The operations asked for since `reset`, in order, as `PutItem`. */
  readonly operations: readonly string[];
  /** The next requests for this operation meet these faults, one each; null lets one pass. */
  inject(operation: string, faults: readonly (Fault | null)[]): void;
  /** Every request meets this fault until `reset`. */
  always(fault: Fault): void;
  /** Every request meets what is chosen for its operation and body, until `reset`; null lets it pass. */
  choose(weather: (operation: string, body: Buffer) => Fault | null): void;
  reset(): void;
  stop(): Promise<void>;
};

const jsonHeaders = { 'content-type': 'application/x-amz-json-1.0' };

export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const operations: string[] = [];
  const queues = new Map<string, (Fault | null)[]>();
  let weather: (operation: string, body: Buffer) => Fault | null = () => null;

  const server = createServer((incoming, answer) => {
    void serve(incoming, answer).catch(() => answer.destroy());
  });
  const serve = async (incoming: IncomingMessage, answer: ServerResponse) => {
    const operation = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '';
    operations.push(operation);
    const queued = queues.get(operation)?.shift();
    const body = await bodyOf(incoming);
    const fault = queued ?? weather(operation, body);
    switch (fault?.kind) {
      case undefined:
        return pass(await forward(target, incoming, body), answer);
      case 'throttle':
        return refuse(answer, 400, 'ProvisionedThroughputExceededException');
      case 'refuse':
        return refuse(answer, fault.status, fault.code, fault.headers);
      case 'server-error':
        return refuse(answer, 500, 'InternalServerError');
      case 'denied':
        return refuse(answer, 400, 'AccessDeniedException');
      case 'silence':
        if (fault.forwarded) await forward(target, incoming, body);
        return;
      case 'cut': {
        if (!fault.forwarded) return void answer.destroy();
        const whole = await forward(target, incoming, body);
        answer.writeHead(whole.status, { ...whole.headers, 'content-length': String(whole.body.length + 1) });
        return void answer.write(whole.body, () => answer.destroy());
      }
      case 'slow':
        await wait(fault.delayMs);
        return pass(await forward(target, incoming, body), answer);
      case 'partial':
        return pass(await forwardPart(target, incoming, body, fault.keys), answer);
      case 'short':
        return pass(await forwardShort(target, incoming, body, fault.items), answer);
      case 'statements':
        return pass(await forwardStatements(target, incoming, body, fault), answer);
    }
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    operations,
    inject: (operation, faults) => queues.set(operation, [...faults]),
    always: (fault) => {
      weather = () => fault;
    },
    choose: (chosen) => {
      weather = chosen;
    },
    reset: () => {
      weather = () => null;
      queues.clear();
      operations.length = 0;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Answer = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Buffer };

async function bodyOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function forward(target: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  const headers = { ...incoming.headers, 'content-length': String(body.length) };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(target + (incoming.url ?? '/'), { method: incoming.method ?? 'POST', headers }, resolve);
    outgoing.once('error', reject);
    outgoing.end(body);
  });
  return {
    status: answer.statusCode ?? 500,
    headers: { 'content-type': String(answer.headers['content-type']) },
    body: await bodyOf(answer),
  };
}

async function forwardPart(target: string, incoming: IncomingMessage, body: Buffer, keys: number): Promise<Answer> {
  const asked = JSON.parse(body.toString());
  const undone: Record<string, unknown> = {};
  for (const [table, part] of Object.entries<{ Keys: unknown[] }>(asked.RequestItems)) {
    const rest = part.Keys.splice(keys);
    if (rest.length > 0) undone[table] = { ...part, Keys: rest };
  }
  const answer = await forward(target, incoming, Buffer.from(JSON.stringify(asked)));
  const told = { ...JSON.parse(answer.body.toString()), UnprocessedKeys: undone };
  return { ...answer, body: Buffer.from(JSON.stringify(told)) };
}

async function forwardShort(target: string, incoming: IncomingMessage, body: Buffer, items: number): Promise<Answer> {
  const asked: { Limit?: number } = JSON.parse(body.toString());
  const shorter = { ...asked, Limit: Math.min(items, asked.Limit ?? items) };
  return forward(target, incoming, Buffer.from(JSON.stringify(shorter)));
}

async function forwardStatements(
  target: string,
  incoming: IncomingMessage,
  body: Buffer,
  { code, numbers, forwarded }: Extract<Fault, { kind: 'statements' }>,
): Promise<Answer> {
  const asked: { Statements: unknown[] } = JSON.parse(body.toString());
  const isHit = (number: number) => numbers.includes(number);
  const passed = asked.Statements.filter((_, number) => forwarded || !isHit(number));
  // DynamoDB refuses a batch of no statements.
  const answer =
    passed.length === 0
      ? { status: 200, headers: jsonHeaders, body: Buffer.from('{"Responses":[]}') }
      : await forward(target, incoming, Buffer.from(JSON.stringify({ Statements: passed })));
  const answered: { Responses: unknown[] } = JSON.parse(answer.body.toString());
  const responses = asked.Statements.map((_, number) => {
    const response = forwarded || !isHit(number) ? answered.Responses.shift() : undefined;
    return isHit(number) ? { Error: { Code: code, Message: 'injected' } } : response;
  });
  return { ...answer, body: Buffer.from(JSON.stringify({ Responses: responses })) };
}

function pass(from: Answer, answer: ServerResponse): void {
  answer.writeHead(from.status, from.headers);
  answer.end(from.body);
}

function refuse(
  answer: ServerResponse,
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  answer.writeHead(status, { ...jsonHeaders, ...headers });
  answer.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${code}`, message: 'injected' }));
}
