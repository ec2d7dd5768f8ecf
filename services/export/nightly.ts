// The nightly run: one file per firm and a manifest. A run that was cut short is taken up where it stopped.
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { CutWire, cutWire } from '../core/export-job.ts';
import { FirmId } from '../core/ids.ts';
import { CalendarDate, formatInstant } from '../core/time.ts';
import { foldedTopics } from '../core/topics.ts';
import { readLag } from '../log/lag.ts';
import { codeOf, OperatingError } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { createAtomicFile, writeAtomically } from './atomic-file.ts';
import type { Sources } from './cut.ts';
import { safeFirmNames } from './file-names.ts';
import { hashFile } from './hash-file.ts';
import { runExport } from './run-export.ts';

export const manifestName = 'manifest.json';
const report = 'portal-engagement';
const partEnding = '.nightly.part';
const lagLookMs = 250;
const waitForLagMsPreset = 60_000;

const instant = z.string().meta({ format: 'date-time' });
const count = z.int().nonnegative();

/** One firm's file; kept beside it under the same name, ending with .json. */
const Entry = z.object({
  firmId: FirmId,
  file: z.string(),
  rows: count,
  bytes: count,
  sha256: z.string(),
  cut: CutWire,
  startedAt: instant,
  finishedAt: instant,
  signalfold: z.string(),
});
type Entry = z.infer<typeof Entry>;

export const Manifest = z.object({
  report: z.literal(report),
  format: z.literal('csv'),
  date: z.string(),
  signalfold: z.string(),
  startedAt: instant,
  finishedAt: instant,
  /** How long the run waited for the views to catch up with the log. */
  waitedForLagMs: count,
  /** True when every file was cut at a lag of 0. */
  caughtUp: z.boolean(),
  notes: z.array(z.string()),
  /** Ascending by firm id. */
  firms: z.array(Entry),
  failed: z.array(z.object({ firmId: FirmId, error: z.string() })),
});
export type Manifest = z.infer<typeof Manifest>;

export type NightlyOptions = Sources & {
  readonly logger: Logger;
  readonly outDir: string;
  /** YYYY-MM-DD, names the run; default: today in UTC. The rows are always of the present. */
  readonly date?: string;
  /** How long to wait for a lag of 0 in all, ms; default 60 s. */
  readonly waitForLagMsMax?: number;
  /** The version of this program. */
  readonly version: string;
  readonly signal?: AbortSignal;
  /** Called after each firm. */
  readonly progressed?: (done: number, firms: number) => void;
};

export type NightlySummary = {
  readonly manifestPath: string;
  readonly manifest: Manifest;
  /** Firms whose files this run wrote, and those it found finished. */
  readonly written: number;
  readonly kept: number;
};

/**
 * Writes `portal-engagement_<firm>_<date>.csv` for every firm into `outDir`, then manifest.json. Each file appears whole or
 * not at all, and the manifest last. A run for a date keeps the files that an earlier run for it finished. A firm that
 * fails is told in the manifest, and the others go on. Throws usage, file_unwritable, and what log and store throw; when
 * the signal aborts, its reason, and the next run goes on from there.
 */
export async function runNightly(options: NightlyOptions): Promise<NightlySummary> {
  const { clock, outDir, logger } = options;
  const startedAt = clock.now();
  const date = dateOf(options.date, startedAt);
  const firms = (await options.store.listFirms()).map(({ firmId }) => firmId);
  const names = safeFirmNames(firms);
  await removeParts(outDir);
  let waitMsLeft = options.waitForLagMsMax ?? waitForLagMsPreset;
  const waitMsMax = waitMsLeft;
  const entries: Entry[] = [];
  const failed: { firmId: FirmId; error: string }[] = [];
  let kept = 0;
  for (const firmId of firms) {
    options.signal?.throwIfAborted();
    const file = `${report}_${names.get(firmId)}_${date}.csv`;
    const finished = await readFinished(outDir, file, firmId);
    if (finished !== null) {
      kept += 1;
      entries.push(finished);
    } else {
      try {
        waitMsLeft = await waitForNoLag(options, waitMsLeft);
        entries.push(await writeFirm(options, firmId, file));
      } catch (error) {
        options.signal?.throwIfAborted();
        // A full disk stops every firm alike.
        if (error instanceof OperatingError && error.code === 'file_unwritable') throw error;
        logger.error({ err: error, firmId }, 'the export of a firm failed; the others go on');
        failed.push({ firmId, error: error instanceof OperatingError ? error.message : 'The log says more.' });
      }
    }
    options.progressed?.(entries.length + failed.length, firms.length);
  }
  const manifest: Manifest = {
    report,
    format: 'csv',
    date,
    signalfold: options.version,
    startedAt: formatInstant(startedAt),
    finishedAt: formatInstant(clock.now()),
    waitedForLagMs: waitMsMax - waitMsLeft,
    caughtUp: entries.every(({ cut }) => cut.lag.total === 0),
    notes: notesOn(entries),
    firms: entries,
    failed,
  };
  const manifestPath = path.join(outDir, manifestName);
  await writeJson(manifestPath, manifest);
  return { manifestPath, manifest, written: entries.length - kept, kept };
}

