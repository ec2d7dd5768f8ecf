// Maps one body as if it had just arrived, and takes out what a test is about.
import { type CanonicalEvent, eventSchemas } from '../../../services/core/topics.ts';
import type { Arrival, Draft, Mapped, Provider } from '../../../services/ingest/providers/provider.ts';
import { type Moment, type Sample, somebody } from '../../../services/ingest/samples/sample.ts';

export const moment: Moment = {
  now: Date.UTC(2026, 2, 1, 9, 30, 0, 250),
  serial: '0123456789abcdef0123456789abcdef',
  person: somebody,
};
export const arrivedAt = moment.now + 1500;

export function map(provider: Provider, body: unknown, given: Partial<Arrival> = {}): readonly Mapped[] {
  return provider.map({ body, headers: {}, arrivedAt, zone: 'UTC', ...given });
}

/** The body of a sample, as it is after its way through JSON. */
export function bodyOf(samples: readonly Sample[], name: string): Record<string, unknown> {
  const sample = samples.find((one) => one.name === name);
  if (sample === undefined) throw new Error(`there is no sample ${name}`);
  return JSON.parse(JSON.stringify(sample.body(moment)));
}

/** A copy of `body` with `value` at a dotted path; numbers in it are places in arrays. Undefined takes the member away. */
export function having(body: Record<string, unknown>, path: string, value: unknown): Record<string, unknown> {
  const copy: Record<string, unknown> = structuredClone(body);
  let at: Record<string, unknown> = copy;
  const names = path.split('/');
  const last = names.pop() ?? '';
  for (const name of names) {
    const next = at[name];
    if (typeof next !== 'object' || next === null) throw new Error(`there is no ${path}`);
    at = next as Record<string, unknown>;
  }
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

export type MappedEvent = Extract<Mapped, { kind: 'event' }>;

/** The one event a body became. Fails when it became anything else. */
export function eventOf(mapped: readonly Mapped[]): MappedEvent {
  const [only] = mapped;
  if (mapped.length !== 1 || only?.kind !== 'event') throw new Error(`no one event: ${JSON.stringify(mapped)}`);
  return only;
}

/** What a draft is once it is known whose it is; throws where its topic's schema does not take it. */
export function canonical(draft: Draft): CanonicalEvent {
  const event = eventSchemas[draft.topic].parse({ ...draft.event, firmId: 'firm-1', clientId: 'client-1' });
  return { topic: draft.topic, event } as CanonicalEvent;
}
