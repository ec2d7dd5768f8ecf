// Sources that are Kafka topics: one group reads them all, each message is an item of its topic's source.
import { readText } from '../../log/codec.ts';
import type { EventLog, LogMessage } from '../../log/port.ts';
import { type ConsumeParts, consume } from '../consume.ts';
import { type IntakeParts, type PlacedItem, takeItems } from '../intake.ts';
import { itemsOfJson } from '../items.ts';
import type { Source } from './source.ts';

export type KafkaSourceParts = Omit<ConsumeParts, 'log'> & {
  readonly intake: IntakeParts;
  /** Names topics as the broker does: no prefix is put in front. */
  readonly sourceLog: EventLog;
};

/** Until the signal aborts. A topic that does not exist yet is waited for. */
export async function readSourceTopics(
  parts: KafkaSourceParts,
  group: string,
  sources: readonly Source[],
): Promise<void> {
  const byTopic = new Map<string, Source>();
  for (const source of sources) if (source.transport.kind === 'kafka') byTopic.set(source.transport.topic, source);
  if (byTopic.size === 0) return;
  const take = async (messages: readonly LogMessage[]) => {
    for (const [topic, source] of byTopic) {
      const items = messages.filter((message) => message.topic === topic).flatMap(itemsOfMessage);
      if (items.length > 0) await takeItems(parts.intake, source, items);
    }
  };
  await consume({ ...parts, log: parts.sourceLog }, `${group}.sources`, [...byTopic.keys()], take);
}

/** A null value says nothing an event could be made of, as when a key's last message is taken back: no item. */
function itemsOfMessage(message: LogMessage): readonly PlacedItem[] {
  const { value, key, headers, topic, incarnation, partition, offset, appendedAt } = message;
  if (value === null) return [];
  const named = Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text] as const);
  const place = {
    ...{ topic, incarnation, partition, offset, appendedAt },
    headers: Object.fromEntries(named),
    key: key === null ? null : readText(key),
  };
  return itemsOfJson(value).map((item, part) => ({ ...item, place: { ...place, part } }));
}