function dateOf(given: string | undefined, now: number): string {
  if (given === undefined) return formatInstant(now).slice(0, 10);
  if (CalendarDate.safeParse(given).success) return given;
  throw new OperatingError(
    'usage',
    `"${given}" is no date. Give a day as YYYY-MM-DD, such as ${dateOf(undefined, now)}.`,
  );
}

function notesOn(entries: readonly Entry[]): string[] {
  const behind = entries.filter(({ cut }) => cut.lag.total > 0).length;
  return [
    'Each file is derived at the instant of its cut, from everything the log held before its positions (next offsets). ' +
      'Facts that arrived while a file was written may or may not be in it.',
    ...(behind === 0
      ? []
      : [
          `${behind} of ${entries.length} files were cut while messages in the log were not in the views yet; lag counts them.`,
        ]),
  ];
}

/** Answers what is left of the wait. */
async function waitForNoLag({ log, group, clock, signal }: NightlyOptions, waitMs: number): Promise<number> {
  let left = waitMs;
  while (left > 0 && (await readLag(log, group, foldedTopics)).total > 0) {
    const step = Math.min(left, lagLookMs);
    await clock.sleep(step, signal);
    signal?.throwIfAborted();
    left -= step;
  }
  return left;
}

async function writeFirm(options: NightlyOptions, firmId: FirmId, file: string): Promise<Entry> {
  const { clock, outDir, signal } = options;
  const startedAt = formatInstant(clock.now());
  const filePath = path.join(outDir, file);
  const writer = await createAtomicFile(filePath, partOf(filePath));
  const { rows, bytes, sha256, cut } = await runExport(
    options,
    { firmId, book: null, filter: {}, asOf: null, signal },
    writer,
  );
  const entry: Entry = {
    firmId,
    file,
    rows,
    bytes,
    sha256,
    cut: cutWire(cut),
    startedAt,
    finishedAt: formatInstant(clock.now()),
    signalfold: options.version,
  };
  await writeJson(entryPath(outDir, file), entry);
  return entry;
}

/** The entry of a file that stands there as its entry says; null when it has to be written. */
async function readFinished(outDir: string, file: string, firmId: FirmId): Promise<Entry | null> {
  try {
    const entry = Entry.safeParse(JSON.parse(await readFile(entryPath(outDir, file), 'utf8')));
    if (!entry.success || entry.data.firmId !== firmId || entry.data.file !== file) return null;
    return (await hashFile(path.join(outDir, file))) === entry.data.sha256 ? entry.data : null;
  } catch (error) {
    if (error instanceof SyntaxError || codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function entryPath(outDir: string, file: string): string {
  return path.join(outDir, file.replace(/\.csv$/, '.json'));
}

function partOf(filePath: string): string {
  return path.join(path.dirname(filePath), `.${path.basename(filePath)}${partEnding}`);
}

async function writeJson(filePath: string, content: unknown): Promise<void> {
  await writeAtomically(filePath, partOf(filePath), `${JSON.stringify(content, null, 2)}\n`);
}

/** What a run that died was writing. */
async function removeParts(outDir: string): Promise<void> {
  for (const name of await readdir(outDir).catch(() => [])) {
    if (name.startsWith('.') && name.endsWith(partEnding)) await rm(path.join(outDir, name), { force: true });
  }
}
