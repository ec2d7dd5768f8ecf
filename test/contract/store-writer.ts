// A child process that saves without end and prints each save once it is acknowledged, until it is killed.
import { ClientId, FirmId } from '../../services/core/ids.ts';
import { openTarget } from './store-target.ts';

const clientsMax = 20;

const [target, firm] = process.argv.slice(2);
const store = openTarget(JSON.parse(target ?? ''));
const firmId = FirmId.parse(firm);
const keys = Array.from({ length: clientsMax }, (_, index) => ({
  firmId,
  clientId: ClientId.parse(`c${index}`),
  view: 'signals',
}));

async function saveWithoutEnd(): Promise<never> {
  for (let expected = 0; ; expected += 1) {
    const writes = keys.map((key) => ({ ...key, expected, bytes: Buffer.from(`v${expected + 1}`), readable: {} }));
    for (const outcome of await store.save(writes)) {
      if (outcome.kind !== 'saved') throw new Error(`a save of version ${expected + 1} was refused`);
    }
    process.stdout.write(`${expected + 1}\n`);
  }
}

void saveWithoutEnd();
