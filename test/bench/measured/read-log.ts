// Drains a log through our own port, doing as little with the messages as the drains of kafkajs do.
import { decodeMessage } from '../../../services/projector/batch.ts';
import { type LogPlace, openLogAt } from '../places.ts';
import { benchTopics } from '../workload.ts';
import { readArgs, startWatch, tell } from './child.ts';

export type ReadLogArgs = {
  readonly log: LogPlace;
  readonly group: string;
  readonly messages: number;
  readonly doing: 'nothing' | 'parsing' | 'decoding';
};

const pollMessages = 2_000;

const args = readArgs<ReadLogArgs>();
const log = await openLogAt(args.log);
const watch = startWatch();
const reader = await log.join(args.group, benchTopics);
let read = 0;
while (read < args.messages) {
  const { messages } = await reader.poll(250, pollMessages);
  for (const message of messages) {
    if (args.doing === 'parsing') JSON.parse(Buffer.from(message.value ?? []).toString());
    else if (args.doing === 'decoding' && decodeMessage(message).kind !== 'event') throw new Error('not an event');
  }
  read += messages.length;
}
const figures = watch(read);
await reader.close();
await log.close();
tell(figures);
