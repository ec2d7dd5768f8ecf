// Export jobs in the store: load, save on condition, list.
import { type ExportJob, exportJobCollection, exportJobText, readExportJob } from '../core/export-job.ts';
import type { FirmId } from '../core/ids.ts';
import type { ViewStore } from '../store/port.ts';

/** A job as it was read: a save succeeds only while `version` is current. */
export type StoredJob = { readonly firmId: FirmId; readonly version: number; readonly job: ExportJob };

/** Finished exports are kept this long, their files and the jobs themselves. */
export const exportKeptMs = 30 * 24 * 60 * 60_000;

export async function loadJob(store: ViewStore, firmId: FirmId, id: string): Promise<StoredJob | null> {
  const document = await store.loadDocument(exportJobCollection, firmId, id);
  return document === null ? null : { firmId, version: document.version, job: readExportJob(document.body) };
}

/** Ascending by firm, then id; of all firms unless one is named. */
export async function listJobs(store: ViewStore, firmId?: FirmId): Promise<readonly StoredJob[]> {
  const documents = await store.listDocuments(exportJobCollection, firmId);
  return documents.map((document) => ({
    firmId: document.firmId,
    version: document.version,
    job: readExportJob(document.body),
  }));
}

/** Answers the job as it now stands; null when somebody else saved first. A version of 0 creates it. */
export async function saveJob(store: ViewStore, before: StoredJob, job: ExportJob): Promise<StoredJob | null> {
  const { firmId, version } = before;
  const document = { collection: exportJobCollection, firmId, id: job.id, body: exportJobText(job) };
  const saved = await store.saveDocument(document, version);
  return saved ? { firmId, version: version + 1, job } : null;
}

export async function deleteJob(store: ViewStore, { firmId, job }: StoredJob): Promise<void> {
  await store.deleteDocument(exportJobCollection, firmId, job.id);
}
