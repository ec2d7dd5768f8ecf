// A small process under supervision, for lifecycle.test.ts: the first argument says what it does.
import { systemClock } from '../../services/runtime/clock.ts';
import { superviseProcess } from '../../services/runtime/lifecycle.ts';
import { createLogger } from '../../services/runtime/logger.ts';

const scene = process.argv[2];
const lifecycle = superviseProcess(createLogger('info'), systemClock, 300);
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

lifecycle.add('store', () => say('store stopped'));
lifecycle.add('projector', async () => {
  await systemClock.sleep(20);
  say('projector stopped');
});
lifecycle.add('server', () => {
  say('server stopping');
  if (scene === 'stuck') return new Promise(() => undefined);
  if (scene === 'faulty') throw new Error('cannot stop');
  return undefined;
});
lifecycle.stopping.addEventListener('abort', () => say('stopping'));
const running = setInterval(() => undefined, 1000);
running.ref();
say('ready');
if (scene === 'throws') throw new Error('nobody catches this');
if (scene === 'rejects') void Promise.reject(new Error('nobody awaits this'));
if (scene === 'part-fails') void lifecycle.fail('projector', new Error('invariant broken'));
if (scene === 'done') void lifecycle.stop('all done');
