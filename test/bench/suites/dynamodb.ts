// Kafka into DynamoDB Local, behind a meter: our CPU, requests and write units an event, live and in a replay, beside the
// naive consumer. The emulator's own speed is not DynamoDB's, so events per second are told but stand for nothing.
import path from 'node:path';
import { createTable } from '../../../services/store/dynamodb-table.ts';
import type { Bill } from '../bill.ts';
import type { Ground } from '../ground.ts';
import { type Figures, perCpuSecond, perSecond, spreadOf, startChild } from '../measure.ts';
import type { MeterArgs } from '../measured/meter.ts';
import type { ProjectArgs } from '../measured/project.ts';
import type { BenchOptions } from '../options.ts';
import type { NaiveArgs } from '../peers/naive.ts';
import { type DynamoPlace, dynamoOptionsOf, type KafkaPlace, openLogAt } from '../places.ts';
import type { Section } from '../report.ts';
import { clientOf, historyEnd } from '../workload.ts';
import { workloadNamed } from '../workloads.ts';

const liveClients = 1_000;
const naiveEvents = 3_000;
/** Where the meter tells its bill. */
const billPath = '/bill';

type Billed = { readonly figures: Figures; readonly bill: Bill };
type Say = (text: string) => void;

export async function dynamodb(ground: Ground, options: BenchOptions, say: Say): Promise<Section | null> {
  const brokers = await ground.kafka();
  const target = await ground.dynamodb();
  if (brokers === null || target === null) return null;
  const meter = await startMeter(target);
  try {
    const stage = { ground, options, brokers, target, meter };
    const live: Billed[] = [];
    const behind: Billed[] = [];
    const naive: Billed[] = [];
    const rounds = [
      { name: 'live', runs: live, run: runLive },
      { name: 'behind', runs: behind, run: runBehind },
      { name: 'naive', runs: naive, run: runNaive },
    ];
    for (let round = 0; round < options.repeatsAlone; round += 1) {
      for (const { name, runs, run } of rounds) {
        const billed = await run(stage);
        runs.push(billed);
        say(`  ${name}: ${((billed.figures.cpuMs * 1000) / billed.figures.items).toFixed(0)} µs of CPU an event`);
      }
    }
    return sectionOf(options, live, behind, naive);
  } finally {
    meter.stop();
  }
}

type Meter = { readonly endpoint: string; read(): Promise<Bill>; reset(): Promise<Bill>; stop(): void };

type Stage = {
  readonly ground: Ground;
  readonly options: BenchOptions;
  readonly brokers: readonly string[];
  readonly target: string;
  readonly meter: Meter;
};

async function startMeter(target: string): Promise<Meter> {
  const args: MeterArgs = { target, billPath };
  const child = startChild('measured/meter.ts', args);
  // It ends when it is stopped, which is no failure.
  child.done.catch(() => undefined);
  const endpoint = await new Promise<string>((resolve) => {
    child.onLine((line) => {
      const told: { endpoint: string } = JSON.parse(line);
      resolve(told.endpoint);
    });
  });
  const ask = async (method: string): Promise<Bill> => {
    const answer = await fetch(`${endpoint}${billPath}`, { method });
    const bill: Bill = JSON.parse(await answer.text());
    return bill;
  };
  return { endpoint, read: () => ask('GET'), reset: () => ask('DELETE'), stop: child.stop };
}

async function newTable({ ground, target, meter }: Stage): Promise<DynamoPlace> {
  const table = ground.name('bench');
  await createTable(dynamoOptionsOf({ kind: 'dynamodb', endpoint: target, table }));
  return { kind: 'dynamodb', endpoint: meter.endpoint, table };
}

/** Rounds of one event for each client; the next begins when the last is saved. The first, which reads, is not billed. */
async function runLive(stage: Stage): Promise<Billed> {
  const { ground, options, brokers, meter } = stage;
  const place: KafkaPlace = { kind: 'kafka', brokers, topicPrefix: `${ground.name('live')}.` };
  const store = await newTable(stage);
  const rounds = options.dynamoLiveRounds + 1;
  await ground.createTopics(place);
  const log = await openLogAt(place);
  const group = ground.name('live');
  const args: ProjectArgs = { log: place, store, group, messages: rounds * liveClients, telling: true };
  const child = startChild('measured/project.ts', args, profileOf(options, 'live'));
  const saved = committedOf(child);
  for (let round = 0; round < rounds; round += 1) {
    if (round === 1) await meter.reset();
    await log.append('login', liveEvents(round));
    await saved.reach((round + 1) * liveClients);
  }
  const bill = await meter.read();
  const figures = await child.done;
  await log.close();
  return { figures, bill };
}

function profileOf({ profiles }: BenchOptions, name: string): string | null {
  return profiles === null ? null : path.join(profiles, `dynamodb-${name}.cpuprofile`);
}

