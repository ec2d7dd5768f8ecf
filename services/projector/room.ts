// What the parts of the projector share: the ports, the views, the clock, and how to tell what happens.
import type { DeviceOf } from '../core/device.ts';
import type { View } from '../core/view.ts';
import type { AvroValues } from '../log/avro/values.ts';
import type { EventLog } from '../log/port.ts';
import type { Config } from '../runtime/config.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Patience } from '../runtime/retry.ts';
import type { ViewStore } from '../store/port.ts';
import type { ViewsCache } from './views-cache.ts';

/** Where a test may stop or fail the projector, in the order in which a flush passes them. */
export type ProbePoint = 'before-save' | 'after-save' | 'after-notice' | 'before-commit' | 'after-commit';

export type Probes = { reached(point: ProbePoint): Promise<void> | void };

export type ProjectorConfig = Pick<Config, 'group' | 'flush' | 'cacheBytesMax'>;

export type Room = Patience & {
  readonly config: ProjectorConfig;
  readonly log: EventLog;
  /** Reads values that are not JSON. */
  readonly values: AvroValues;
  readonly store: ViewStore;
  readonly metrics: Metrics;
  readonly views: readonly View<unknown>[];
  readonly cache: ViewsCache;
  readonly deviceOf: DeviceOf;
  /** Go on after messages were lost, instead of stopping. */
  readonly acceptLoss: boolean;
  readonly probes: Probes;
  /** Called whenever something became durable. */
  progressed(): void;
};
