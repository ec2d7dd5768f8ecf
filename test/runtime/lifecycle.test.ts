import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

type Ending = { readonly code: number | null; readonly said: readonly string[]; readonly log: string };

const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

async function run(scene: string, signals: readonly NodeJS.Signals[] = []): Promise<Ending> {
  const child = spawn(process.execPath, [join(__dirname, 'lifecycle-child.ts'), scene]);
  started.push(child);
  const exited = once(child, 'close');
  let said = '';
  let log = '';
  child.stderr.on('data', (chunk) => {
    log += chunk;
  });
  const heard = (word: string) =>
    new Promise<void>((resolve) => {
      const look = () => said.includes(word) && resolve();
      child.stdout.on('data', look);
      look();
    });
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  for (const [index, signal] of signals.entries()) {
    await heard(index === 0 ? 'ready' : 'server stopping');
    child.kill(signal);
  }
  const [code] = await exited;
  return { code, said: said.trim().split('\n'), log };
}

const inOrder = ['ready', 'stopping', 'server stopping', 'projector stopped', 'store stopped'];

describe('a supervised process', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'on %s it stops its parts, last started first, and exits with 0',
    async (signal) => {
      expect(await run('calm', [signal])).toMatchObject({ code: 0, said: inOrder });
    },
  );

  test('when its work is done it stops the same way', async () => {
    expect(await run('done')).toMatchObject({ code: 0, said: inOrder });
  });

  test('a part that cannot stop does not keep the others from it; it exits with 1', async () => {
    const ending = await run('faulty', ['SIGTERM']);
    expect(ending).toMatchObject({ code: 1, said: inOrder });
    expect(ending.log).toContain('cannot stop');
  });

  test('a part that hangs is left behind at the time limit; it exits with 3', async () => {
    expect((await run('stuck', ['SIGTERM'])).code).toBe(3);
  });

  test('a second signal exits at once, with the code of the signal', async () => {
    expect(await run('stuck', ['SIGTERM', 'SIGINT'])).toMatchObject({
      code: 130,
      said: ['ready', 'stopping', 'server stopping'],
    });
  });

  test.each([
    ['throws', 'nobody catches this'],
    ['rejects', 'nobody awaits this'],
  ])(
    'an error that %s past everybody is logged, and it exits with 1 without stopping parts',
    async (scene, message) => {
      const ending = await run(scene);
      expect(ending).toMatchObject({ code: 1, said: ['ready'] });
      expect(ending.log).toContain(message);
    },
  );

  test('a part that cannot go on stops the others, and it exits with 1', async () => {
    const ending = await run('part-fails');
    expect(ending.code).toBe(1);
    expect(ending.said).toContain('store stopped');
    expect(ending.log).toContain('invariant broken');
  });
});
