// Reads topics as a member of a consumer group: takes what comes, and commits it once what became of it is durable.
import type { EventLog, LogMessage, LogReader, Loss, Position } from '../log/port.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { Interrupted, type Patience, untilDone } from '../runtime/retry.ts';

export type ConsumeParts = Patience & { readonly log: EventLog; readonly metrics: Metrics };

const pollMessagesMax = 500;
const idleWaitMs = 1_000;

/**
 * Until the signal aborts. `take` resolves when everything is durable; a retryable fault of it has it called again with
 * the same messages, any other ends the reading. What is not committed is delivered again.
 */
export async function consume(
  parts: ConsumeParts,
  group: string,
  topics: readonly string[],
  take: (messages: readonly LogMessage[]) => Promise<void>,
): Promise<void> {
  const { signal } = parts;
  let reader: LogReader | null = null;
  try {
    const joined = await untilDone(parts, 'join the group', () => parts.log.join(group, topics));
    reader = joined;
    while (!signal.aborted) {
      const { messages, losses } = await untilDone(parts, 'poll', () => joined.poll(idleWaitMs, pollMessagesMax));
      for (const loss of losses) tellLoss(parts, loss);
      if (messages.length === 0) continue;
      await untilDone(parts, 'take messages', () => take(messages));
      await untilDone(parts, 'commit', () => joined.commit(nextPositions(messages)));
    }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  } finally {
    await reader?.close();
  }
}

/** Nothing here can bring them back, and the rest must not wait for it. */
function tellLoss({ logger, metrics }: ConsumeParts, { topic, partition, from, to }: Loss): void {
  metrics.count('signalfold_lost_messages_total', { topic }, to - from);
  logger.error(
    { code: 'messages_lost', topic, partition, from, to },
    'Retention deleted messages before they were read.',
  );
}

function nextPositions(messages: readonly LogMessage[]): readonly Position[] {
  const newest = new Map<string, Position>();
  for (const { topic, incarnation, partition, offset } of messages) {
    newest.set(`${topic}\t${incarnation}\t${partition}`, { topic, incarnation, partition, offset: offset + 1 });
  }
  return [...newest.values()];
}
