// Sorts the events of a request into messages for the log and rejections, by the same rules as the projector's decode.
import { setImmediate } from 'node:timers/promises';
import { decodeValue, sizeRefusal } from '../core/decode.ts';
import { messageKey } from '../core/ids.ts';
import type { DeadLetterReason } from '../core/reasons.ts';
import type { EventTopic } from '../core/topics.ts';
import type { OutgoingMessage } from '../log/port.ts';
import type { Item } from './items.ts';

/** `index` counts the events of the request from 0. */
export type Rejection = {
  readonly index: number;
  /** `firm_unknown`: of another firm than the caller's. */
  readonly code: DeadLetterReason | 'firm_unknown';
  readonly detail: string;
};

export type Sorted = { readonly messages: readonly OutgoingMessage[]; readonly rejected: readonly Rejection[] };

/** After so many events other requests get their turn. */
const turnEvents = 256;

/**
 * `firmId`: the one firm whose events count; null: any. `now` (epoch ms) stands for the time at which the log is about to
 * append.
 */
export async function sortItems(
  topic: EventTopic,
  items: readonly Item[],
  firmId: string | null,
  now: number,
): Promise<Sorted> {
  const messages: OutgoingMessage[] = [];
  const rejected: Rejection[] = [];
  for (const [index, item] of items.entries()) {
    const outcome = check(topic, item, firmId, now);
    if ('key' in outcome) messages.push(outcome);
    else rejected.push({ index, ...outcome });
    if (index % turnEvents === turnEvents - 1) await setImmediate();
  }
  return { messages, rejected };
}

function check(
  topic: EventTopic,
  item: Item,
  firmId: string | null,
  now: number,
): OutgoingMessage | Omit<Rejection, 'index'> {
  const tooLarge = sizeRefusal(item.bytes.length);
  if (tooLarge !== null) return { code: tooLarge.reason, detail: tooLarge.detail };
  if (item.parsed === null) return { code: 'not_json', detail: 'value: must be JSON in UTF-8' };
  const decoded = decodeValue(topic, item.parsed.value, now);
  if (decoded.kind !== 'event') return { code: decoded.reason, detail: decoded.detail };
  const { event } = decoded.event;
  if (firmId !== null && event.firmId !== firmId) {
    return { code: 'firm_unknown', detail: 'firmId: there is no such firm' };
  }
  return { key: messageKey(event), value: item.bytes };
}
