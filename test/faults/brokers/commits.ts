// Every commit that groups ever made, in the order in which Kafka holds them: read back with kcat from Kafka's own topic of
// commits, which unlike a coordinator is never asked too early. Tells where one went back.
import { type Record, readTopic } from '../kcat.ts';

const commitsTopic = '__consumer_offsets';
/** Of a key: above it, the key is not a commit's. */
const commitVersionMax = 1;

/** By group, what went back; groups that made no commit are left out. */
export async function commitsBack(brokers: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const newest = new Map<string, number>();
  const backwards = new Map<string, string[]>();
  for (const { group, place, offset } of commitsIn(await readTopic(brokers, commitsTopic))) {
    const before = newest.get(`${group} ${place}`) ?? -1;
    const found = backwards.get(group) ?? [];
    backwards.set(group, found);
    if (offset < before) found.push(`${place}: from ${before} to ${offset}`);
    newest.set(`${group} ${place}`, offset);
  }
  return backwards;
}

type Commit = { readonly group: string; readonly place: string; readonly offset: number };

function* commitsIn(records: readonly Record[]): Generator<Commit> {
  for (const { key, value } of records) {
    // Without a value, a commit has been forgotten.
    if (key === null || value === null || value.length === 0 || key.readInt16BE(0) > commitVersionMax) continue;
    const [group, groupEnd] = textAt(key, 2);
    const [topic, topicEnd] = textAt(key, groupEnd);
    yield { group, place: `${topic}/${key.readInt32BE(topicEnd)}`, offset: Number(value.readBigInt64BE(2)) };
  }
}

/** A text with its length before it, and where it ends. */
function textAt(bytes: Buffer, at: number): [string, number] {
  const end = at + 2 + bytes.readInt16BE(at);
  return [bytes.toString('utf8', at + 2, end), end];
}
