// DELETE …/clients/{clientId}: erases a client everywhere we keep it, and answers with a receipt. The erasure is an event
// like any other, so no replay brings the client back.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { redriveMarkKey } from '../core/dead-letter.ts';
import { readClient } from '../core/derive/client.ts';
import { carriesErasure, erasureNoteCollection, erasureNoteText } from '../core/erasure-note.ts';
import { erasedExportJob, exportJobCollection, exportJobText, readExportJob } from '../core/export-job.ts';
import { type ClientKey, type FirmId, messageKey } from '../core/ids.ts';
import { dayMs, formatInstant } from '../core/time.ts';
import { deadLetterTopic, eventTopics } from '../core/topics.ts';
import { encodeJson, readText } from '../log/codec.ts';
import type { EventLog, LogMessage } from '../log/port.ts';
import type { Clock } from '../runtime/clock.ts';
import { readerOf } from '../runtime/principal.ts';
import { Problem, parseParameters } from '../runtime/problem.ts';
import type { Document, ViewStore } from '../store/port.ts';
import { ClientPlace } from './places.ts';

/** How long an answer waits for the projector to take the erasure in. */
const appliedMsMax = 10_000;
const pollMs = 25;
const saveTriesMax = 5;

const Receipt = z
  .object({
    firmId: z.string(),
    clientId: z.string(),
    /** What occurred before this instant is gone and stays out. */
    erasedAt: z.string(),
    /** `pending`: the erasure is in the log for good, but no projector has taken it in yet. */
    status: z.enum(['done', 'pending']),
    erased: z.object({
      views: z.array(z.string()),
      deadLetters: z.int(),
      /** Exports that may have held the client; ask for them again. */
      exports: z.array(z.string()),
    }),
    /** Raw topics keep their copy until then; null: until the operator deletes it. */
    rawTopics: z.array(z.object({ topic: z.string(), keptUntil: z.string().nullable() })),
  })
  .meta({ id: 'ErasureReceipt' });
export type Receipt = z.infer<typeof Receipt>;

export type EraseParts = { readonly log: EventLog; readonly store: ViewStore; readonly clock: Clock };

/** `onErased`: told of the firm before the receipt goes out. */
export function registerErasure(
  server: FastifyInstance,
  parts: EraseParts & { readonly onErased: (firmId: FirmId) => void },
): void {
  server.delete(
    '/v1/firms/:firmId/clients/:clientId',
    {
      config: {
        scope: 'erase',
        audit: 'client.erase',
        doc: {
          id: 'eraseClient',
          summary: 'Erase a client',
          description:
            'Views, copies among the dead letters and finished exports go; a marker without personal data stays.',
          problems: ['client_unknown', 'conflict'],
          params: ClientPlace,
          responses: {
            200: { description: 'The receipt.', schema: Receipt },
            202: { description: 'The receipt; the views follow when a projector runs.', schema: Receipt },
          },
        },
      },
    },
    async (request, reply) => {
      const client = parseParameters(ClientPlace, request.params, 'path');
      readerOf(request, client.firmId);
      const receipt = await eraseClient(parts, client);
      parts.onErased(client.firmId);
      return reply.code(receipt.status === 'done' ? 200 : 202).send(receipt);
    },
  );
}

/** Repeating it is harmless. Throws the problem client_unknown when nothing of the client has arrived. */
export async function eraseClient(parts: EraseParts, client: ClientKey): Promise<Receipt> {
  const { log, store, clock } = parts;
  const views = await store.loadClient(client);
  if (views.length === 0 && (await deadLetterKeys(log, client)).size === 0) {
    throw new Problem('client_unknown', 'No event and no profile of this client has arrived, so nothing was erased.');
  }
  // A producer's clock may run ahead of ours: the profile that stands must lie before the erasure all the same.
  const at = Math.max(clock.now(), (readClient(views).profile?.profile?.updatedAt ?? -1) + 1);
  // By the instant alone, not by a version: a source that counts its versions afresh may bring the client back.
  const erasure = { ...client, erased: true, version: 0, at: formatInstant(at) };
  await log.append('client', [{ key: messageKey(client), value: encodeJson(erasure) }]);

  // Before exports are marked: one that is asked for afterwards reads it.
  await noteErasure(store, client, at);
  const applied = await waitUntilApplied(store, clock, client, at);
  const deadLetters = await eraseDeadLetters(log, client);
  const exports = await eraseExports(parts, client);
  return {
    ...client,
    erasedAt: formatInstant(at),
    status: applied ? 'done' : 'pending',
    erased: { views: views.map(({ view }) => view), deadLetters, exports },
    rawTopics: await rawTopics(log, at),
  };
}

