// An export job: what is asked for, what is stored while it runs and after, what the API shows, and what an erasure does
// to it. Stored as documents of the collection below, by firm and id.
import { z } from 'zod';
import { AsOfWire, asOfWire } from './derive/card.ts';
import { accessFilters, clientStatuses, type FileFilter, ratings } from './filter.ts';
import { CalendarDate, formatInstant } from './time.ts';

export const exportJobCollection = 'exports';

export const exportReports = ['portal-engagement'] as const;
export const exportFormats = ['csv'] as const;

/** One filter as given: text with its values parted by commas, or a list of values. Becomes a list without blanks. */
function valuesOf<Value extends string>(value: z.ZodType<Value, string>) {
  return z
    .union([z.string().transform((text) => text.split(',')), z.array(z.string())])
    .transform((values) => values.map((one) => one.trim()).filter((one) => one !== ''))
    .pipe(z.array(value).min(1, 'needs at least one value; leave it out to let every client through'));
}

const anyText = z.string().max(1000);

/** A misspelt filter is an error: ignoring it would export more clients than were asked for. */
export const ExportFilter = z.strictObject({
  name: valuesOf(anyText).optional(),
  adviser: valuesOf(anyText).optional(),
  access: valuesOf(z.enum(accessFilters)).optional(),
  rating: valuesOf(z.enum(ratings)).optional(),
  type: valuesOf(anyText).optional(),
  status: valuesOf(z.enum(clientStatuses)).optional(),
}) satisfies z.ZodType<FileFilter>;

export const ExportRequest = z.strictObject({
  report: z.enum(exportReports),
  format: z.enum(exportFormats),
  filter: ExportFilter.default({}),
  asOf: CalendarDate.nullable().default(null).meta({
    description: 'As it was at the end of that local day; null or absent: as it is when the export runs.',
  }),
});
export type ExportRequest = z.infer<typeof ExportRequest>;

const count = z.int().nonnegative();

/**
 * Where a cut lies: derived at `at` (epoch ms) from everything the log holds before `positions`, which name the next
 * offset to be folded. `lag` counts what was in the log by then and not in the views. Facts that were folded while the
 * file was written may or may not be in it.
 */
export const Cut = z.object({
  at: z.int(),
  positions: z.array(z.object({ topic: z.string(), incarnation: z.string(), partition: count, offset: count })),
  lag: z.object({ total: count, topics: z.record(z.string(), count) }),
});
export type Cut = z.infer<typeof Cut>;

export const CutWire = Cut.extend({ at: z.string().meta({ format: 'date-time' }) });

export function cutWire(cut: Cut): z.infer<typeof CutWire> {
  return { ...cut, at: formatInstant(cut.at) };
}

/** `erased`: a client of the firm was erased since, so the file went; ask for a new export. */
export const exportStatuses = ['queued', 'running', 'done', 'failed', 'erased'] as const;

/** Instants in epoch ms. */
export const ExportJob = z.object({
  id: z.string(),
  ...ExportRequest.shape,
  /** The adviser whose clients alone are in the file, because he asked for it; null: everybody's. */
  book: z.string().nullable().default(null),
  status: z.enum(exportStatuses),
  /** Rows written so far, or in the finished file. */
  rows: count,
  /** Rows with counts that reach past what is remembered of single signals. */
  partialRows: count.default(0),
  /** Clients looked at, whether or not they matched. */
  clients: count,
  /** 0 to 1, estimated from how many clients the firm's last export looked at. */
  progress: z.number().min(0).max(1),
  cut: Cut.nullable(),
  sha256: z.string().nullable(),
  createdAt: z.int(),
  finishedAt: z.int().nullable(),
  /** Why it failed, for people. */
  error: z.string().nullable(),
  /** Times a worker has started it. */
  attempts: count,
  /** Who works on it; whoever finds `until` in the past may take it over. */
  lease: z.object({ worker: z.string(), until: z.int() }).nullable(),
});
export type ExportJob = z.infer<typeof ExportJob>;

export const ExportJobWire = ExportJob.omit({ clients: true, partialRows: true, attempts: true, lease: true })
  .extend({
    asOf: AsOfWire.extend({
      partialRows: count.meta({
        description: 'Rows with counts that reach past what is remembered of single signals.',
      }),
    })
      .optional()
      .meta({ description: 'Only where it was asked for as of a day.' }),
    book: z.string().optional().meta({ description: 'The adviser whose clients alone are in it, who asked for it.' }),
    cut: CutWire.nullable(),
    createdAt: z.string().meta({ format: 'date-time' }),
    finishedAt: z.string().nullable().meta({ format: 'date-time' }),
  })
  .meta({ id: 'Export' });
export type ExportJobWire = z.infer<typeof ExportJobWire>;

export function exportJobWire(job: ExportJob): ExportJobWire {
  return {
    id: job.id,
    report: job.report,
    format: job.format,
    filter: job.filter,
    ...(job.asOf === null ? {} : { asOf: { ...asOfWire(job.asOf), partialRows: job.partialRows } }),
    ...(job.book === null ? {} : { book: job.book }),
    status: job.status,
    rows: job.rows,
    progress: job.progress,
    cut: job.cut === null ? null : cutWire(job.cut),
    sha256: job.sha256,
    createdAt: formatInstant(job.createdAt),
    finishedAt: job.finishedAt === null ? null : formatInstant(job.finishedAt),
    error: job.error,
  };
}

/** Reads a document's body. Throws a ZodError for what no version has written. */
export function readExportJob(body: string): ExportJob {
  return ExportJob.parse(JSON.parse(body));
}

export function exportJobText(job: ExportJob): string {
  return JSON.stringify(job);
}

export function queuedExportJob(id: string, request: ExportRequest, now: number, book: string | null): ExportJob {
  return {
    id,
    ...request,
    book,
    status: 'queued',
    rows: 0,
    partialRows: 0,
    clients: 0,
    progress: 0,
    cut: null,
    sha256: null,
    createdAt: now,
    finishedAt: null,
    error: null,
    attempts: 0,
    lease: null,
  };
}

/**
 * The job after a client of its firm was erased at `now` (epoch ms); null when there is nothing to do. To be saved on
 * the version read, for every job of the firm, once the client's views are gone: what is asked for later is cut without it.
 * Whoever runs or serves exports deletes the file on finding this.
 */
export function erasedExportJob(job: ExportJob, now: number): ExportJob | null {
  if (job.status === 'failed' || job.status === 'erased') return null;
  return { ...job, status: 'erased', sha256: null, finishedAt: now, lease: null };
}
