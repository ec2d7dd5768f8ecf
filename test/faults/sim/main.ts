// Runs simulations by the seed: node test/faults/sim/main.ts [--seeds N] [--from SEED] [--jobs N], or one of them again:
// --seed SEED [--clients N] [--without crash,stop]. Ends with 1 when something was wrong, and says how to repeat it.
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type FaultKind, faultKinds, type Outcome, type Play, play } from './play.ts';

const clientsPreset = 3;
const say = (text: string) => process.stdout.write(`${text}\n`);

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    seed: { type: 'string' },
    clients: { type: 'string', default: String(clientsPreset) },
    without: { type: 'string', default: '' },
  },
});

type Figures = {
  plays: number;
  messages: number;
  clients: number;
  saves: number;
  conflicts: number;
  happened: number;
  readonly faults: Record<string, number>;
};

const jobs = Number(values.jobs);
if (values.seed !== undefined) await repeat();
else if (jobs > 1) await share(jobs);
else await runAll();

/** One play, told in full. */
async function repeat(): Promise<void> {
  const outcome = await play({
    seed: Number(values.seed),
    clients: Number(values.clients),
    without: withoutOf(values.without),
  });
  for (const fault of outcome.wrong) say(fault);
  say(JSON.stringify({ ...outcome, faults: Object.fromEntries(outcome.faults), wrong: outcome.wrong.length }));
  if (outcome.wrong.length > 0) process.exitCode = 1;
  // Processes of the simulation that died wait for ever for what they asked.
  process.exit();
}

async function runAll(): Promise<void> {
  // Faults by the thousand: where each came from is seen when the play is repeated.
  Error.stackTraceLimit = 0;
  const figures: Figures = { plays: 0, messages: 0, clients: 0, saves: 0, conflicts: 0, happened: 0, faults: {} };
  const [from, seeds] = [Number(values.from), Number(values.seeds)];
  for (let seed = from; seed < from + seeds; seed += 1) {
    const one = { seed, clients: clientsPreset, without: [] };
    const outcome = await play(one);
    add(figures, outcome);
    if (outcome.wrong.length === 0) continue;
    process.exitCode = 1;
    await tellShortest(one, outcome);
    break;
  }
  say(JSON.stringify(figures));
  process.exit();
}

function add(figures: Figures, outcome: Outcome): void {
  figures.plays += 1;
  figures.messages += outcome.messages;
  figures.clients += outcome.clients;
  figures.saves += outcome.saves;
  figures.conflicts += outcome.conflicts;
  figures.happened += outcome.happened;
  for (const [kind, count] of outcome.faults) figures.faults[kind] = (figures.faults[kind] ?? 0) + count;
}

/** Leaves out of a failing play whatever it fails without: clients first, then kinds of faults. */
async function tellShortest(failing: Play, outcome: Outcome): Promise<void> {
  let shortest = failing;
  let last = outcome;
  const tryPlay = async (candidate: Play) => {
    const again = await play(candidate);
    if (again.wrong.length === 0) return;
    shortest = candidate;
    last = again;
  };
  for (let clients = 1; clients < shortest.clients; clients += 1) await tryPlay({ ...shortest, clients });
  for (const kind of faultKinds) await tryPlay({ ...shortest, without: [...shortest.without, kind] });
  say(`Seed ${failing.seed} went wrong:`);
  for (const fault of last.wrong.slice(0, 5)) say(`  ${fault.slice(0, 2_000)}`);
  const { seed, clients, without } = shortest;
  say(`Repeat it: node test/faults/sim/main.ts --seed ${seed} --clients ${clients} --without ${without.join(',')}`);
}

/** Side by side in as many programs; the figures are summed. */
async function share(count: number): Promise<void> {
  const each = Math.ceil(Number(values.seeds) / count);
  const runs = Array.from({ length: count }, (_, index) => {
    const from = Number(values.from) + index * each;
    const args = [fileURLToPath(import.meta.url), '--jobs', '1', '--seeds', String(each), '--from', String(from)];
    return new Promise<string>((resolve) => {
      execFile(process.execPath, args, { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
        if (error !== null) process.exitCode = 1;
        resolve(stdout + stderr);
      });
    });
  });
  for (const output of await Promise.all(runs)) process.stdout.write(output);
}

function withoutOf(text: string): readonly FaultKind[] {
  return faultKinds.filter((kind) => text.split(',').includes(kind));
}
