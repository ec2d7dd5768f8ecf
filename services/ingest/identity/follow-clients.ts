// Keeps the address book from the topics `client` and `portal-access`, and releases what waited for what came. A message
// counts as read once both are durable.
import type { Decoded } from '../../core/decode.ts';
import { normaliseAddress } from '../../core/events/parts.ts';
import type { PortalAccess } from '../../core/events/portal-access.ts';
import type { EventTopic } from '../../core/topics.ts';
import { decodeMessage } from '../../log/avro/decode-message.ts';
import type { AvroValues } from '../../log/avro/values.ts';
import type { LogMessage } from '../../log/port.ts';
import { type ConsumeParts, consume } from '../consume.ts';
import type { PortalNote } from './address-book.ts';
import type { Identity } from './identity.ts';
import { addressKey } from './keys.ts';

export const followedTopics = ['client', 'portal-access'] as const satisfies readonly EventTopic[];

/** Messages of different clients go on side by side; those of one client stay in order. */
const clientsAtOnce = 16;

/** The projector's group has a name, and ours one of its own. */
export function followerGroup(group: string): string {
  return `${group}.identity`;
}

/** Until the signal aborts. `group` is the projector's. */
export function followClients(
  parts: ConsumeParts & { readonly values: AvroValues },
  group: string,
  identity: Identity,
): Promise<void> {
  return consume(parts, followerGroup(group), followedTopics, (messages) =>
    takeClients(identity, messages, parts.values),
  );
}

export async function takeClients(
  identity: Identity,
  messages: readonly LogMessage[],
  values: AvroValues,
): Promise<void> {
  const byClient = new Map<string, (() => Promise<void>)[]>();
  for (const message of messages) {
    const step = stepOf(identity, await decoded(message, values));
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

/** Asks the registry for schemas that are not known yet. */
async function decoded(message: LogMessage, values: AvroValues): Promise<Decoded> {
  for (;;) {
    const read = decodeMessage(message, values);
    if (read.kind !== 'needs') return read;
    await values.fetch(read.need);
  }
}

/** Null for what does not concern the book; unusable messages are the projector's to put away. */
function stepOf({ book, release }: Identity, read: Decoded) {
  if (read.kind !== 'event') return null;
  const { topic, event } = read.event;
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
    await book.takePortalLogin(owner, login, { occurredAt: event.occurredAt, decides: decisionOf(event.change) });
    await release(firmId, login);
  };
  return { client, take };
}

/** The other changes move a portal login on, and neither give nor take it. */
function decisionOf(change: PortalAccess['change']): PortalNote['decides'] {
  if (change === 'revoked') return 'revoked';
  return change === 'granted' || change === 'invited' ? 'granted' : null;
}
