// …/exports over HTTP: ask for an export, follow it, fetch its file.
import { createHash, randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { instantAsOf } from '../core/derive/frame.ts';
import {
  type ExportJob,
  ExportJobWire,
  ExportRequest,
  exportJobWire,
  exportStatuses,
  queuedExportJob,
} from '../core/export-job.ts';
import { FirmId } from '../core/ids.ts';
import { readSettings } from '../core/settings.ts';
import { formatInstant } from '../core/time.ts';
import { noteAudit } from '../runtime/audit.ts';
import type { Clock } from '../runtime/clock.ts';
import type { RouteDoc } from '../runtime/openapi.ts';
import { type Reader, readerOf } from '../runtime/principal.ts';
import { Problem, parseParameters } from '../runtime/problem.ts';
import type { ViewStore } from '../store/port.ts';
import { firmUnknown } from './cut.ts';
import { safeFirmName } from './file-names.ts';
import type { FileStore } from './file-store.ts';
import { listJobs, loadJob, type StoredJob, saveJob } from './jobs.ts';

export type ExportParts = {
  readonly store: ViewStore;
  readonly clock: Clock;
  /** The worker's files. */
  readonly files: FileStore;
  /** Tells a worker of this process that a job waits; without it the job waits for the next poll. */
  readonly wake?: () => void;
};

const listedMax = 500;

const FirmPlace = z.object({ firmId: FirmId });
const ExportPlace = z.object({ firmId: FirmId, id: z.string() });
const IdempotencyKey = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1–255 printable ASCII characters without spaces')
    .optional(),
});
const Queued = z.object({ id: z.string(), status: z.enum(exportStatuses) });

export function registerExport(server: FastifyInstance, parts: ExportParts): void {
  const { store } = parts;
  const url = '/v1/firms/:firmId/exports';
  const scope = 'export';

  server.post(url, { config: { scope, audit: 'export.ask', doc: askDoc } }, async (request, reply) => {
    const { firmId } = parseParameters(FirmPlace, request.params, 'path');
    const reader = readerOf(request, firmId);
    const asked = parseParameters(ExportRequest, request.body, 'body');
    const { 'idempotency-key': key } = parseParameters(IdempotencyKey, request.headers, 'headers');
    const { job } = await ask(parts, firmId, reader, asked, key);
    noteAudit(request, { export: job.id });
    const location = `/v1/firms/${encodeURIComponent(firmId)}/exports/${job.id}`;
    return reply.code(202).header('location', location).send({ id: job.id, status: job.status });
  });

  server.get(url, { config: { scope, audit: 'export.list', doc: listDoc } }, async (request) => {
    const { firmId } = parseParameters(FirmPlace, request.params, 'path');
    const reader = readerOf(request, firmId);
    const jobs = (await listJobs(store, firmId)).map(({ job }) => job).filter((job) => maySee(reader, job));
    jobs.sort((one, other) => other.createdAt - one.createdAt || (one.id < other.id ? -1 : 1));
    return { items: jobs.slice(0, listedMax).map(exportJobWire) };
  });

  server.get(`${url}/:id`, { config: { scope, audit: 'export.read', doc: jobDoc } }, async (request) => {
    const place = parseParameters(ExportPlace, request.params, 'path');
    const { job } = await find(store, readerOf(request, place.firmId), place);
    return exportJobWire(job);
  });

  // Never compressed: length and ETag are of the very bytes the job names.
  server.get(
    `${url}/:id/file`,
    { compress: false, config: { scope, audit: 'export.download', doc: fileDoc } },
    async (request, reply) => {
      const place = parseParameters(ExportPlace, request.params, 'path');
      const stored = await find(store, readerOf(request, place.firmId), place);
      return sendFile(parts.files, stored, request.headers['if-none-match'], reply);
    },
  );
}

/** Whoever has a book sees what was asked for out of that book; others see all. */
function maySee({ book }: Reader, job: ExportJob): boolean {
  return book === null || book === job.book;
}

