// Sorts the events of a request into messages for the log and rejections, by the same rules as the projector's decode.
import { setImmediate } from 'node:timers/promises';
import { decodeValue, sizeRefusal } from '../core/decode.ts';
import { messageKey } from '../core/ids.ts';
import type { DeadLetterReason } from '../core/reasons.ts';
import type { EventTopic } from '../core/topics.ts';
import type { OutgoingMessage } from '../log/port.ts';
import type { Principal } from '../runtime/principal.ts';
import type { Item } from './items.ts';

/** `index` counts the events of the request from 0. */
export type Rejection = {
  readonly index: number;
  /** `firm_unknown`: of another firm than the sender's. `forbidden`: the sender may not erase. */
  readonly code: DeadLetterReason | 'firm_unknown' | 'forbidden';
  readonly detail: string;
};

export type Sorted = {
  readonly messages: readonly OutgoingMessage[];
  /** How many of the messages erase a client. */
  readonly erasures: number;
  readonly rejected: readonly Rejection[];
};

export type Sender = Pick<Principal, 'firmId' | 'scopes'>;

/** After so many events other requests get their turn. */
const turnEvents = 256;

/** `now` (epoch ms) stands for the time at which the log is about to append. */
export async function sortItems(
  topic: EventTopic,
  items: readonly Item[],
  sender: Sender,
  now: number,
): Promise<Sorted> {
  const messages: OutgoingMessage[] = [];
  let erasures = 0;
  const rejected: Rejection[] = [];
  for (const [index, item] of items.entries()) {
    const outcome = check(topic, item, sender, now);
    if ('message' in outcome) {
      messages.push(outcome.message);
      if (outcome.erases) erasures += 1;
    } else {
      rejected.push({ index, ...outcome });
    }
    if (index % turnEvents === turnEvents - 1) await setImmediate();
  }
  return { messages, erasures, rejected };
}

function check(
  topic: EventTopic,
  item: Item,
  sender: Sender,
  now: number,
): { readonly message: OutgoingMessage; readonly erases: boolean } | Omit<Rejection, 'index'> {
  const tooLarge = sizeRefusal(item.bytes.length);
  if (tooLarge !== null) return { code: tooLarge.reason, detail: tooLarge.detail };
  if (item.parsed === null) return { code: 'not_json', detail: 'value: must be JSON in UTF-8' };
  const decoded = decodeValue(topic, item.parsed.value, now);
  if (decoded.kind !== 'event') return { code: decoded.reason, detail: decoded.detail };
  const { event } = decoded;
  if (sender.firmId !== null && event.event.firmId !== sender.firmId) {
    return { code: 'firm_unknown', detail: 'firmId: there is no such firm' };
  }
  const erases = event.topic === 'client' && event.event.erased === true;
  if (erases && !sender.scopes.has('erase')) {
    return { code: 'forbidden', detail: 'erased: this needs the scope "erase" as well' };
  }
  return { message: { key: messageKey(event.event), value: item.bytes }, erases };
}
