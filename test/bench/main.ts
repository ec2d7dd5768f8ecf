// `make bench`: measures signalfold beside its peers in one run, writes artifacts/bench/, and warns where a ratio has become
// worse than the committed baseline. Never fails for a figure.
import process from 'node:process';
import { openGround } from './ground.ts';
import { readOptions } from './options.ts';
import { joined, machineName, type Section, writeReport } from './report.ts';
import { replayFromEmbedded, replayFromKafka } from './suites/replay.ts';

const reportFolder = 'artifacts/bench';
const say = (text: string) => process.stdout.write(`${text}\n`);

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (options === null) return;
  const startedAt = performance.now();
  const ground = openGround(say);
  const sections: Section[] = [];
  try {
    const kafka = await replayFromKafka(ground, options, say);
    if (kafka !== null) sections.push(kafka);
    sections.push(await replayFromEmbedded(ground, options, say));
  } finally {
    await ground.close();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const report = { ...joined(sections), node: process.version, machine: machineName(), arguments: args, seconds };
  say(writeReport(reportFolder, report, []));
}

await main(process.argv.slice(2));
