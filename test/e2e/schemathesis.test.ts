// The running service against its own OpenAPI document: schemathesis makes up requests, valid and not, and looks at every
// answer. No 5xx, and nothing that the document does not say.
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HttpService, startService, untilFolded } from './service.ts';

const root = join(__dirname, '..', '..');
const folder = join(__dirname, 'schemathesis');
const requirements = join(folder, 'requirements.txt');
const seed = process.env['WALK_SEED'] ?? String(Math.floor(Math.random() * 2 ** 31));
const askSecondsMax = 45;
const installMsMax = 300_000;
const key = 'a-key-for-everything';

const hasPython = spawnSync('python3', ['-c', 'import ensurepip, venv']).status === 0;
const isLeftOut = !hasPython && process.env['CI'] !== 'true';
if (isLeftOut) {
  process.stderr.write('LEFT OUT: schemathesis; there is no Python 3 with venv here (Debian: python3-venv).\n');
}
const withSchemathesis = isLeftOut ? describe.skip : describe;

/** Runs to its end and answers what it printed; rejects with that when it fails. */
function run(program: string, args: readonly string[], timeout: number, cwd = folder): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, timeout, maxBuffer: 64 * 1024 * 1024 };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} ${args.join(' ')}: ${error.code ?? error.signal}\n${stdout}\n${stderr}`));
    });
  });
}

/** Installs the pinned packages once, into a folder that is named by them. */
async function install(): Promise<string> {
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const place = join(root, '.cache', `schemathesis-${digest}`);
  const program = join(place, 'bin', 'schemathesis');
  if (existsSync(join(place, 'complete'))) return program;
  rmSync(place, { recursive: true, force: true });
  mkdirSync(join(root, '.cache'), { recursive: true });
  await run('python3', ['-m', 'venv', place], installMsMax);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', requirements];
  await run(join(place, 'bin', 'python'), pip, installMsMax);
  mkdirSync(join(place, 'complete'));
  return program;
}

withSchemathesis('the running service', () => {
  let program: string;
  let dataDir: string;
  let service: HttpService;
  beforeAll(async () => {
    program = await install();
    dataDir = mkdtempSync(join(tmpdir(), 'signalfold-schemathesis-'));
    service = await startService('dev', {
      SIGNALFOLD_DATA_DIR: dataDir,
      SIGNALFOLD_PORT: '0',
      SIGNALFOLD_LOG_LEVEL: 'error',
      SIGNALFOLD_API_KEYS: createHash('sha256').update(key).digest('hex'),
      SIGNALFOLD_RATE_LIMIT: '0',
    });
  }, 2 * installMsMax);
  afterAll(async () => {
    await service.kill('SIGTERM');
    rmSync(dataDir, { recursive: true, force: true });
  });

  test(
    'answers every request as its description says',
    async () => {
      await fill(service);
      const report = await run(
        program,
        [
          ...['--config-file', join(folder, 'schemathesis.toml'), 'run', `${service.url}/openapi.json`],
          ...['--header', `Authorization: Bearer ${key}`],
          ...['--seed', seed, '--max-examples', '15', '--max-time', String(askSecondsMax), '--request-timeout', '20'],
          ...['--continue-on-failure', '--no-color', '--report-dir', dataDir],
        ],
        3 * askSecondsMax * 1000,
        // It leaves things behind where it runs.
        dataDir,
      );
      process.stderr.write(`schemathesis: WALK_SEED=${seed}\n${report.slice(report.indexOf('SUMMARY'))}\n`);
      expect(service.output()).not.toMatch(/"level":(50|60)/);
    },
    5 * askSecondsMax * 1000,
  );
});

/** The ids it tries first, so that it finds somebody. */
async function fill(service: HttpService): Promise<void> {
  const at = new Date(Date.now() - 3_600_000).toISOString();
  const client = { firmId: '0', clientId: '0' };
  const authorization = { authorization: `Bearer ${key}` };
  const profile = { version: 1, type: 'individual', status: 'active', emails: [], createdAt: at, updatedAt: at };
  const login = { eventId: 'e', occurredAt: at, sessionId: 's', outcome: 'success' };
  for (const [topic, event] of Object.entries({ client: profile, login })) {
    const reply = await service.send('POST', `/v1/events/${topic}`, { ...client, ...event }, authorization);
    expect(reply.status).toBe(202);
  }
  await untilFolded(service, authorization);
}
