// Messages that retention deleted before we read them: told, counted, and a reason to stop unless accepted.
import type { Loss } from '../log/port.ts';
import { OperatingError } from '../runtime/errors.ts';
import type { Room } from './room.ts';

/** Throws messages_lost, unless the room accepts losses. */
export function tellLosses({ acceptLoss, logger, metrics }: Room, losses: readonly Loss[]): void {
  if (losses.length === 0) return;
  for (const loss of losses) {
    metrics.count('signalfold_lost_messages_total', { topic: loss.topic }, loss.to - loss.from);
    logger.error(loss, `Retention deleted messages before they were read: ${wordsOf(loss)}.`);
  }
  if (acceptLoss) return;
  throw new OperatingError(
    'messages_lost',
    `Retention deleted messages before they were read: ${losses.map(wordsOf).join('; ')}. The views lack what they ` +
      'said. Produce those events again (repeats do no harm) or go on without them: start with --accept-loss.',
  );
}

function wordsOf({ topic, partition, from, to }: Loss): string {
  return `topic ${topic}, partition ${partition}, offsets ${from} to ${to - 1}`;
}