function committedOf(child: ReturnType<typeof startChild>) {
  let committed = 0;
  let wake: () => void = () => undefined;
  child.onLine((line) => {
    const told: { committed?: number } = JSON.parse(line);
    committed = told.committed ?? committed;
    wake();
  });
  return {
    reach: async (messages: number) => {
      while (committed < messages) {
        const next = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await Promise.race([next, child.done]);
      }
    },
  };
}

function liveEvents(round: number): { key: string; value: Buffer }[] {
  return Array.from({ length: liveClients }, (_, index) => {
    const { firmId, clientId } = clientOf(index);
    const id = `${round}-${index}`;
    const occurredAt = new Date(historyEnd + round * 3_600_000).toISOString();
    const event = { eventId: `e${id}`, firmId, clientId, occurredAt, sessionId: `s${id}`, outcome: 'success' };
    return { key: `${firmId}/${clientId}`, value: Buffer.from(JSON.stringify(event)) };
  });
}

async function runBehind(stage: Stage): Promise<Billed> {
  const { ground, options, meter } = stage;
  const workload = { ...workloadNamed('uniform', options.dynamoEvents), clients: options.dynamoClients };
  const log = await ground.filledKafka(workload);
  if (log === null) throw new Error('Kafka has gone');
  const store = await newTable(stage);
  const args: ProjectArgs = { log, store, group: ground.name('behind'), messages: workload.events, telling: false };
  await meter.reset();
  const figures = await startChild('measured/project.ts', args, profileOf(options, 'behind')).done;
  return { figures, bill: await meter.read() };
}

async function runNaive(stage: Stage): Promise<Billed> {
  const { ground, meter } = stage;
  const workload = { ...workloadNamed('uniform', naiveEvents), clients: liveClients };
  const log = await ground.filledKafka(workload);
  if (log === null) throw new Error('Kafka has gone');
  const store = await newTable(stage);
  const args: NaiveArgs = { log, store, group: ground.name('naive'), messages: naiveEvents };
  await meter.reset();
  const figures = await startChild('peers/naive.ts', args).done;
  return { figures, bill: await meter.read() };
}

function sectionOf(
  options: BenchOptions,
  live: readonly Billed[],
  behind: readonly Billed[],
  naive: readonly Billed[],
): Section {
  const { dynamoClients, dynamoEvents, dynamoLiveRounds } = options;
  const billedLive = dynamoLiveRounds * liveClients;
  const per = (runs: readonly Billed[], unit: keyof Bill, events: number) =>
    spreadOf(runs.map(({ bill }) => bill[unit] / events));
  const row = (name: string, runs: readonly Billed[], events: number) => ({
    name,
    figures: [
      spreadOf(runs.map(({ figures: { cpuMs, items } }) => (cpuMs * 1000) / items)),
      per(runs, 'requests', events),
      per(runs, 'writeUnits', events),
      per(runs, 'readUnits', events),
      spreadOf(runs.map(({ figures }) => perSecond(figures))),
    ],
  });
  const speedOf = (runs: readonly Billed[]) => spreadOf(runs.map(({ figures }) => perCpuSecond(figures))).median;
  const unitsLive = per(live, 'writeUnits', billedLive).median;
  const unitsBehind = per(behind, 'writeUnits', dynamoEvents).median;
  const againstNaive = (runs: readonly Billed[]) => speedOf(runs) / speedOf(naive);
  return {
    tables: [
      {
        title: 'Kafka → views on DynamoDB',
        note:
          `Live: ${dynamoLiveRounds} rounds of one event for each of ${liveClients.toLocaleString('en')} known clients. ` +
          `Behind: ${dynamoEvents.toLocaleString('en')} events over ${dynamoClients.toLocaleString('en')} clients. ` +
          'Requests and units as the meter in front of DynamoDB Local counted them.',
        columns: [
          'CPU µs per event',
          'requests per event',
          'write units per event',
          'read units per event',
          'events/s',
        ],
        rows: [
          row('live', live, billedLive),
          row('behind (replay)', behind, dynamoEvents),
          row('naive: one UpdateItem an event', naive, naiveEvents),
        ],
      },
    ],
    ratios: {
      'dynamodb live: write units per event': { value: unitsLive, better: 'lower' },
      'dynamodb live: requests per event': { value: per(live, 'requests', billedLive).median, better: 'lower' },
      'dynamodb replay: write units per event': { value: unitsBehind, better: 'lower' },
      'dynamodb replay: events per CPU-second against naive': { value: againstNaive(behind), better: 'higher' },
      'dynamodb live: events per CPU-second against naive': { value: againstNaive(live), better: 'higher' },
    },
    figures: {
      'naive, events per CPU-second': speedOf(naive),
      'dynamodb replay: write units per event': unitsBehind,
      'dynamodb live: write units per event': unitsLive,
    },
  };
}
