// `make bench`: measures signalfold beside its peers in one run, writes artifacts/bench/, and warns where a ratio has become
// worse than the committed baseline. Never fails for a figure.
import process from 'node:process';
import { compareWithBaseline, writeBaseline } from './baseline.ts';
import { type Ground, openGround } from './ground.ts';
import { type BenchOptions, readOptions, type SuiteName } from './options.ts';
import { joined, machineName, nothing, type Section, writeReport } from './report.ts';
import { dynamodb } from './suites/dynamodb.ts';
import { files } from './suites/files.ts';
import { freshness } from './suites/freshness.ts';
import { micro } from './suites/micro.ts';
import { replayFromEmbedded, replayFromKafka } from './suites/replay.ts';
import { sizes } from './suites/sizes.ts';

const reportFolder = 'artifacts/bench';
const say = (text: string) => process.stdout.write(`${text}\n`);

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (options === null) return;
  const startedAt = performance.now();
  const ground = openGround(say);
  let measured: Section;
  try {
    measured = await runSuites(ground, options);
  } finally {
    await ground.close();
  }
  const warnings = compareWithBaseline(measured.ratios);
  const seconds = (performance.now() - startedAt) / 1000;
  const report = { ...measured, node: process.version, machine: machineName(), arguments: args, seconds };
  say(writeReport(reportFolder, report, warnings));
  say(`The report is in ${reportFolder}/bench.md and bench.json.`);
  if (options.writeBaseline) writeBaseline(measured.ratios);
}

async function runSuites(ground: Ground, options: BenchOptions): Promise<Section> {
  const sections: Section[] = [];
  /** Runs a suite if it was asked for; null when it was not, or when its server is not to be had. */
  const run = async <Found extends Section>(name: SuiteName, suite: () => Promise<Found | null> | Found | null) => {
    if (!options.suites.includes(name)) return null;
    say(`${name} …`);
    const section = await suite();
    if (section === null) say(`LEFT OUT: ${name}, because its server is not to be had.`);
    sections.push(section ?? nothing);
    return section;
  };
  await run('kafka', () => replayFromKafka(ground, options, say));
  await run('embedded', () => replayFromEmbedded(ground, options, say));

  await run('freshness', () => freshness(ground, options, say));
  await run('dynamodb', () => dynamodb(ground, options, say));
  await run('sizes', () => sizes());
  await run('micro', () => micro(options, say));
  await run('files', () => files(ground, options, say));
  return joined(sections);
}

await main(process.argv.slice(2));
