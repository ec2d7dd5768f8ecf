// `signalfold doctor` on the issuer of tokens, a real one on loopback.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { doctor } from '../../services/cli/doctor.ts';
import { sayTo } from '../../services/cli/say.ts';
import { systemClock as clock } from '../../services/runtime/clock.ts';
import { loadConfig } from '../../services/runtime/config.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { type Issuer, openIssuer } from '../runtime/issuer.ts';

let dir: string;
let issuer: Issuer;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'signalfold-doctor-'));
  issuer = await openIssuer();
});
afterEach(async () => {
  await issuer.close();
  rmSync(dir, { recursive: true, force: true });
});

async function said(environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const oidc = { SIGNALFOLD_OIDC_ISSUER: issuer.url, SIGNALFOLD_OIDC_AUDIENCE: 'signalfold' };
  const config = loadConfig({ SIGNALFOLD_DATA_DIR: dir, ...oidc, ...environment }, dir);
  let text = '';
  const say = sayTo({ write: (line: string) => (text += line) }, false);
  await doctor({ config, clock, logger: createLogger('silent') }, true, say);
  return text;
}

test('given an issuer with keys, all is well', async () => {
  await issuer.addKey('one');
  await issuer.addKey('two');
  expect(await said()).toMatch(/ok {4}token issuer http:\S+, 2 keys\nAll is well/);
});

test('given an issuer without keys, it says so', async () => {
  expect(await said()).toMatch(/MEND {2}token issuer http:\S+, 0 keys\n.*publish/);
});

test('given an issuer that is down, it names the settings to look at', async () => {
  issuer.isDown = true;
  expect(await said()).toMatch(/MEND {2}token issuer \S+\n.* 503\. Check SIGNALFOLD_OIDC_ISSUER/);
});

test('given an issuer that calls itself otherwise, it tells how', async () => {
  expect(await said({ SIGNALFOLD_OIDC_ISSUER: `${issuer.url}/` })).toContain(`is of another issuer: ${issuer.url}`);
});
