// The documents as the service itself gives them: starts `signalfold dev` on an empty folder and asks for them.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const startMsMax = 60_000;
/** Of a key that nobody has: the document then says that callers need one. */
const anyHash = '0'.repeat(64);

/** What a running service says of itself, under these names and at these addresses. */
const documents = ['openapi.json', 'asyncapi.json'];

/** By name. Rejects with what the service said when it does not come up. */
export async function readContracts(): Promise<ReadonlyMap<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'signalfold-contract-'));
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'services', 'cli.ts'), 'dev'], {
    // Away from any configuration file of the repository.
    cwd: folder,
    env: {
      ...(PATH === undefined ? {} : { PATH }),
      ...(HOME === undefined ? {} : { HOME }),
      SIGNALFOLD_DATA_DIR: folder,
      SIGNALFOLD_PORT: '0',
      SIGNALFOLD_LOG_LEVEL: 'warn',
      SIGNALFOLD_API_KEYS: anyHash,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => resolve());
    child.on('error', () => resolve());
  });
  try {
    let said = '';
    const url = await new Promise<string>((resolve, reject) => {
      const tooLong = setTimeout(() => reject(new Error(`the service did not come up:\n${said}`)), startMsMax);
      const listen = (text: string) => {
        said += text;
        const found = /http:\/\/\S+/.exec(said)?.[0];
        if (found === undefined) return;
        clearTimeout(tooLong);
        resolve(found);
      };
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', listen);
      void ended.then(() => {
        clearTimeout(tooLong);
        reject(new Error(`the service ended:\n${said}`));
      });
    });
    const texts = new Map<string, string>();
    for (const name of documents) {
      const reply = await fetch(`${url}/${name}`);
      texts.set(name, `${JSON.stringify(await reply.json(), null, 2)}\n`);
    }
    return texts;
  } finally {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}
