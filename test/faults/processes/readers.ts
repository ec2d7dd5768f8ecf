// Who reads while everything fails: cards, lists and exports, asked for again and again. An answer is right, or a refusal that
// says when to come again; a list is never a part of one, so its total never falls.
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { ExportJobWire } from '../../../services/core/export-job.ts';
import { ListWire } from '../../../services/core/list.ts';
import type { Reply } from '../../e2e/service.ts';
import type { Crew } from './crew.ts';
import { survivor } from './deeds.ts';

const restMs = 150;
const askEveryMs = 1_500;
const exportMsMax = 120_000;
const exportPollMs = 300;

export type AskedExport = { readonly firmId: string; readonly key: string; id: string | null };

export type Readers = {
  /** What was wrong with answers. */
  readonly wrong: readonly string[];
  readonly answers: ReadonlyMap<string, number>;
  /** Stops asking; then every export that was asked for must have come to its end. Answers how they ended. */
  finish(): Promise<Readonly<Record<string, number>>>;
};

export function startReaders(crew: Crew, firms: readonly string[], random: () => number): Readers {
  const wrong: string[] = [];
  const answers = new Map<string, number>();
  const exports: AskedExport[] = [];
  let asking = true;

  const judge = (what: string, reply: Reply, known: readonly number[]): boolean => {
    const name = `${what} ${reply.status}`;
    answers.set(name, (answers.get(name) ?? 0) + 1);
    if (known.includes(reply.status)) return true;
    const isRefusal = reply.status === 503 && reply.headers.get('retry-after') !== null;
    if (!isRefusal) wrong.push(`${what} answered ${reply.status} ${reply.text.slice(0, 500)}`);
    return false;
  };

  const readLists = async (name: string) => {
    const totals = new Map<string, number>();
    let pid: number | null = null;
    while (asking) {
      await wait(restMs);
      const firmId = firms[Math.floor(random() * firms.length)] ?? '';
      // Another process has another memory.
      if (crew.pidOf(name) !== pid) totals.clear();
      pid = crew.pidOf(name);
      const reply = await crew.ask(name, 'GET', `/v1/firms/${firmId}/clients?limit=50`).catch(() => null);
      if (reply === null || !judge('a list', reply, [200]) || pid !== crew.pidOf(name)) continue;
      const { total, items } = ListWire.parse(reply.json());
      const before = totals.get(firmId) ?? 0;
      if (total < before) wrong.push(`${name}: the list of ${firmId} fell from ${before} to ${total}`);
      totals.set(firmId, total);
      const shown = items[Math.floor(random() * items.length)];
      if (shown === undefined) continue;
      const card = await crew.ask(name, 'GET', `/v1/firms/${firmId}/clients/${shown.clientId}`).catch(() => null);
      if (card !== null) judge('a card', card, [200]);
    }
  };

  const askFor = async (one: AskedExport): Promise<void> => {
    const body = JSON.stringify({ report: 'portal-engagement', format: 'csv' });
    const path = `/v1/firms/${one.firmId}/exports`;
    const headers = { 'content-type': 'application/json', 'idempotency-key': one.key };
    const reply = await crew.ask(survivor, 'POST', path, body, headers).catch(() => null);
    if (reply === null || !judge('an export', reply, [202, 404])) return;
    if (reply.status === 202) one.id = z.object({ id: z.string() }).parse(reply.json()).id;
  };

  const askForExports = async () => {
    while (asking) {
      const firmId = firms[Math.floor(random() * firms.length)] ?? '';
      const one: AskedExport = { firmId, key: `export-${exports.length}`, id: null };
      exports.push(one);
      await askFor(one);
      await wait(askEveryMs);
    }
  };

  const endOf = async (one: AskedExport): Promise<string> => {
    const deadline = Date.now() + exportMsMax;
    for (;;) {
      if (one.id === null) await askFor(one);
      const reply = one.id === null ? null : await crew.ask(survivor, 'GET', placeOf(one)).catch(() => null);
      if (reply !== null && judge('a job', reply, [200])) {
        const job = ExportJobWire.parse(reply.json());
        if (job.status === 'done') {
          wrong.push(...(await wrongFile(crew, one, job)));
          return 'done';
        }
        if (job.status === 'failed') {
          // Three workers were killed over it.
          if (job.error?.startsWith('Given up') !== true) wrong.push(`the export ${one.key} failed: ${job.error}`);
          return `failed: ${job.error}`;
        }
      }
      if (Date.now() > deadline) {
        wrong.push(`the export ${one.key} of ${one.firmId} did not end: ${reply?.text ?? 'no answer'}`);
        return 'open';
      }
      await wait(exportPollMs);
    }
  };

  const reading = Promise.all([readLists(survivor), readLists('query-b'), askForExports()]);
  return {
    wrong,
    answers,
    finish: async () => {
      asking = false;
      await reading;
      const ends: Record<string, number> = {};
      for (const one of exports) {
        const end = await endOf(one);
        ends[end] = (ends[end] ?? 0) + 1;
      }
      return ends;
    },
  };
}

function placeOf({ firmId, id }: AskedExport): string {
  return `/v1/firms/${firmId}/exports/${id}`;
}

/** A finished file is whole, and the very one that its job names. */
async function wrongFile(crew: Crew, one: AskedExport, job: ExportJobWire): Promise<readonly string[]> {
  const reply = await crew.ask(survivor, 'GET', `${placeOf(one)}/file`);
  if (reply.status !== 200) return [`the file of ${one.key} answered ${reply.status} ${reply.text.slice(0, 300)}`];
  const sha256 = createHash('sha256')
    .update(`\ufeff${reply.text.replace(/^\ufeff/, '')}`)
    .digest('hex');
  const rows = reply.text.trimEnd().split('\n').length - 1;
  if (sha256 !== job.sha256) return [`the file of ${one.key} is not the one its job names`];
  return rows === job.rows ? [] : [`the file of ${one.key} has ${rows} rows, its job says ${job.rows}`];
}
