// What a run of the bench measures, and how much of it: flags with their defaults.
import { parseArgs } from 'node:util';
import { uniformReplay, type Workload } from './workload.ts';

export const suiteNames = ['kafka', 'embedded', 'dynamodb', 'freshness', 'micro', 'sizes', 'files'] as const;
export type SuiteName = (typeof suiteNames)[number];

export type BenchOptions = {
  readonly suites: readonly SuiteName[];
  readonly workload: Workload;
  /** Runs of each subject; medians are told. */
  readonly repeats: number;
  /** Live events and replayed events on DynamoDB Local, which takes about a thousand requests a second. */
  readonly dynamoLiveRounds: number;
  readonly dynamoClients: number;
  readonly dynamoEvents: number;
  readonly freshnessSeconds: number;
  /** Events a second; null takes 70 % of what the replay reached in this run. */
  readonly freshnessRate: number | null;
  readonly exportRows: number;
  /** Folder for .cpuprofile files of our subjects; null: none. */
  readonly profiles: string | null;
  readonly writeBaseline: boolean;
};

const usage = `Measures signalfold beside its peers; the report goes to artifacts/bench/.

  --only kafka,embedded,…    of ${suiteNames.join(', ')}
  --events 300000            of the replay on Kafka and on the embedded log
  --clients 50000            over which they are spread
  --zipf 0                   how unevenly: 0 is uniform, 0.8 and 1.1 are usual
  --impersonated 0.02        share of logins that are a colleague's
  --repeated 0  --late 0     shares of events that come twice, or out of order
  --repeats 3                runs of each subject
  --dynamo-events 60000      of the replay on DynamoDB Local
  --dynamo-clients 5000      over which they are spread
  --dynamo-rounds 3          of live events there, one for each of 1,000 clients
  --freshness-rate 10000     events a second; default: 70 % of the replay's rate in this run
  --freshness-seconds 10
  --export-rows 20000
  --profiles DIR             writes CPU profiles of our own subjects
  --write-baseline           makes this run's ratios the committed baseline
`;

/** Null after printing the usage, when help was asked for. Throws for flags it does not know. */
export function readOptions(args: readonly string[]): BenchOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      only: { type: 'string', default: suiteNames.join(',') },
      events: { type: 'string', default: String(uniformReplay.events) },
      clients: { type: 'string', default: String(uniformReplay.clients) },
      zipf: { type: 'string', default: '0' },
      impersonated: { type: 'string', default: String(uniformReplay.impersonatedShare) },
      repeated: { type: 'string', default: '0' },
      late: { type: 'string', default: '0' },
      seed: { type: 'string', default: String(uniformReplay.seed) },
      repeats: { type: 'string', default: '3' },
      'dynamo-events': { type: 'string', default: '60000' },
      'dynamo-clients': { type: 'string', default: '5000' },
      'dynamo-rounds': { type: 'string', default: '3' },
      'freshness-rate': { type: 'string' },
      'freshness-seconds': { type: 'string', default: '10' },
      'export-rows': { type: 'string', default: '20000' },
      profiles: { type: 'string' },
      'write-baseline': { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return null;
  }
  const rate = values['freshness-rate'];
  return {
    suites: values.only.split(',').map(suiteOf),
    workload: {
      seed: count('seed', values.seed),
      events: count('events', values.events),
      clients: count('clients', values.clients),
      zipf: number('zipf', values.zipf),
      impersonatedShare: number('impersonated', values.impersonated),
      repeatedShare: number('repeated', values.repeated),
      lateShare: number('late', values.late),
    },
    repeats: count('repeats', values.repeats),
    dynamoLiveRounds: count('dynamo-rounds', values['dynamo-rounds']),
    dynamoClients: count('dynamo-clients', values['dynamo-clients']),
    dynamoEvents: count('dynamo-events', values['dynamo-events']),
    freshnessSeconds: count('freshness-seconds', values['freshness-seconds']),
    freshnessRate: rate === undefined ? null : count('freshness-rate', rate),
    exportRows: count('export-rows', values['export-rows']),
    profiles: values.profiles ?? null,
    writeBaseline: values['write-baseline'],
  };
}

function suiteOf(name: string): SuiteName {
  const found = suiteNames.find((suite) => suite === name);
  if (found === undefined) throw new Error(`--only: there is no "${name}"; there are ${suiteNames.join(', ')}`);
  return found;
}

function number(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new Error(`--${flag}: "${text}" is not a number of 0 or more`);
  return value;
}

function count(flag: string, text: string): number {
  const value = number(flag, text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${flag}: "${text}" is not a whole number above 0`);
  return value;
}
