// Keeps the address book from the topics `client` and `portal-access`, and releases what waited for what came. A message
// counts as read once both are durable.
import { decode } from '../../core/decode.ts';
import { normaliseAddress } from '../../core/events/parts.ts';
import type { EventTopic } from '../../core/topics.ts';
import { isEventTopic } from '../../core/topics.ts';
import { readText } from '../../log/codec.ts';
import type { LogMessage } from '../../log/port.ts';
import { type ConsumeParts, consume } from '../consume.ts';
import type { Identity } from './identity.ts';
import { addressKey } from './keys.ts';

const topics = ['client', 'portal-access'] as const satisfies readonly EventTopic[];

/** Messages of different clients go on side by side; those of one client stay in order. */
const clientsAtOnce = 16;

/** Until the signal aborts. `group` is the projector's; ours has a name of its own. */
export function followClients(parts: ConsumeParts, group: string, identity: Identity): Promise<void> {
  return consume(parts, `${group}.identity`, topics, (messages) => takeClients(identity, messages));
}

export async function takeClients(identity: Identity, messages: readonly LogMessage[]): Promise<void> {
  const byClient = new Map<string, (() => Promise<void>)[]>();
  for (const message of messages) {
    const step = stepOf(identity, message);
    if (step === null) continue;
    const steps = byClient.get(step.client) ?? [];
    byClient.set(step.client, steps);
    steps.push(step.take);
  }
  const queue = [...byClient.values()];
  const work = async () => {
    for (let steps = queue.pop(); steps !== undefined; steps = queue.pop()) for (const take of steps) await take();
  };
  await Promise.all(Array.from({ length: clientsAtOnce }, work));
}

/** Null for what does not concern the book; unusable messages are the projector's to put away. */
function stepOf({ book, release }: Identity, message: LogMessage) {
  if (!isEventTopic(message.topic)) return null;
  const { value, key, appendedAt } = message;
  const text = value === null ? null : readText(value);
  const decoded = decode(message.topic, {
    value: value === null ? null : text === null ? 'not_utf8' : { text },
    sizeBytes: value?.length ?? 0,
    key: key === null ? null : readText(key),
    appendedAt,
  });
  if (decoded.kind !== 'event') return null;
  const { topic, event } = decoded.event;
  const { firmId, clientId } = event;
  const owner = { firmId, clientId };
  const client = `${firmId}/${clientId}`;
  if (topic === 'client') {
    if (event.erased === true) return { client, take: () => book.erase(owner, event) };
    const keys = event.emails.map((email) => addressKey(normaliseAddress(email)));
    const take = async () => {
      await book.takeProfile(owner, { version: event.version, updatedAt: event.updatedAt, keys });
      for (const one of keys) await release(firmId, one);
    };
    return { client, take };
  }
  if (topic !== 'portal-access') return null;
  const login = addressKey(normaliseAddress(event.email));
  const take = async () => {
    await book.takePortalLogin(owner, login, event.occurredAt);
    await release(firmId, login);
  };
  return { client, take };
}
