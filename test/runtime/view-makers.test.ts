// A view token opens what its maker's key still may read, over real HTTP.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openViewTokenKeys } from '../../services/query/view-token-keys.ts';
import { parseApiKeys } from '../../services/runtime/api-keys.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { openViewTokens } from '../../services/runtime/view-tokens.ts';
import { openEmbeddedStore } from '../../services/store/embedded.ts';
import type { ViewStore } from '../../services/store/port.ts';
import { runServer } from './server.ts';

const hash = createHash('sha256').update('a key').digest('hex');
const view = { firmId: 'firm', book: 'adv-1', clientIds: null, minutes: 10 };

let dir: string;
let store: ViewStore;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'signalfold-view-makers-'));
  store = openEmbeddedStore({ dir });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

test.each([
  ['as it was', ':name=crm', 'key:crm', 200],
  ['of this firm alone', ':name=crm:firm=firm', 'key:crm', 200],
  ['of this adviser alone', ':name=crm:firm=firm:adviser=adv-1', 'key:crm', 200],
  ['gone', ':name=other', 'key:crm', 401],
  ["another firm's", ':name=crm:firm=elsewhere', 'key:crm', 401],
  ["another adviser's", ':name=crm:firm=firm:adviser=adv-2', 'key:crm', 401],
  ['not to read any longer', ':name=crm:scopes=ingest', 'key:crm', 401],
  ['none of ours, but an issuer vouched for its maker', ':name=crm', 'somebody', 200],
])(
  'given a view token whose key is %s, when it is used, then it opens what that may read',
  async (_key, entry, maker, status) => {
    const viewTokens = openViewTokens(openViewTokenKeys(store, systemClock), systemClock);
    const { token } = await viewTokens.make({ id: maker, until: null }, view);
    const server = await runServer({
      config: { auth: { keys: parseApiKeys(hash + entry).keys, oidc: null } },
      viewTokens,
      routes: (instance) => {
        const doc = { id: 'test', summary: 'For a test', responses: {} };
        instance.get('/v1/tiles', { config: { scope: 'read', view: true, audit: null, doc } }, () => ({}));
      },
    });
    try {
      expect((await server.send('GET', '/v1/tiles', { authorization: `Bearer ${token}` })).status).toBe(status);
    } finally {
      await server.stop();
    }
  },
);
