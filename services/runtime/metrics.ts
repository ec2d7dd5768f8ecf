// Every metric once, with kind, unit, labels and meaning; counted by name, read as Prometheus text.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const fastSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const freshnessSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 21_600, 86_400];

type Row = {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly unit: string;
  readonly labels: readonly string[];
  readonly meaning: string;
  readonly buckets?: readonly number[];
};

export const metricsTable = {
  signalfold_lag_messages: {
    kind: 'gauge',
    unit: 'messages',
    labels: ['topic'],
    meaning: 'Messages in the log that are not in the views yet.',
  },
  signalfold_freshness_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    labels: [],
    meaning: 'From the append of a message to the log until its view was durable.',
    buckets: freshnessSeconds,
  },
  signalfold_dead_letters_total: {
    kind: 'counter',
    unit: 'messages',
    labels: ['topic', 'reason'],
    meaning: 'Unusable messages put away with their reason.',
  },
  signalfold_dead_letters_redriven_total: {
    kind: 'counter',
    unit: 'messages',
    labels: ['topic'],
    meaning: 'Dead letters sent again.',
  },
  signalfold_dropped_total: {
    kind: 'counter',
    unit: 'messages',
    labels: ['topic', 'reason'],
    meaning: 'Messages ignored on purpose.',
  },
  signalfold_events_folded_total: {
    kind: 'counter',
    unit: 'events',
    labels: ['topic'],
    meaning: 'Events folded into views.',
  },
  signalfold_events_repeated_total: {
    kind: 'counter',
    unit: 'events',
    labels: ['topic'],
    meaning: 'Events skipped because a view had folded their position already.',
  },
  signalfold_view_writes_total: {
    kind: 'counter',
    unit: 'writes',
    labels: ['view'],
    meaning: 'Views saved.',
  },
  signalfold_view_conflicts_total: {
    kind: 'counter',
    unit: 'writes',
    labels: [],
    meaning: 'Saves refused because another projector had saved first.',
  },
  signalfold_flushes_total: {
    kind: 'counter',
    unit: 'flushes',
    labels: [],
    meaning: 'Times the views in memory were saved and committed.',
  },
  signalfold_flush_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    labels: [],
    meaning: 'How long saving, notifying and committing took.',
    buckets: fastSeconds,
  },
  signalfold_late_events_total: {
    kind: 'counter',
    unit: 'events',
    labels: ['view'],
    meaning: 'Events older than the memory of their view reaches.',
  },
  signalfold_lost_messages_total: {
    kind: 'counter',
    unit: 'messages',
    labels: ['topic'],
    meaning: 'Messages that retention deleted before they were read.',
  },
  signalfold_ingest_accepted_total: {
    kind: 'counter',
    unit: 'events',
    labels: ['topic'],
    meaning: 'Events taken over HTTP that are durable in the log.',
  },
  signalfold_ingest_rejected_total: {
    kind: 'counter',
    unit: 'events',
    labels: ['topic', 'code'],
    meaning: 'Events refused over HTTP.',
  },
  signalfold_source_events_total: {
    kind: 'counter',
    unit: 'events',
    labels: ['source', 'outcome'],
    meaning: 'What providers sent, by what became of it: accepted, ignored, waiting or unusable.',
  },
  signalfold_source_refused_total: {
    kind: 'counter',
    unit: 'requests',
    labels: ['source', 'wrong'],
    meaning:
      'Webhook calls not signed as their source signs, by what is wrong: secret, body, clock, header, unreachable.',
  },
  signalfold_source_repeated_total: {
    kind: 'counter',
    unit: 'requests',
    labels: ['source'],
    meaning: 'Webhook calls that had been taken before, and were only answered.',
  },
  signalfold_source_pull_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    labels: ['source'],
    meaning: 'Epoch seconds of the last successful pull.',
  },
  signalfold_waiting_events: {
    kind: 'gauge',
    unit: 'events',
    labels: [],
    meaning: 'Events that wait for a client that is not known yet, as counted last.',
  },
  signalfold_waiting_released_total: {
    kind: 'counter',
    unit: 'events',
    labels: [],
    meaning: 'Events that waited and were sent on, because their client became known.',
  },
  signalfold_http_request_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    labels: ['route', 'status'],
    meaning: 'How long answering an HTTP request took.',
    buckets: fastSeconds,
  },
  signalfold_cache_bytes: {
    kind: 'gauge',
    unit: 'bytes',
    labels: [],
    meaning: 'Memory held by loaded views.',
  },
  signalfold_roster_bytes: {
    kind: 'gauge',
    unit: 'bytes',
    labels: [],
    meaning: 'Memory held by the clients of firms whose lists were asked for.',
  },
  signalfold_change_subscribers: {
    kind: 'gauge',
    unit: 'subscribers',
    labels: [],
    meaning: 'Who follows changes at present.',
  },
  signalfold_change_resets_total: {
    kind: 'counter',
    unit: 'resets',
    labels: ['reason'],
    meaning: 'Subscribers that had to load anew.',
  },
} as const satisfies Record<string, Row>;

type Table = typeof metricsTable;
type NameOf<Kind extends Row['kind']> = {
  [Name in keyof Table]: Table[Name]['kind'] extends Kind ? Name : never;
}[keyof Table];
type Labels<Name extends keyof Table> = Readonly<Record<Table[Name]['labels'][number], string>>;

/** One figure of a metric; of a histogram one of each bucket, its label `le` the upper bound. */
export type MetricValue = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

export type Metrics = {
  /** Adds to a counter. */
  count<Name extends NameOf<'counter'>>(name: Name, labels: Labels<Name>, by?: number): void;
  /** Sets a gauge. */
  set<Name extends NameOf<'gauge'>>(name: Name, labels: Labels<Name>, value: number): void;
  /** Adds one observation to a histogram, in the unit the table gives. */
  observe<Name extends NameOf<'histogram'>>(name: Name, labels: Labels<Name>, value: number): void;
  /** How a metric stands. */
  read(name: keyof Table): Promise<readonly MetricValue[]>;
  /** Everything as Prometheus text, the figures of the process included. */
  text(): Promise<string>;
  readonly contentType: string;
};

/** Each call has its own registry, so that several can live in one process. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  for (const [name, row] of Object.entries<Row>(metricsTable)) {
    const common = { name, help: `${row.meaning} (${row.unit})`, labelNames: [...row.labels], registers: [registry] };
    if (row.kind === 'counter') counters.set(name, new Counter(common));
    else if (row.kind === 'gauge') gauges.set(name, new Gauge(common));
    else histograms.set(name, new Histogram({ ...common, buckets: [...(row.buckets ?? fastSeconds)] }));
  }
  return {
    count: (name, labels, by = 1) => counters.get(name)?.inc(labels, by),
    set: (name, labels, value) => gauges.get(name)?.set(labels, value),
    observe: (name, labels, value) => histograms.get(name)?.observe(labels, value),
    read: async (name) => {
      const found = (await registry.getSingleMetric(name)?.get())?.values ?? [];
      return found.map(({ labels, value }) => ({ labels: wordsOf(labels), value }));
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function wordsOf(labels: Partial<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
}