/** The job that is asked for: with a key that was used before, the job of then. */
async function ask(
  { store, clock, wake }: ExportParts,
  firmId: FirmId,
  reader: Reader,
  asked: ExportRequest,
  key: string | undefined,
): Promise<StoredJob> {
  const firm = await store.loadFirm(firmId);
  if (firm === null) throw firmUnknown(firmId);
  if (asked.asOf !== null && instantAsOf(asked.asOf, readSettings(firm.settings), clock.now()) === null) {
    throw new Problem('bad_parameter', `In the body: asOf: ${asked.asOf} is still to come.`);
  }
  const id = key === undefined ? randomUUID() : idOfKey(reader, key);
  const job = queuedExportJob(id, asked, clock.now(), reader.book);
  const created = await saveJob(store, { firmId, version: 0, job }, job);
  if (created !== null) {
    wake?.();
    return created;
  }
  const known = await find(store, reader, { firmId, id });
  const { report, format, filter, asOf } = known.job;
  if (JSON.stringify(ExportRequest.parse({ report, format, filter, asOf })) !== JSON.stringify(asked)) {
    const detail = 'This Idempotency-Key was used for another export of this firm. Use a new key for a new export.';
    throw new Problem('idempotency_key_reused', detail);
  }
  return known;
}

/** Keys are free to choose in each book: one that somebody else has used tells nothing of it. They hold no spaces. */
function idOfKey({ book }: Reader, key: string): string {
  const whole = book === null ? key : `${book} ${key}`;
  return createHash('sha256').update(whole).digest('hex').slice(0, 32);
}

async function find(store: ViewStore, reader: Reader, { firmId, id }: z.infer<typeof ExportPlace>): Promise<StoredJob> {
  const stored = await loadJob(store, firmId, id);
  if (stored !== null && maySee(reader, stored.job)) return stored;
  throw new Problem('export_unknown', `This firm has no export "${id}". Exports are kept for 30 days.`);
}

async function sendFile(
  files: FileStore,
  { firmId, job }: StoredJob,
  knownTag: string | undefined,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const name = { firmId, jobId: job.id };
  switch (job.status) {
    case 'queued':
    case 'running':
      throw new Problem(
        'not_finished',
        `The export is ${job.status}. Ask for the export itself until its status is done.`,
      );
    case 'failed':
      throw new Problem('export_failed', job.error ?? 'It did not end.');
    case 'erased':
      await files.remove(name);
      throw new Problem('export_erased', 'A client of the firm was erased since. Ask for a new export.');
    case 'done':
  }
  const tag = `"${job.sha256}"`;
  void reply.header('etag', tag).header('cache-control', 'private, no-cache');
  const tags = knownTag?.split(',').map((one) => one.trim().replace(/^W\//, ''));
  if (tags?.some((one) => one === tag || one === '*')) return reply.code(304).send();
  const file = await files.read(name);
  if (file === null) throw new Problem('export_gone', 'The file is no longer here. Ask for a new export.');
  const day = job.asOf ?? formatInstant(job.cut?.at ?? job.createdAt).slice(0, 10);
  return reply
    .type('text/csv; charset=utf-8')
    .header('content-length', file.bytes)
    .header('content-disposition', `attachment; filename="${job.report}_${safeFirmName(firmId)}_${day}.csv"`)
    .send(file.stream);
}

const askDoc: RouteDoc = {
  id: 'askForExport',
  summary: 'Ask for an export',
  description:
    'Filters take several values, by comma or as a list (any of them), and combine (all of them). With an ' +
    'Idempotency-Key header, asking again answers the same export. With asOf, profile and adviser are as they are when ' +
    'it runs.',
  problems: ['idempotency_key_reused'],
  params: FirmPlace,
  headers: IdempotencyKey,
  body: { 'application/json': ExportRequest },
  responses: { 202: { description: 'It waits, runs, or is done.', schema: Queued } },
};

const listDoc: RouteDoc = {
  id: 'listExports',
  summary: "A firm's exports, newest first",
  params: FirmPlace,
  responses: { 200: { description: `At most ${listedMax}.`, schema: z.object({ items: z.array(ExportJobWire) }) } },
};

const jobDoc: RouteDoc = {
  id: 'getExport',
  summary: 'How an export stands',
  description:
    'The cut names its instant and the log positions (next offsets) before which everything is in the file. Facts that ' +
    'arrived while it ran may or may not be in it. Progress is an estimate until it is 1. status erased: the file went ' +
    'because a client of the firm was erased.',
  problems: ['export_unknown'],
  params: ExportPlace,
  responses: { 200: { description: 'The export.', schema: ExportJobWire } },
};

const fileDoc: RouteDoc = {
  id: 'getExportFile',
  summary: "A finished export's file",
  description:
    'The same bytes each time. UTF-8 with a byte-order mark, CRLF line ends. Text that a spreadsheet would run as a ' +
    'formula begins with an apostrophe.',
  problems: ['export_unknown', 'not_finished', 'export_failed', 'export_erased', 'export_gone'],
  params: ExportPlace,
  responses: { 200: { description: 'The file.', schema: z.string(), mediaType: 'text/csv' } },
};
