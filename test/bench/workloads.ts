// The workloads that are measured, by name. Each is a history of 400 days; they differ in who acts, and in what comes twice,
// late, or from a colleague.
import { uniformReplay, type Workload } from './workload.ts';

const many = 1_000_000;

const shapes = {
  uniform: {},
  'zipf-0.8': { zipf: 0.8 },
  'zipf-1.1': { zipf: 1.1 },
  sessions: { silentShare: 0.7 },
  disorder: { repeatedShare: 0.1, lateShare: 0.3 },
  impersonation: { impersonatedShare: 0.2 },
  'uniform-1m': { clients: many },
  'zipf-0.8-1m': { zipf: 0.8, clients: many },
  'zipf-1.1-1m': { zipf: 1.1, clients: many },
} as const satisfies Record<string, Partial<Workload>>;

export type WorkloadName = keyof typeof shapes;

export const workloadNames: readonly WorkloadName[] = [
  'uniform',
  'zipf-0.8',
  'zipf-1.1',
  'sessions',
  'disorder',
  'impersonation',
  'uniform-1m',
  'zipf-0.8-1m',
  'zipf-1.1-1m',
];

export function workloadNamed(name: WorkloadName, events: number): Workload {
  return { ...uniformReplay, ...shapes[name], events };
}

/** In words, for a report. */
export function wordsOf({ events, clients, zipf, silentShare, impersonatedShare, repeatedShare, lateShare }: Workload) {
  const percent = (share: number, what: string) => (share === 0 ? [] : [`${Math.round(share * 100)} % ${what}`]);
  return [
    `${events.toLocaleString('en')} events over ${clients.toLocaleString('en')} clients`,
    zipf === 0 ? 'uniform' : `zipf ${zipf}`,
    ...percent(silentShare, 'silent sign-ons'),
    ...percent(impersonatedShare, 'impersonated'),
    ...percent(repeatedShare, 'repeated'),
    ...percent(lateShare, 'late'),
  ].join(', ');
}
