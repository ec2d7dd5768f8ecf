// Puts events and dead letters into the log: when it resolves, all of it is durable.
import { deadLetterTopic } from '../core/topics.ts';
import type { EventLog, OutgoingMessage } from '../log/port.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Letter } from './provider-letter.ts';
import type { DraftTopic } from './providers/provider.ts';

export type OutgoingEvent = { readonly topic: DraftTopic; readonly message: OutgoingMessage };

/** Rejects when any of it may not be durable; then all of it is to be delivered again, and what is repeated counts once. */
export async function deliver(
  { log, metrics }: { readonly log: EventLog; readonly metrics: Metrics },
  events: readonly OutgoingEvent[],
  letters: readonly Letter[],
): Promise<void> {
  for (const topic of new Set(events.map((event) => event.topic))) {
    const messages = events.filter((event) => event.topic === topic).map(({ message }) => message);
    await log.append(topic, messages);
    metrics.count('signalfold_ingest_accepted_total', { topic }, messages.length);
  }
  if (letters.length === 0) return;
  await log.append(
    deadLetterTopic,
    letters.map(({ message }) => message),
  );
  for (const { source, reason } of letters) {
    metrics.count('signalfold_dead_letters_total', { topic: `sources/${source}`, reason });
  }
}
