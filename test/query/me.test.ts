// Who calls, and which firms that is about: an owner, an adviser, keys, and the open loopback.

import { createHash } from 'node:crypto';
import { FirmId } from '../../services/core/ids.ts';
import { labels } from '../../services/core/labels.ts';
import { registerMe } from '../../services/query/me.ts';
import { FirmsWire, MeWire } from '../../services/query/wire/me.ts';
import { parseApiKeys } from '../../services/runtime/api-keys.ts';
import type { AuthConfig } from '../../services/runtime/config-auth.ts';
import { scopes } from '../../services/runtime/principal.ts';
import { openStage, type Stage } from '../projector/stage.ts';
import { type RunningServer, runServer } from '../runtime/server.ts';

const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
const entries = [
  `${hashOf('everything')}:name=all`,
  `${hashOf('of-one')}:name=one:firm=firm-b:scopes=read`,
  `${hashOf('of-adviser')}:name=adviser:firm=firm-b:adviser=adv-1`,
  `${hashOf('of-nothing-yet')}:firm=firm-z`,
];
const auth: AuthConfig = { keys: parseApiKeys(entries.join(',')).keys, oidc: null };

let stage: Stage;
let asked: RunningServer;
let open: RunningServer;
beforeAll(async () => {
  stage = await openStage();
  const { store } = stage;
  const routes = (fastify: Parameters<typeof registerMe>[0]) => registerMe(fastify, { store });
  asked = await runServer({ config: { auth }, routes });
  open = await runServer({ routes });
  await store.noteFirms([{ firmId: FirmId.parse('firm-b'), dataSince: Date.parse('2026-01-02T03:04:05Z') }]);
  await store.saveSettings(FirmId.parse('firm-a'), 0, JSON.stringify({ timeZone: 'Europe/London', goLiveAt: null }));
});
afterAll(async () => {
  await asked.stop();
  await open.stop();
  await stage.close();
});

const get = async (path: string, key: string) =>
  JSON.parse((await asked.send('GET', path, { authorization: `Bearer ${key}` })).text);
const firmsOf = async (key: string) => FirmsWire.parse(await get('/v1/firms', key)).items.map(({ firmId }) => firmId);

test('on an open loopback one is everybody, and may do everything', async () => {
  const me = MeWire.parse(JSON.parse((await open.send('GET', '/v1/me')).text));
  expect(me).toEqual({
    ...{ name: 'everybody', isOpen: true, role: null, firmId: null, adviserId: null, until: null },
    scopes: [...scopes],
  });
});

test('a key says its name, its firm, its adviser and its scopes, and that it was asked for', async () => {
  expect(MeWire.parse(await get('/v1/me', 'of-adviser'))).toEqual({
    ...{ name: 'key:adviser', isOpen: false, role: null, firmId: 'firm-b', adviserId: 'adv-1', until: null },
    scopes: ['read', 'export'],
  });
});

test('whoever is of one firm hears of that firm alone, others of all, in order', async () => {
  expect(await firmsOf('everything')).toEqual(['firm-a', 'firm-b']);
  expect(await firmsOf('of-one')).toEqual(['firm-b']);
  expect(await firmsOf('of-adviser')).toEqual(['firm-b']);
  expect(await firmsOf('of-nothing-yet')).toEqual([]);
});

test('a firm comes with since when there is something of it, all its settings, and the words for codes', async () => {
  const { items, labels: words } = FirmsWire.parse(await get('/v1/firms', 'everything'));
  expect(items[0]).toMatchObject({ dataSince: null, settings: { timeZone: 'Europe/London', greenDays: 14 } });
  expect(items[1]).toMatchObject({ dataSince: '2026-01-02T03:04:05.000Z', settings: { timeZone: 'UTC' } });
  expect(words).toEqual(labels);
});
