// What a subscriber has missed: one firm's changes between two places, read from the log once.
import type { FirmId } from '../../core/ids.ts';
import { changesTopic } from '../../core/topics.ts';
import type { EventLog, LogMessage } from '../../log/port.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { behind, describeChanges, noticeOf, type Place } from '../roster/follower.ts';
import { type Change, gatheredMax, type ResetReason } from './change.ts';

/** Notices of all firms that are looked through; beyond this loading anew is quicker. */
const missedNoticesMax = 200_000;
const readMsMax = 30_000;

export type MissedParts = { readonly log: EventLog; readonly clock: Clock; readonly logger: Logger };

/** Everything from `from` up to `to`, or why it cannot be had. */
export async function readMissed(
  { log, clock, logger }: MissedParts,
  firmId: FirmId,
  from: Place,
  to: Place,
  signal: AbortSignal,
): Promise<readonly Change[] | ResetReason> {
  const topic = await describeChanges(log);
  if (topic.incarnation !== from.incarnation || topic.incarnation !== to.incarnation) return 'unusable_position';
  const next = new Map<number, number>();
  let notices = 0;
  for (const { partition, earliest, end } of topic.partitions) {
    // Of a partition that was added since, everything is new.
    const offset = from.next.get(partition) ?? 0;
    if (offset > end) return 'unusable_position';
    if (offset < earliest) return 'too_old';
    next.set(partition, offset);
    notices += Math.max(0, (to.next.get(partition) ?? 0) - offset);
  }
  if (notices === 0) return [];
  if (notices > missedNoticesMax) return 'too_much';

  const changes = new Map<string, Change>();
  const wants = { wants: (firm: string) => firm === firmId, logger };
  const over = new AbortController();
  const isThere = () => behind(next, to.next) === 0;
  const take = (messages: readonly LogMessage[]) => {
    for (const message of messages) {
      for (const { clientId, view, version } of noticeOf(message, wants)) {
        changes.set(`${clientId}\t${view}`, { clientId, view, version });
      }
      next.set(message.partition, message.offset + 1);
    }
    if (isThere() || changes.size > gatheredMax) over.abort();
  };
  const following = await log.follow(changesTopic, new Map(next), take);
  const lost = following.done.catch(() => undefined);
  await Promise.race([clock.sleep(readMsMax, AbortSignal.any([over.signal, signal])), lost]);
  await following.stop();
  if (changes.size > gatheredMax) return 'too_much';
  return isThere() ? [...changes.values()] : 'too_old';
}
