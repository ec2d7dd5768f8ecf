// Produces or consumes as many messages as it is told with one client, and prints the time and the CPU time that took.
// A process of its own for each measurement, so that nothing is counted but the client, warm-up included.
import { z } from 'zod';
import { openReader, readerNames } from './readers.ts';
import { type Outgoing, openSender } from './senders.ts';

const Task = z.object({
  what: z.enum(['produce', 'consume']),
  name: z.string(),
  brokers: z.array(z.string()),
  topic: z.string(),
  count: z.number(),
});
export type Task = z.infer<typeof Task>;
export type Speed = { readonly ms: number; readonly cpuMs: number };

const batchMessages = 500;
const batchesAtOnce = 4;
const keyCount = 5_000;
const valueBytes = 300;

const task = Task.parse(JSON.parse(process.argv[2] ?? '{}'));
const before = { at: performance.now(), cpu: process.cpuUsage() };
await (task.what === 'produce' ? produce() : consume());
const { user, system } = process.cpuUsage(before.cpu);
const speed: Speed = { ms: performance.now() - before.at, cpuMs: (user + system) / 1_000 };
process.stdout.write(`${JSON.stringify(speed)}\n`, () => process.exit());

async function produce(): Promise<void> {
  const sender = await openSender(task.name, task.brokers, task.topic);
  const value = Buffer.alloc(valueBytes, 'x');
  let sent = 0;
  const lane = async () => {
    while (sent < task.count) {
      const messages: Outgoing[] = [];
      for (let index = 0; index < batchMessages && sent < task.count; index += 1, sent += 1)
        messages.push({ id: String(sent), key: `key-${sent % keyCount}`, value });
      await sender.send(messages);
    }
  };
  await Promise.all(Array.from({ length: batchesAtOnce }, lane));
}

async function consume(): Promise<void> {
  let received = 0;
  await new Promise<void>((resolve) => {
    // The very first member may come before the coordinator is there.
    const options = { ...task, group: `speed-${process.pid}`, onNote: () => undefined };
    void openReader(z.enum(readerNames).parse(task.name), {
      ...options,
      onReceipts: (receipts) => {
        received += receipts.length;
        if (received >= task.count) resolve();
      },
    });
  });
}
