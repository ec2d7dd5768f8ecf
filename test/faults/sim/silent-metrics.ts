// Metrics that nobody reads.
import type { Metrics } from '../../../services/runtime/metrics.ts';

export const silent: Metrics = {
  count: () => undefined,
  set: () => undefined,
  observe: () => undefined,
  read: async () => [],
  text: async () => '',
  contentType: 'text/plain',
};
