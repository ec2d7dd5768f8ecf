// Every commit that groups ever made, in the order in which Kafka holds them: read back with kcat from Kafka's own topic of
// commits, which unlike a coordinator is never asked too early. Tells where one went back.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const commitsTopic = '__consumer_offsets';
/** Of a key: above it, the key is not a commit's. */
const commitVersionMax = 1;

/** By group, what went back; groups that made no commit are left out. */
export async function commitsBack(brokers: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  // The lengths of key and value as text, then their bytes.
  const args = ['-b', brokers.join(','), '-C', '-t', commitsTopic, '-o', 'beginning', '-e', '-q', '-f', '%K %S\n%k%s'];
  const { stdout } = await run('kcat', args, { encoding: 'buffer', maxBuffer: 2 ** 30 });
  const newest = new Map<string, number>();
  const backwards = new Map<string, string[]>();
  for (const { group, place, offset } of commitsIn(stdout)) {
    const before = newest.get(`${group} ${place}`) ?? -1;
    const found = backwards.get(group) ?? [];
    backwards.set(group, found);
    if (offset < before) found.push(`${place}: from ${before} to ${offset}`);
    newest.set(`${group} ${place}`, offset);
  }
  return backwards;
}

type Commit = { readonly group: string; readonly place: string; readonly offset: number };

function* commitsIn(output: Buffer): Generator<Commit> {
  for (let at = 0; at < output.length; ) {
    const lineEnd = output.indexOf('\n', at);
    const [keyBytes = 0, valueBytes = 0] = output.toString('latin1', at, lineEnd).split(' ').map(Number);
    const key = output.subarray(lineEnd + 1, lineEnd + 1 + Math.max(keyBytes, 0));
    const value = output.subarray(lineEnd + 1 + key.length, lineEnd + 1 + key.length + Math.max(valueBytes, 0));
    at = lineEnd + 1 + key.length + value.length;
    // Without a value, a commit has been forgotten.
    if (value.length === 0 || key.readInt16BE(0) > commitVersionMax) continue;
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
