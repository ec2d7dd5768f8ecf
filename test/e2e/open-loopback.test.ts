// Starting without keys and tokens: on loopback it is open and says how to change that, anywhere else it does not start.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cli, startService, until } from './service.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'signalfold-open-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('on loopback nobody is asked who they are, how to ask for it is told, and the audit log is kept', async () => {
  const service = await startService('dev', { SIGNALFOLD_DATA_DIR: dir, SIGNALFOLD_PORT: '0' });
  await until(
    async () => /no key.*SIGNALFOLD_API_KEYS.*SIGNALFOLD_OIDC_ISSUER/s.test(service.output()),
    10_000,
    service.output,
  );
  expect((await service.send('GET', '/v1/firms/firm-1/clients')).status).toBe(200);
  await service.kill('SIGTERM');
  const lines = readFileSync(join(dir, 'audit.log'), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ audit: 'list.read', principal: 'everybody' }]);
});

test('where the audit log is standard output, its lines are among the others', async () => {
  const settings = { SIGNALFOLD_DATA_DIR: dir, SIGNALFOLD_PORT: '0', SIGNALFOLD_AUDIT_LOG: 'stdout' };
  const service = await startService('dev', settings);
  await service.send('GET', '/v1/firms/firm-1/clients/client-1');
  expect(await service.kill('SIGTERM')).toMatchObject({ code: 0 });
  expect(service.output()).toMatch(/^\{"time":"[^"]+","audit":"card.read","principal":"everybody".*"status":404.*\}$/m);
  expect(existsSync(join(dir, 'audit.log'))).toBe(false);
});

test.each(['0.0.0.0', '::', 'example.org'])('on %s it does not start, and says what to set', (host) => {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, SIGNALFOLD_DATA_DIR: dir, SIGNALFOLD_HOST: host, SIGNALFOLD_PORT: '0' };
  const ended = spawnSync(process.execPath, [cli, 'dev'], { cwd: dir, env, encoding: 'utf8', timeout: 60_000 });
  expect(ended.status).toBe(2);
  expect(ended.stderr).toMatch(/SIGNALFOLD_HOST: .*SIGNALFOLD_API_KEYS or SIGNALFOLD_OIDC_ISSUER/);
  expect(existsSync(join(dir, 'audit.log'))).toBe(false);
});