/** Every topic that events come in by, with the last day on which it may still hold a copy. */
async function rawTopics(log: EventLog, at: number): Promise<Receipt['rawTopics']> {
  const retention = await log.retention(eventTopics);
  return [...retention].map(([topic, keptMs]) => ({
    topic,
    keptUntil: keptMs === null ? null : formatInstant(Math.ceil((at + keptMs) / dayMs) * dayMs),
  }));
}

/** True once every view of the client carries the marker. */
async function waitUntilApplied(store: ViewStore, clock: Clock, client: ClientKey, at: number): Promise<boolean> {
  const until = clock.now() + appliedMsMax;
  while (clock.now() < until) {
    if (carriesErasure(await store.loadClient(client), at)) return true;
    await clock.sleep(pollMs);
  }
  return false;
}

/** The note goes when the sweep of exports finds the views marked. */
async function noteErasure(store: ViewStore, { firmId, clientId }: ClientKey, at: number): Promise<void> {
  for (let tries = 0; tries < saveTriesMax; tries += 1) {
    const known = await store.loadDocument(erasureNoteCollection, firmId, clientId);
    const note = { collection: erasureNoteCollection, firmId, id: clientId, body: erasureNoteText(at) };
    if (await store.saveDocument(note, known?.version ?? 0)) return;
  }
  throw new Problem('conflict', 'The client is being erased by others as well. Erase it again.');
}

/** A dead letter goes by a null value under its key, and so does the mark that it was redriven; the topic is compacted. */
async function eraseDeadLetters(log: EventLog, client: ClientKey): Promise<number> {
  const keys = await deadLetterKeys(log, client);
  const tombstones = [...keys].flatMap((key) => [key, redriveMarkKey(key)]).map((key) => ({ key, value: null }));
  if (tombstones.length > 0) await log.append(deadLetterTopic, tombstones);
  return keys.size;
}

/** The keys of the dead letters that are about the client and not gone yet. */
async function deadLetterKeys(log: EventLog, client: ClientKey): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for await (const letter of log.scan(deadLetterTopic)) {
    const key = letter.key === null ? null : readText(letter.key);
    if (key === null) continue;
    if (letter.value !== null && isAbout(letter, client)) keys.add(key);
    else if (letter.value === null) keys.delete(key);
  }
  return keys;
}

/** What could not be decoded is searched as text for both ids as JSON would hold them. */
function isAbout({ value, headers }: LogMessage, client: ClientKey): boolean {
  const named = messageKey(client);
  if (headers['client'] === named || headers['key'] === named) return true;
  const text = value === null ? '' : Buffer.from(value).toString('utf8');
  return text.includes(JSON.stringify(client.clientId)) && text.includes(JSON.stringify(client.firmId));
}

/** Marks the firm's exports; the export worker deletes their files, and they are not handed out from here on. */
async function eraseExports({ store, clock }: EraseParts, client: ClientKey): Promise<string[]> {
  const erased: string[] = [];
  for (const document of await store.listDocuments(exportJobCollection, client.firmId)) {
    if (await eraseExport(store, document, clock.now())) erased.push(document.id);
  }
  return erased;
}

async function eraseExport(store: ViewStore, document: Document, now: number): Promise<boolean> {
  const { collection, firmId, id } = document;
  let current: Document | null = document;
  for (let tries = 0; tries < saveTriesMax && current !== null; tries += 1) {
    const erased = erasedExportJob(readExportJob(current.body), now);
    if (erased === null) return false;
    if (await store.saveDocument({ collection, firmId, id, body: exportJobText(erased) }, current.version)) return true;
    current = await store.loadDocument(collection, firmId, id);
  }
  if (current === null) return false;
  throw new Problem('conflict', `The export ${id} keeps changing. Erase the client again.`);
}
