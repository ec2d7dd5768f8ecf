// Views of which the last change was told to nobody.
import { Notice } from '../../../services/core/events/changes.ts';
import { changesTopic } from '../../../services/core/topics.ts';
import type { Broker } from './broker.ts';
import type { Shelf } from './store.ts';

/** Also of a topic that was made anew or cut short since: who reads it then loads everything. */
export function untold(broker: Broker, shelf: Shelf): readonly string[] {
  const told = new Map<string, number>();
  for (const { value } of [...broker.gone(changesTopic), ...broker.all(changesTopic)]) {
    const { firmId, clientId, view, version } = Notice.parse(JSON.parse(Buffer.from(value ?? []).toString()));
    const name = `${firmId}/${clientId}/${view}`;
    told.set(name, Math.max(version, told.get(name) ?? 0));
  }
  return [...shelf.views].flatMap(([name, { version }]) =>
    told.get(name) === version ? [] : [`${name} has version ${version}, told was ${told.get(name) ?? 'none'}`],
  );
}
