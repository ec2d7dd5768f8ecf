// Makes a firm with views, as exports and cards read them: a profile, portal access, and some 60 signals each.
import { Checkpoint } from '../../../services/core/checkpoint.ts';
import { decodeValue } from '../../../services/core/decode.ts';
import { ClientId, FirmId } from '../../../services/core/ids.ts';
import type { CanonicalEvent, EventTopic } from '../../../services/core/topics.ts';
import { seal } from '../../../services/core/view.ts';
import { seededRandom } from '../../../services/demo/random.ts';
import { openDeviceOf } from '../../../services/projector/device-of.ts';
import { views } from '../../../services/projector/main.ts';
import type { ViewWrite } from '../../../services/store/port.ts';
import { openStoreAt, type StorePlace } from '../places.ts';
import { historyEnd, userAgents } from '../workload.ts';
import { readArgs, startWatch, tell } from './child.ts';

export type ViewsArgs = { readonly store: StorePlace; readonly firmId: string; readonly clients: number };

const saveClients = 1_000;
const yearMs = 365 * 24 * 60 * 60_000;

const args = readArgs<ViewsArgs>();
const firmId = FirmId.parse(args.firmId);
const store = openStoreAt(args.store);
const deviceOf = openDeviceOf();
const random = seededRandom(3);

function eventsOf(clientId: ClientId, index: number): CanonicalEvent[] {
  const events: CanonicalEvent[] = [];
  const add = (topic: EventTopic, fields: object) => {
    const decoded = decodeValue(topic, { firmId, clientId, ...fields }, historyEnd);
    if (decoded.kind !== 'event') throw new Error(decoded.detail);
    events.push(decoded.event);
  };
  const head = (at: number) => ({ eventId: `e-${events.length}`, occurredAt: new Date(at).toISOString() });
  const email = `${clientId}@mail.example`;
  const at = new Date(historyEnd - yearMs).toISOString();
  add('client', {
    version: 1,
    firstName: `First ${index % 977}`,
    lastName: `Last ${index % 1_009}`,
    type: 'individual',
    status: 'active',
    adviser: { id: `a-${index % 20}`, name: `Adviser ${index % 20}` },
    emails: [email],
    createdAt: at,
    updatedAt: at,
  });
  add('portal-access', { ...head(historyEnd - yearMs), email, change: 'granted' });
  for (let login = 0; login < 30; login += 1) {
    const sessionId = `s-${login}`;
    const userAgent = random.pick(userAgents);
    add('login', { ...head(historyEnd - random.whole(0, yearMs)), sessionId, outcome: 'success', userAgent });
  }
  for (let mail = 0; mail < 30; mail += 1) {
    add('email', { ...head(historyEnd - random.whole(0, yearMs)), messageId: `m-${mail}`, status: 'sent' });
  }
  return events;
}

function writesOf(index: number): ViewWrite[] {
  const clientId = ClientId.parse(`client-${String(index).padStart(7, '0')}`);
  const events = eventsOf(clientId, index);
  return views.map((view) => {
    const state = view.empty();
    for (const event of events) if (view.concerns(event)) view.fold(state, event, deviceOf);
    const bytes = seal(new Checkpoint(), view.encode(state));
    return { firmId, clientId, view: view.name, expected: 0, bytes, readable: {} };
  });
}

const watch = startWatch();
await store.noteFirms([{ firmId, dataSince: historyEnd - yearMs }]);
for (let start = 0; start < args.clients; start += saveClients) {
  const clients = Math.min(saveClients, args.clients - start);
  await store.save(Array.from({ length: clients }, (_, index) => writesOf(start + index)).flat());
}
const figures = watch(args.clients);
await store.close();
tell(figures);
