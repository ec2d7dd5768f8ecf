// Reads a topic back with kcat, which shares nothing with the clients on trial, and compares it with what they were told.
import { readTopic } from '../kcat.ts';
import { idHeader } from './senders.ts';

export type Message = {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly id: string;
};

/** Everything that stands in the topic by now, in the order of each partition. Throws when kcat fails. */
export async function readBack(brokers: readonly string[], topic: string): Promise<readonly Message[]> {
  const records = await readTopic(brokers, topic);
  return records.map(({ partition, offset, key, headers }) => {
    return { partition, offset, key: key?.toString('utf8') ?? '', id: idIn(headers) };
  });
}

export type Comparison = {
  readonly acknowledged: number;
  /** Acknowledged, and not in the log. */
  readonly lost: readonly string[];
  /** Messages that stand there again. */
  readonly repeated: number;
  /** First occurrences of a key's messages that stand behind a later one's. */
  readonly outOfOrder: number;
};

/** Ids of one key end with a number that rises in the order in which they were sent. */
export function compare(acknowledged: ReadonlySet<string>, messages: readonly Message[]): Comparison {
  const seen = new Set<string>();
  const newest = new Map<string, number>();
  let [repeated, outOfOrder] = [0, 0];
  for (const { key, id } of messages) {
    if (seen.has(id)) {
      repeated += 1;
      continue;
    }
    seen.add(id);
    const number = Number(id.slice(id.lastIndexOf('-') + 1));
    if (number < (newest.get(key) ?? -1)) outOfOrder += 1;
    else newest.set(key, number);
  }
  const lost = [...acknowledged].filter((id) => !seen.has(id));
  return { acknowledged: acknowledged.size, lost, repeated, outOfOrder };
}

function idIn(headers: string): string {
  const mark = `${idHeader}=`;
  return (
    headers
      .split(',')
      .find((header) => header.startsWith(mark))
      ?.slice(mark.length) ?? ''
  );
}
