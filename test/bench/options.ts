// What a run of the bench measures, and how much of it: three scales, and flags that change one of them.
import { parseArgs } from 'node:util';
import { type WorkloadName, workloadNames } from './workloads.ts';

export const suiteNames = [
  'kafka',
  'embedded',
  'freshness',
  'dynamodb',
  'files',
  'growth',
  'lists',
  'sizes',
  'micro',
] as const;
export type SuiteName = (typeof suiteNames)[number];

export const scaleNames = ['short', 'normal', 'full'] as const;
export type ScaleName = (typeof scaleNames)[number];

export type BenchOptions = {
  readonly scale: ScaleName;
  /** True when flags changed the scale, so that its baseline says nothing. */
  readonly changed: boolean;
  readonly suites: readonly SuiteName[];
  readonly workloads: readonly WorkloadName[];
  /** Of these, those that Kafka Streams folds as well. */
  readonly peerWorkloads: readonly WorkloadName[];
  /** In each workload. */
  readonly events: number;
  /** Runs of each subject that is compared; medians are told. */
  readonly repeats: number;
  /** Runs of those that stand alone. */
  readonly repeatsAlone: number;
  /** Live events and replayed events on DynamoDB Local, which takes about a thousand requests a second. */
  readonly dynamoLiveRounds: number;
  readonly dynamoClients: number;
  readonly dynamoEvents: number;
  readonly freshnessSeconds: number;
  /** Events a second; null takes 70 % of the live maximum found in this run. */
  readonly freshnessRate: number | null;
  readonly exportRows: number;
  /** Of a replay whose memory is compared with that of a replay of twice as many. */
  readonly growthEvents: number;
  /** From few to many: clients over which the same number of events is spread, and clients of a firm. */
  readonly growthClients: readonly number[];
  /** Of the firm whose lists are asked for. */
  readonly listClients: number;
  /** Lists a second; null: 100, from a million clients on 50. */
  readonly listRate: number | null;
  readonly listSeconds: number;
  /** Views changed a second meanwhile. */
  readonly listChanges: number;
  /** Whether the live maximum is found for each of them, a minute and a half each. */
  readonly growthLive: boolean;
  /** Folder for .cpuprofile files of our subjects; null: none. */
  readonly profiles: string | null;
  readonly writeBaseline: boolean;
};

type Scale = Omit<BenchOptions, 'scale' | 'changed' | 'freshnessRate' | 'listRate' | 'profiles' | 'writeBaseline'>;

const scales: Readonly<Record<ScaleName, Scale & { readonly minutes: string }>> = {
  short: {
    minutes: '1–2',
    suites: ['kafka', 'embedded', 'files', 'sizes', 'micro'],
    workloads: ['uniform'],
    peerWorkloads: [],
    events: 100_000,
    repeats: 1,
    repeatsAlone: 1,
    dynamoLiveRounds: 1,
    dynamoClients: 1_000,
    dynamoEvents: 10_000,
    freshnessSeconds: 5,
    exportRows: 10_000,
    growthEvents: 100_000,
    growthClients: [1_000, 10_000],
    listClients: 10_000,
    listSeconds: 3,
    listChanges: 2_000,
    growthLive: false,
  },
  normal: {
    minutes: '12',
    suites: suiteNames,
    workloads: ['uniform', 'zipf-0.8', 'zipf-1.1', 'sessions', 'disorder', 'impersonation'],
    peerWorkloads: ['uniform', 'zipf-0.8'],
    events: 300_000,
    repeats: 3,
    repeatsAlone: 1,
    dynamoLiveRounds: 3,
    dynamoClients: 5_000,
    dynamoEvents: 60_000,
    freshnessSeconds: 6,
    exportRows: 50_000,
    growthEvents: 600_000,
    growthClients: [10_000, 100_000],
    listClients: 100_000,
    listSeconds: 10,
    listChanges: 10_000,
    growthLive: false,
  },
  full: {
    minutes: '90',
    suites: suiteNames,
    workloads: workloadNames,
    peerWorkloads: ['uniform', 'zipf-0.8', 'zipf-1.1'],
    events: 2_000_000,
    repeats: 3,
    repeatsAlone: 2,
    dynamoLiveRounds: 5,
    dynamoClients: 50_000,
    dynamoEvents: 1_000_000,
    freshnessSeconds: 20,
    exportRows: 200_000,
    growthEvents: 2_000_000,
    growthClients: [10_000, 100_000, 1_000_000],
    listClients: 1_000_000,
    listSeconds: 20,
    listChanges: 10_000,
    growthLive: true,
  },
};

const usage = `Measures signalfold beside its peers; the report goes to artifacts/bench/. test/bench/README.md says what it means.

  --short                    1–2 minutes, no peers: what CI runs
  (neither)                  about 12 minutes on two idle cores
  --full                     everything, with 1,000,000 clients: about 90 minutes
  --plan                     prints what would be measured, and ends

  --only kafka,embedded,…    of ${suiteNames.join(', ')}
  --workloads uniform,…      of ${workloadNames.join(', ')}
  --peer-workloads uniform   those that Kafka Streams folds as well; none: ''
  --events 300000            in each workload
  --repeats 3                runs of each subject
  --dynamo-events 60000      of the replay on DynamoDB Local
  --dynamo-clients 5000      over which they are spread
  --dynamo-rounds 3          of live events there, one for each of 1,000 clients
  --freshness-rate 5000      events a second; default: 70 % of the live maximum found in this run
  --freshness-seconds 6      of each window, of which there are as many as repeats
  --export-rows 50000
  --growth-events 600000     of the replay whose memory is compared with one of twice as many
  --growth-clients 10000,…   from few to many
  --list-clients 100000      of the firm whose lists are asked for; 1000000 takes some minutes
  --list-rate 100            lists a second; default 50 from a million clients on
  --list-seconds 10          for which they are asked
  --list-changes 10000       views changed a second meanwhile
  --profiles DIR             writes CPU profiles of our own subjects
  --write-baseline           makes this run's ratios the committed baseline of its scale
`;

