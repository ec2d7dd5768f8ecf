// The peer in Kafka Streams as a measured process: its jars from Maven, its classes from javac, both kept in .cache.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { resolveClasspath } from '../../../infra/local/jvm.ts';
import { type Figures, startProgram } from '../measure.ts';
import type { KafkaPlace } from '../places.ts';

const project = path.join('test', 'bench', 'peers', 'streams');
const sources = path.join(project, 'src', 'main', 'java', 'signalfold', 'bench');
const mainClass = 'signalfold.bench.CountClients';
const javaRelease = '17';

export const guarantees = ['exactly_once_v2', 'at_least_once'] as const;
export type Guarantee = (typeof guarantees)[number];

export type StreamsRun = {
  readonly log: KafkaPlace;
  readonly application: string;
  readonly guarantee: Guarantee;
  /** A folder that is not there yet, for RocksDB. */
  readonly stateDir: string;
  readonly messages: number;
};

export type StreamsPeer = { run(run: StreamsRun): Promise<Figures> };

/** Null, having said why, where Maven or a JDK is missing or the jars cannot be had. */
export async function buildStreams(say: (text: string) => void): Promise<StreamsPeer | null> {
  try {
    const classpath = await compiled(await resolveClasspath(project));
    return {
      run: ({ log, application, guarantee, stateDir, messages }) => {
        const { brokers, topicPrefix } = log;
        const args = [brokers.join(','), topicPrefix, application, guarantee, stateDir, String(messages)];
        const java = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', classpath, mainClass, ...args];
        return startProgram('java', java).done;
      },
    };
  } catch (cause) {
    say(`LEFT OUT: Kafka Streams, because it cannot be built (it needs Maven and a JDK ${javaRelease}): ${cause}`);
    return null;
  }
}

/** The class path with our classes on it; they are compiled once for each content of the sources. */
async function compiled(jars: string): Promise<string> {
  const files = readdirSync(sources).map((name) => path.join(sources, name));
  const hash = createHash('sha256').update(jars);
  for (const file of files) hash.update(readFileSync(file));
  const folder = path.resolve('.cache', 'bench', `streams-${hash.digest('hex').slice(0, 16)}`);
  if (!existsSync(folder)) {
    const part = `${folder}.${process.pid}`;
    await promisify(execFile)('javac', ['--release', javaRelease, '-cp', jars, '-d', part, ...files]);
    rmSync(folder, { recursive: true, force: true });
    renameSync(part, folder);
  }
  return [folder, jars].join(path.delimiter);
}
