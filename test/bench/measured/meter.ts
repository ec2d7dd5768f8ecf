// Stands in front of DynamoDB and counts what it would bill. A process of its own, so that nobody pays for it.
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import { openMeter } from '../bill.ts';
import { fail, readArgs } from './child.ts';

export type MeterArgs = {
  readonly target: string;
  /** `GET` answers the bill; `DELETE` as well, and starts a new one. */
  readonly billPath: string;
};

const { target, billPath } = readArgs<MeterArgs>();
const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const meter = openMeter();

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece);
  return Buffer.concat(pieces);
}

const server = createServer((incoming, answer) => {
  const pass = async () => {
    if (incoming.url === billPath) {
      answer.end(JSON.stringify(meter.bill()));
      if (incoming.method === 'DELETE') meter.reset();
      return;
    }
    const asked = (await bytesOf(incoming)).toString();
    const operation = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '';
    const body = asked.replace(/^\{/, '{"ReturnConsumedCapacity":"TOTAL",');
    const headers = { ...incoming.headers, 'content-length': String(Buffer.byteLength(body)) };
    const forwarded = request(`${target}${incoming.url}`, { method: incoming.method, headers, agent }, (answered) => {
      bytesOf(answered)
        .then((bytes) => {
          const status = answered.statusCode ?? 500;
          meter.take({ operation, asked, status, answered: bytes.toString() });
          answer.writeHead(status, answered.headers);
          answer.end(bytes);
        })
        .catch(fail);
    });
    forwarded.on('error', () => answer.destroy());
    forwarded.end(body);
  };
  pass().catch(fail);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  process.stdout.write(`${JSON.stringify({ endpoint: `http://127.0.0.1:${port}` })}\n`);
});
