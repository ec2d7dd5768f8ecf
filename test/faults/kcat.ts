// Reads topics with kcat, a client that is not ours and shares no code with what is on trial.
import { spawn } from 'node:child_process';

export type Record = {
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** As kcat writes them: name=value, by comma. */
  readonly headers: string;
};

const newline = '\n'.charCodeAt(0);

/** The whole topic, committed messages only. Of a topic without messages: nothing. */
export async function readTopic(brokers: readonly string[], topic: string): Promise<readonly Record[]> {
  const from = ['-C', '-b', brokers.join(','), '-t', topic, '-o', 'beginning', '-e', '-q'];
  // Lengths in front of the bytes, so that whatever they hold is told apart.
  const form = ['-f', '%p %o %K %S %h\\n%k%s\\n', '-X', 'isolation.level=read_committed'];
  return recordsIn(await outputOf('kcat', [...from, ...form]));
}

function recordsIn(bytes: Buffer): readonly Record[] {
  const records: Record[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(newline, at);
    const line = bytes.toString('utf8', at, end);
    const [partition, offset, keyLength, valueLength, ...headers] = line.split(' ');
    at = end + 1;
    const take = (length: number): Buffer | null => {
      if (length < 0) return null;
      at += length;
      return bytes.subarray(at - length, at);
    };
    const key = take(Number(keyLength));
    const value = take(Number(valueLength));
    if (bytes[at] !== newline) throw new Error(`kcat's output breaks off at ${line}`);
    at += 1;
    records.push({ partition: Number(partition), offset: Number(offset), key, value, headers: headers.join(' ') });
  }
  return records;
}

function outputOf(command: string, args: readonly string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    let complaints = '';
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(chunks));
      else reject(new Error(`${command} ended with ${code}: ${complaints}`));
    });
  });
}
