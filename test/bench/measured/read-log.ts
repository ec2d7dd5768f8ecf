// Drains a log through our own port: doing as little with the messages as the drains of kafkajs do, or gathering them as the
// projector does before it folds and saves.
import { ownAvroValues } from '../../../services/log/avro/values.ts';
import { emptyBatch, takeMessages } from '../../../services/projector/batch.ts';
import { openDeviceOf } from '../../../services/projector/device-of.ts';
import { views } from '../../../services/projector/main.ts';
import { createMetrics } from '../../../services/runtime/metrics.ts';
import { type LogPlace, openLogAt } from '../places.ts';
import { benchTopics } from '../workload.ts';
import { readArgs, startWatch, tell } from './child.ts';

export type ReadLogArgs = {
  readonly log: LogPlace;
  readonly group: string;
  readonly messages: number;
  readonly doing: 'nothing' | 'parsing' | 'gathering';
};

const pollMessages = 2_000;
/** Few enough that what is gathered does not count as memory. */
const batchMessages = 50_000;

const args = readArgs<ReadLogArgs>();
const log = await openLogAt(args.log);
const watch = startWatch();
const reader = await log.join(args.group, benchTopics);
const taking = { metrics: createMetrics(), values: ownAvroValues() };
const deviceOf = openDeviceOf();
let batch = emptyBatch(views, deviceOf);
let refused = 0;
let read = 0;
while (read < args.messages) {
  const { messages } = await reader.poll(250, pollMessages);
  if (args.doing === 'parsing') {
    for (const { value } of messages) JSON.parse(Buffer.from(value ?? []).toString());
  } else if (args.doing === 'gathering') {
    takeMessages(batch, messages, taking, 0);
    refused += batch.refused.length;
    if (batch.messages >= batchMessages) batch = emptyBatch(views, deviceOf);
  }
  read += messages.length;
}
const figures = watch(read);
if (refused > 0) throw new Error('events of the bench are not valid');
await reader.close();
await log.close();
tell(figures);
