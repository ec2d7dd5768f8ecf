// kcat, a Kafka client that is not ours: whether it is there.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Installs it from the distribution where that is possible. With CI=true it must be there. */
export async function hasKcat(): Promise<boolean> {
  const failures: unknown[] = [];
  for (const prepare of [async () => undefined, installKcat]) {
    try {
      await prepare();
      await run('kcat', ['-V']);
      return true;
    } catch (error) {
      failures.push(error);
    }
  }
  if (process.env['CI'] === 'true') throw new AggregateError(failures, 'kcat is needed and cannot be installed');
  process.stderr.write('LEFT OUT: what needs kcat, which is not installed (Debian: apt-get install kcat)\n');
  return false;
}

async function installKcat(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('only root can install kcat');
  const quietly = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: 120_000 };
  const install = () => run('apt-get', ['install', '-y', '--no-install-recommends', 'kcat'], quietly);
  await install().catch(async () => {
    await run('apt-get', ['update'], quietly);
    await install();
  });
}