/** Null after printing, when help or the plan was asked for. Throws for flags it does not know. */
export function readOptions(args: readonly string[], say: (text: string) => void): BenchOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      plan: { type: 'boolean', default: false },
      short: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      only: { type: 'string' },
      workloads: { type: 'string' },
      'peer-workloads': { type: 'string' },
      events: { type: 'string' },
      repeats: { type: 'string' },
      'dynamo-events': { type: 'string' },
      'dynamo-clients': { type: 'string' },
      'dynamo-rounds': { type: 'string' },
      'freshness-rate': { type: 'string' },
      'freshness-seconds': { type: 'string' },
      'export-rows': { type: 'string' },
      'growth-events': { type: 'string' },
      'growth-clients': { type: 'string' },
      'list-clients': { type: 'string' },
      'list-rate': { type: 'string' },
      'list-seconds': { type: 'string' },
      'list-changes': { type: 'string' },
      profiles: { type: 'string' },
      'write-baseline': { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(usage);
    return null;
  }
  if (values.short && values.full) throw new Error('--short and --full exclude each other');
  const scale = values.short ? 'short' : values.full ? 'full' : 'normal';
  const preset = scales[scale];
  const whole = (flag: Exclude<keyof typeof values, 'help' | 'plan' | 'short' | 'full' | 'write-baseline'>) => {
    const text = values[flag];
    return text === undefined ? null : count(flag, text);
  };
  const changes = { ...values, only: undefined, profiles: undefined };
  const options: BenchOptions = {
    scale,
    changed: Object.values(changes).some((value) => typeof value === 'string'),
    suites: values.only === undefined ? preset.suites : namesOf('only', values.only, suiteNames),
    workloads:
      values.workloads === undefined ? preset.workloads : namesOf('workloads', values.workloads, workloadNames),
    peerWorkloads:
      values['peer-workloads'] === undefined
        ? preset.peerWorkloads
        : namesOf('peer-workloads', values['peer-workloads'], workloadNames),
    events: whole('events') ?? preset.events,
    repeats: whole('repeats') ?? preset.repeats,
    repeatsAlone: whole('repeats') ?? preset.repeatsAlone,
    dynamoLiveRounds: whole('dynamo-rounds') ?? preset.dynamoLiveRounds,
    dynamoClients: whole('dynamo-clients') ?? preset.dynamoClients,
    dynamoEvents: whole('dynamo-events') ?? preset.dynamoEvents,
    freshnessSeconds: whole('freshness-seconds') ?? preset.freshnessSeconds,
    freshnessRate: whole('freshness-rate'),
    exportRows: whole('export-rows') ?? preset.exportRows,
    growthEvents: whole('growth-events') ?? preset.growthEvents,
    growthLive: preset.growthLive,
    listClients: whole('list-clients') ?? preset.listClients,
    listRate: whole('list-rate'),
    listSeconds: whole('list-seconds') ?? preset.listSeconds,
    listChanges: whole('list-changes') ?? preset.listChanges,
    growthClients:
      values['growth-clients']?.split(',').map((text) => count('growth-clients', text)) ?? preset.growthClients,
    profiles: values.profiles ?? null,
    writeBaseline: values['write-baseline'],
  };
  if (options.writeBaseline && options.changed) throw new Error('--write-baseline wants a scale that no flag changes');
  say(planOf(options));
  return values.plan ? null : options;
}

function planOf(options: BenchOptions): string {
  const { scale, changed, suites, workloads, peerWorkloads, events, repeats, repeatsAlone } = options;
  const peers = workloads.filter((name) => peerWorkloads.includes(name));
  return [
    `Plan: ${scale}${changed ? ', changed by flags' : ''}; about ${scales[scale].minutes} minutes on two idle cores when unchanged.`,
    `  suites      ${suites.join(', ')}`,
    `  workloads   ${workloads.join(', ')}; ${events.toLocaleString('en')} events each`,
    `  beside Kafka Streams ${peers.length === 0 ? 'none' : peers.join(', ')}`,
    `  runs        ${repeats} of what is compared, in shuffled rounds; ${repeatsAlone} of the rest`,
  ].join('\n');
}

function namesOf<Name extends string>(flag: string, text: string, known: readonly Name[]): Name[] {
  return text
    .split(',')
    .filter((name) => name !== '')
    .map((name) => {
      const found = known.find((one) => one === name);
      if (found === undefined) throw new Error(`--${flag}: there is no "${name}"; there are ${known.join(', ')}`);
      return found;
    });
}

function count(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${flag}: "${text}" is not a whole number above 0`);
  return value;
}
