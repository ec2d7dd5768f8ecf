// Fills the disk under the embedded log, then the one under the embedded store: node test/faults/disk/main.ts [--seed N]
// [--minutes N] [--place all|log|store]. Ends with 1 when something was lost, half written, wrong, or not told.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Place, tryDisk } from './try-disk.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, minutes: { type: 'string' }, place: { type: 'string' } },
});
const say = (text: string) => process.stdout.write(`${text}\n`);
const places = ['all', 'log', 'store'] as const satisfies readonly Place[];
const wanted = places.filter((place) => values.place === undefined || values.place === place);
const until = Date.now() + Number(values.minutes ?? 0) * 60_000;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

let seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
do {
  for (const place of wanted) {
    const began = Date.now();
    const folder = mkdtempSync(join(tmpdir(), 'signalfold-disk-'));
    try {
      const { wrong, figures } = await tryDisk(place, folder, seed);
      const seconds = Math.round((Date.now() - began) / 1000);
      say(JSON.stringify({ trial: 'disk', place, seed, seconds, ...figures, wrong: wrong.length }));
      for (const fault of wrong) say(`WRONG: ${fault}`);
      if (wrong.length > 0) process.exitCode = 1;
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }
  seed += 1;
} while (Date.now() < until && process.exitCode !== 1);
// A seed again: the same with --seed.
process.exit();
