// A process that appends until it is killed, and prints the id of every message that the log has acknowledged.
import { encodeJson } from '../../services/log/codec.ts';
import { openEmbeddedLog } from '../../services/log/embedded.ts';
import { openKafkaLog } from '../../services/log/kafka.ts';
import type { EventLog } from '../../services/log/port.ts';
import { systemClock } from '../../services/runtime/clock.ts';

const [kind = '', place = '', topicPrefix = '', topic = ''] = process.argv.slice(2);

async function openLog(): Promise<EventLog> {
  if (kind === 'embedded') return openEmbeddedLog({ dir: place, clock: systemClock, partitions: 4 });
  return openKafkaLog({ brokers: [place], clientId: 'appender', topicPrefix, clock: systemClock });
}

async function appendForEver(log: EventLog, lane: number): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    const ids = Array.from({ length: 5 }, (_, index) => `${lane}-${turn}-${index}`);
    await log.append(
      topic,
      ids.map((id) => ({ key: `key-${id}`, value: encodeJson(id) })),
    );
    process.stdout.write(`${ids.join('\n')}\n`);
  }
}

const log = await openLog();
await Promise.all([0, 1, 2, 3].map((lane) => appendForEver(log, lane)));
