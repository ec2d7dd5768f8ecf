// Exports in a simulation: the real workers, on files in memory that all of them may write, and what must hold of each file.
import { createHash } from 'node:crypto';
import { pino } from 'pino';
import { deriveClient, readClient } from '../../../services/core/derive/client.ts';
import { frameOf } from '../../../services/core/derive/frame.ts';
import {
  type ExportJob,
  exportJobCollection,
  exportJobText,
  queuedExportJob,
  readExportJob,
} from '../../../services/core/export-job.ts';
import type { FirmId } from '../../../services/core/ids.ts';
import type { Settings } from '../../../services/core/settings.ts';
import type { FileStore } from '../../../services/export/file-store.ts';
import { attemptsMax, patienceMsMax } from '../../../services/export/room.ts';
import { runExportWorker } from '../../../services/export/worker.ts';
import { OperatingError } from '../../../services/runtime/errors.ts';
import type { StoredView } from '../../../services/store/port.ts';
import { Actor, calm, type Weather } from './actor.ts';
import { openSimLog } from './log.ts';
import { openSimStore, type Shelf } from './store.ts';
import type { Process, Stage } from './supervisor.ts';
import type { World } from './world.ts';

const restartMsMax = 20_000;
const logger = pino({ level: 'silent' });

/** What stands in the folder of exports, whoever writes there. */
export class Folder {
  readonly finished = new Map<string, Buffer>();
  readonly unfinished = new Map<string, Buffer[]>();
}

function openSimFiles(world: World, folder: Folder, actor: Actor): FileStore {
  // Whoever has died does not come back from it, and whoever was stopped comes back late.
  const reach = () => actor.clock.sleep(world.latency());
  const { finished, unfinished } = folder;
  const finishedName: FileStore['finishedName'] = ({ firmId, jobId }) => `${firmId}/${jobId}.csv`;
  const unfinishedName: FileStore['unfinishedName'] = (name, attempt) => `${finishedName(name)}.${attempt}.part`;
  const removeUnfinished = (name: string) => {
    for (const part of [...unfinished.keys()]) if (part.startsWith(`${name}.`)) unfinished.delete(part);
  };
  return {
    finishedName,
    unfinishedName,
    create: async (name, attempt) => {
      await reach();
      removeUnfinished(finishedName(name));
      const part = unfinishedName(name, attempt);
      const blocks: Buffer[] = [];
      unfinished.set(part, blocks);
      return {
        write: async (bytes) => {
          await reach();
          blocks.push(Buffer.from(bytes));
        },
        finish: async () => {
          await reach();
          if (unfinished.get(part) !== blocks) throw new OperatingError('file_unwritable', `${part} is not there`);
          unfinished.delete(part);
          finished.set(finishedName(name), Buffer.concat(blocks));
        },
        discard: async () => {
          await reach();
          if (unfinished.get(part) === blocks) unfinished.delete(part);
        },
      };
    },
    read: async () => null,
    remove: async (name) => {
      await reach();
      finished.delete(finishedName(name));
      removeUnfinished(finishedName(name));
    },
    list: async () => {
      await reach();
      return [...finished.keys(), ...unfinished.keys()];
    },
    removeStored: async (name) => {
      await reach();
      finished.delete(name);
      unfinished.delete(name);
    },
  };
}

/** Keeps an export worker running, as an orchestrator would. */
export function superviseWorker({ world, broker, shelf, group }: Stage, folder: Folder, name: string): Process {
  let weather = calm;
  let lives = 0;
  let actor = begin();

  function begin(): Actor {
    lives += 1;
    const mine = new Actor(world, `${name}.${lives}`);
    mine.weather = weather;
    runExportWorker({
      store: openSimStore(shelf, mine),
      log: openSimLog(world, broker, mine),
      clock: mine.clock,
      logger,
      config: { group, dataDir: '' },
      files: openSimFiles(world, folder, mine),
    });
    return mine;
  }

  return {
    actor: () => actor,
    crash: () => {
      if (actor.isDead()) return;
      actor.die();
      world.schedule(500 + world.chance() * restartMsMax, () => {
        actor = begin();
      });
    },
    setWeather: (next: Weather) => {
      weather = next;
      actor.weather = next;
    },
  };
}

