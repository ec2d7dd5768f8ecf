// A power cut, from a trace of what a process really sent to the disk: the page cache, which a kill -9 leaves, is gone.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { randomFrom } from '../model/timeline.ts';
import { cutPower, lanes } from './power/cut.ts';
import { type DiskEvent, eventsOf, straceArgs } from './power/trace.ts';

const rounds = 12;
const programMsMax = 120_000;
const chance = randomFrom(20_261_124);

const hasStrace = process.platform === 'linux' && spawnSync('strace', ['-V']).status === 0;
if (!hasStrace && process.env['CI'] === 'true') throw new Error('CI needs strace: install it.');

let folder: string;
let events: readonly DiskEvent[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalfold-power-'));
  if (!hasStrace) return;
  const traceFile = join(folder, 'trace');
  const writer = [process.execPath, join(__dirname, 'power', 'writer.ts'), folder, String(rounds)];
  const traced = run('strace', [...straceArgs(traceFile), ...writer]);
  if (traced.status !== 0) throw new Error(`the traced writer ended with ${traced.status}: ${traced.stderr}`);
  events = eventsOf(readFileSync(traceFile, 'utf8'), (file) => file.endsWith('/data.mdb'));
}, programMsMax);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(program: string, args: readonly string[]) {
  return spawnSync(program, args, { encoding: 'utf8', timeout: programMsMax });
}

/** What is found after each of the cuts; shorter when a disk could not be read. */
function readBack(cuts: readonly string[]): readonly (readonly string[])[] {
  const { stdout } = run(process.execPath, [join(__dirname, 'power', 'reader.ts'), ...cuts]);
  const lines = stdout.split('\n').slice(0, -1);
  return lines.map((line) => z.array(z.string()).parse(JSON.parse(line)));
}

/** Where there is no strace it is left out, and its name says why. */
const why = hasStrace ? '' : ' (no strace: install it, on Linux)';
(hasStrace ? test : test.skip).each([
  ['nothing of what was not synced', () => false],
  ['some pages of what was not synced', () => chance() < 0.5],
])(
  `given a power cut after any acknowledgement that leaves %s, then all that was acknowledged is there${why}`,
  (what, survives) => {
    const said = events.flatMap((event, index) => (event.kind === 'said' ? [{ index, text: event.text.trim() }] : []));
    const cuts = said.map(({ index }) => {
      const disk = join(folder, `${what.length}-${index}`);
      cutPower(events, index + 1, survives, (file) => join(disk, file.slice(folder.length)));
      return disk;
    });
    const found = readBack(cuts);
    const missing = said.flatMap((_, cut) => {
      const here = new Set(found[cut] ?? []);
      return said
        .slice(0, cut + 1)
        .filter(({ text }) => !here.has(text))
        .map(({ text }) => `cut ${cut}: ${text}`);
    });
    expect(missing).toEqual([]);
    expect(said).toHaveLength(rounds * (2 * lanes.length + 2));
  },
  programMsMax,
);
