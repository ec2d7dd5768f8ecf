// Exports: asked for, followed until they are done, and taken along.
import type { ExportJobWire, ExportRequest } from '../../query/wire.ts';
import { ask, path, send } from './ask.ts';

/** What is left out is everybody, as it is now. */
export type ExportWish = Pick<ExportRequest, 'report' | 'format'> & Partial<Pick<ExportRequest, 'filter' | 'asOf'>>;

export function startExport(firmId: string, wish: ExportWish): Promise<Pick<ExportJobWire, 'id' | 'status'>> {
  return ask(path`/v1/firms/${firmId}/exports`, { method: 'POST', body: wish });
}

export function readExport(firmId: string, id: string, signal: AbortSignal): Promise<ExportJobWire> {
  return ask<ExportJobWire>(path`/v1/firms/${firmId}/exports/${id}`, { signal });
}

/** Puts a finished export into the browser's downloads, under the name the API gives it. */
export async function downloadExport(firmId: string, id: string): Promise<void> {
  // Not by a link alone: a link sends no token.
  const reply = await send(path`/v1/firms/${firmId}/exports/${id}/file`, { headers: { accept: 'text/csv' } });
  const name = /filename="([^"]+)"/.exec(reply.headers.get('content-disposition') ?? '')?.[1] ?? `${id}.csv`;
  const address = URL.createObjectURL(await reply.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