/** Asks for an export of everybody, as the API does: not before the firm is known. */
export function askForExport(world: World, shelf: Shelf, firmId: FirmId): void {
  if (!shelf.firms.has(firmId)) return;
  const request = { report: 'portal-engagement', format: 'csv', filter: {}, asOf: null } as const;
  const id = `export-${jobsOf(shelf).length}`;
  const job = queuedExportJob(id, request, Math.floor(world.now), null);
  shelf.saveDocument({ collection: exportJobCollection, firmId, id, body: exportJobText(job) }, 0);
}

/** Of workers that died over it, or of a log or a store that was away for very long. */
function mayFail({ attempts, createdAt, finishedAt }: ExportJob): boolean {
  return attempts >= attemptsMax || (finishedAt ?? createdAt) - createdAt >= patienceMsMax;
}

export function jobsOf(shelf: Shelf): readonly ExportJob[] {
  const jobs = [...shelf.documents.values()].filter(({ collection }) => collection === exportJobCollection);
  return jobs.map(({ body }) => readExportJob(body));
}

function isOver({ status }: ExportJob): boolean {
  return status !== 'queued' && status !== 'running';
}

/** Of every job: it came to an end, a finished one has its file, and the file has a state of each client that stood then. */
export function wrongExports(shelf: Shelf, folder: Folder, firmId: FirmId, erased: ReadonlySet<string>): string[] {
  const wrong: string[] = [];
  const answeredFor = new Set<string>();
  for (const job of jobsOf(shelf)) {
    const name = `${firmId}/${job.id}.csv`;
    const file = folder.finished.get(name);
    if (!isOver(job)) wrong.push(`${job.id} is still ${job.status}`);
    else if (job.status === 'failed' && !mayFail(job)) wrong.push(`${job.id} failed: ${job.error}`);
    else if (job.status === 'done') {
      answeredFor.add(name);
      wrong.push(...wrongFile(shelf, job, file, erased).map((fault) => `${job.id} ${fault}`));
    }
  }
  const left = [...folder.finished.keys(), ...folder.unfinished.keys()].filter((name) => !answeredFor.has(name));
  return [...wrong, ...left.map((name) => `${name} is left, and no job answers for it`)];
}

function wrongFile(
  shelf: Shelf,
  { cut, sha256, rows, finishedAt }: ExportJob,
  file: Buffer | undefined,
  erased: ReadonlySet<string>,
): string[] {
  if (file === undefined || cut === null || finishedAt === null) return ['is done, and has no file'];
  if (createHash('sha256').update(file).digest('hex') !== sha256) return ['has another file than it says'];
  // The last four columns hold figures and words of ours, so they need no reader of CSV.
  const lines = file.toString('utf8').trim().split('\n').slice(1);
  if (lines.length !== rows) return [`has ${lines.length} rows and says ${rows}`];
  const found = lines.map((line) => line.trim().split(',').slice(-4).join(','));
  const { at } = cut;
  const clients = [...shelf.historyOf()].map(([clientId, past]) =>
    erased.has(clientId) ? [[]] : stoodWithin(past, at, finishedAt).map(({ views }) => views),
  );
  const settings = stoodWithin(shelf.settingsPast, at, finishedAt).map((one) => one.settings);
  if (
    settings.some((one) =>
      isOneOf(
        found,
        clients.map((past) => past.map((views) => rowOf(views, one, at))),
      ),
    )
  )
    return [];
  return [`says ${found.join(' ')}, which no states of its time add up to`];
}

/** What stood at `from`, and whatever came until `to`. */
function stoodWithin<One extends { readonly at: number }>(past: readonly One[], from: number, to: number): One[] {
  const first = past.findLastIndex(({ at }) => at < from);
  return past.filter(({ at }, index) => index >= first && at <= to + 1);
}

/** Null: no row. */
function rowOf(views: readonly StoredView[], settings: Settings, at: number): string | null {
  const facts = deriveClient(readClient(views), frameOf(settings, at));
  if (facts === null || facts.profile === null) return null;
  const { logins, rating } = facts.signals;
  return [logins.d30, logins.d90, logins.d365, rating].join(',');
}

/** Whether the rows can be those of the clients, each in one of its states, in their order. */
function isOneOf(rows: readonly string[], clients: readonly (readonly (string | null)[])[]): boolean {
  const [first, ...others] = clients;
  if (first === undefined) return rows.length === 0;
  const isThere = rows[0] !== undefined && first.includes(rows[0]);
  // Before anything of a client was saved it had no row either.
  const mayLack = first.length === 0 || first.includes(null);
  return (isThere && isOneOf(rows.slice(1), others)) || (mayLack && isOneOf(rows, others));
}
