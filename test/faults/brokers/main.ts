// Puts the Kafka clients on trial: node test/faults/brokers/main.ts [--kills 25] [--rolls 2] [--stops 4] [--storm-s 60]
// [--session-ms 9000] [--seed N] [--senders ours,platformatic-one] [--no-speed]. Ends with 1 when ours lost or missed a message.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tablesOf } from './figures.ts';
import { senderNames } from './senders.ts';
import { runTrial } from './trial.ts';

const artifacts = join(import.meta.dirname, '..', '..', '..', 'artifacts');
const say = (text: string) => process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '25' },
    rolls: { type: 'string', default: '2' },
    stops: { type: 'string', default: '4' },
    'storm-s': { type: 'string', default: '60' },
    'session-ms': { type: 'string', default: '9000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    'no-speed': { type: 'boolean', default: false },
    senders: { type: 'string', default: senderNames.join(',') },
  },
});

say(`seed ${values.seed}`);
const outcome = await runTrial({
  seed: Number(values.seed),
  senders: values.senders.split(','),
  kills: Number(values.kills),
  rolls: Number(values.rolls),
  stops: Number(values.stops),
  stormMs: Number(values['storm-s']) * 1_000,
  sessionMs: Number(values['session-ms']),
  speed: !values['no-speed'],
  say,
});
mkdirSync(artifacts, { recursive: true });
const file = join(artifacts, 'brokers.json');
writeFileSync(file, JSON.stringify(outcome));
process.stdout.write(`\n${tablesOf(outcome)}\n\nAll of it is in ${file}\n`);

const ourSender = outcome.senders.find(({ member }) => member.role.name === 'ours');
const ourReader = outcome.readers.find(({ name }) => name === 'ours');
const wrong =
  (ourSender?.comparison.lost.length ?? 1) + (ourReader?.missed ?? 1) + (ourReader?.commitsBack.length ?? 1);
if (wrong > 0) process.exitCode = 1;
