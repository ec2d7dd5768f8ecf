// Tells subscribers which views changed: topic `changes`, names and versions only.
import { messageKey } from '../core/ids.ts';
import { changesTopic } from '../core/topics.ts';
import { encodeJson } from '../log/codec.ts';
import { untilDone } from '../runtime/retry.ts';
import type { Room } from './room.ts';
import type { Changed } from './save.ts';

/** Resolves when the notices are durable. A repeated notice does no harm: it names a version that stands already. */
export async function notify(room: Room, changed: readonly Changed[]): Promise<void> {
  if (changed.length === 0) return;
  const messages = changed.map(({ client: { firmId, clientId }, view, version }) => ({
    key: messageKey({ firmId, clientId }),
    value: encodeJson({ firmId, clientId, view, version }),
  }));
  await untilDone(room, 'tell what changed', () => room.log.append(changesTopic, messages));
}
