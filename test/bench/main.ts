// `make bench`: measures signalfold beside its peers in one run, writes artifacts/bench/, and warns where a ratio has become
// worse than the committed baseline. Never fails for a figure.
import process from 'node:process';
import { compareWithBaseline, writeBaseline } from './baseline.ts';
import { type Ground, openGround } from './ground.ts';
import { type BenchOptions, readOptions, type SuiteName } from './options.ts';
import { joined, machineName, nothing, type Section, writeReport } from './report.ts';
import { dynamodb } from './suites/dynamodb.ts';
import { replayFromEmbedded } from './suites/embedded.ts';
import { files } from './suites/files.ts';
import { freshness } from './suites/freshness.ts';
import { growth } from './suites/growth.ts';
import { replayFromKafka } from './suites/kafka.ts';
import { lists } from './suites/lists.ts';
import { micro } from './suites/micro.ts';
import { sizes } from './suites/sizes.ts';
import { targetsOf } from './targets.ts';

const reportFolder = 'artifacts/bench';
const say = (text: string) => process.stdout.write(`${text}\n`);

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args, say);
  if (options === null) return;
  const startedAt = performance.now();
  const ground = openGround(say);
  let measured: Section;
  try {
    measured = await runSuites(ground, options);
  } finally {
    await ground.close();
  }
  const scale = options.changed ? `${options.scale}, changed by flags` : options.scale;
  const seconds = (performance.now() - startedAt) / 1000;
  const warnings = compareWithBaseline(scale, measured.ratios);
  const targets = targetsOf(measured.figures);
  const machine = { node: process.version, machine: machineName(), arguments: args };
  say(writeReport(reportFolder, { ...measured, targets, warnings, scale, seconds, ...machine }));
  say(`The report is in ${reportFolder}/bench.md and bench.json.`);
  if (options.writeBaseline) writeBaseline(scale, measured.ratios);
}

async function runSuites(ground: Ground, options: BenchOptions): Promise<Section> {
  const sections: Section[] = [];
  /** Runs a suite if it was asked for; answers null when its server is not to be had. */
  const run = async (name: SuiteName, suite: () => Promise<Section | null> | Section | null) => {
    if (!options.suites.includes(name)) return;
    say(`${name} …`);
    try {
      const section = await suite();
      if (section === null) say(`LEFT OUT: ${name}, because its server is not to be had.`);
      sections.push(section ?? nothing);
    } catch (error) {
      // What the other suites measure is not lost; but a bench that breaks ends badly.
      say(`BROKEN: ${name}: ${error instanceof Error ? error.stack : String(error)}`);
      process.exitCode = 1;
    }
  };
  await run('kafka', () => replayFromKafka(ground, options, say));
  await run('embedded', () => replayFromEmbedded(ground, options, say));
  await run('freshness', () => freshness(ground, options, say));
  await run('dynamodb', () => dynamodb(ground, options, say));
  await run('files', () => files(ground, options, say));
  await run('growth', () => growth(ground, options, say));
  await run('lists', () => lists(ground, options, say));
  await run('sizes', () => sizes());
  await run('micro', () => micro(options, say));
  return joined(sections);
}

// Ending in order takes the measured processes along; servers notice by themselves.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
await main(process.argv.slice(2));
