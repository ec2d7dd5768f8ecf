// The audit log: one JSON line for each request that read clients' data, or changed or erased something; who asked for
// what, and how it ended. Ids only: no names, no addresses, nothing of what was answered.
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { pino } from 'pino';
import { type Clock, inTime } from './clock.ts';
import type { Config } from './config.ts';
import { OperatingError } from './errors.ts';
import type { Logger } from './logger.ts';
import { stranger } from './principal.ts';

/** What a request does that is worth a line, as the line names it. */
export const auditActions = [
  'card.read',
  'list.read',
  'batch.read',
  'timeline.read',
  'activity.read',
  'firm-activity.read',
  'movements.read',
  'changes.read',
  'what-if.read',
  'export.ask',
  'export.list',
  'export.read',
  'export.download',
  'settings.change',
  'client.erase',
  'view-token.make',
  'dead-letters.list',
  'dead-letters.read',
  'dead-letters.read-full',
  'dead-letters.redrive',
] as const;
export type AuditAction = (typeof auditActions)[number];

/** What a route adds to its line; firm, client and export in its path are there already. */
export type AuditDetails = {
  /** Whom it is about, where no path names them. */
  readonly firmId?: string;
  readonly clientId?: string;
  /** What the request turned out to do, where its route does not say. */
  readonly audit?: AuditAction;
  /** How many clients were shown, or erased, where it is not the one in the path. */
  readonly clients?: number;
  /** The export that came of it. */
  readonly export?: string;
  /** The view token that was made. */
  readonly view?: string;
  /** How many dead letters were shown, or sent again. */
  readonly letters?: number;
  /** The dead letter that was shown, by its position. */
  readonly letter?: string;
};

declare module 'fastify' {
  interface FastifyRequest {
    auditDetails: AuditDetails | null;
  }
}

/** Adds to the line of a request. */
export function noteAudit(request: FastifyRequest, details: AuditDetails): void {
  request.auditDetails = { ...request.auditDetails, ...details };
}

export type AuditLog = {
  /** Writes the line of an answered request; it reaches the file soon after. */
  write(action: AuditAction, request: FastifyRequest, reply: FastifyReply): void;
  /** Writes a line for what was done without a request, on a command line. */
  note(action: AuditAction, principal: string, details: AuditDetails): void;
  /** Resolves when every line is in the file. */
  close(): Promise<void>;
};

const [stdout, stderr] = [1, 2];
/** Lines that wait for a disk that does not answer; beyond this they are lost, which the log tells. */
const waitingBytesMax = 16 * 1024 * 1024;
/** Lines are gathered for so long, or up to so many characters: handing each to the disk costs more than wording it. */
const gatherMs = 20;
const gatherCharactersMax = 64 * 1024;
const closeMsMax = 2_000;
const tooManyRequests = 429;

/**
 * The file `audit.log` in the data folder, unless another is configured. It is appended to, and never rotated here.
 * Throws file_unwritable.
 */
export function openAuditLog(
  config: Pick<Config, 'auditLog' | 'dataDir'>,
  { clock, logger: faults }: { readonly clock: Clock; readonly logger: Logger },
): AuditLog {
  const path = config.auditLog ?? resolve(config.dataDir, 'audit.log');
  // Answers do not wait for the disk.
  const file = pino.destination({ dest: openFile(path), sync: false, maxLength: waitingBytesMax });
  file.on('error', (err: unknown) => faults.error({ err, path }, 'the audit log cannot be written'));
  file.once('drop', () => faults.error({ path }, 'lines of the audit log are lost: it cannot be written fast enough'));
  let gathered = '';
  const handOn = () => {
    if (gathered === '') return;
    file.write(gathered);
    gathered = '';
  };
  let isClosed = false;
  const write = (what: object) => {
    const line = { time: new Date(clock.now()).toISOString(), ...what };
    if (isClosed) {
      faults.error({ path, line }, 'a line came after the audit log was closed');
      return;
    }
    if (gathered === '') void clock.sleep(gatherMs).then(handOn);
    gathered += `${JSON.stringify(line)}\n`;
    if (gathered.length >= gatherCharactersMax) handOn();
  };
  return {
    write: (audit, request, reply) => {
      const { principal, params, auditDetails, id } = request;
      // Nothing was done, and nobody may fill the disk by asking too often.
      if (reply.statusCode === tooManyRequests) return;
      const who = principal === stranger ? null : principal.id;
      const asked = { ...placeOf(params), ...auditDetails };
      // A caller with a view token counts as its maker; the line tells which token it was.
      write({
        audit,
        principal: who,
        view: principal.view?.id,
        ...asked,
        status: reply.statusCode,
        requestId: id,
      });
    },
    note: (audit, principal, details) => {
      write({ audit, principal, ...details });
    },
    close: async () => {
      const closed = once(file, 'close');
      handOn();
      isClosed = true;
      file.end();
      // What collects standard output may be gone already; then it never closes.
      await inTime(clock, closeMsMax, () => closed);
    },
  };
}

function openFile(path: string): number {
  if (path === 'stdout') return stdout;
  if (path === 'stderr') return stderr;
  try {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, 'a', 0o600);
  } catch (cause) {
    const message = `The audit log ${path} cannot be written. Name another file, or stdout, with SIGNALFOLD_AUDIT_LOG.`;
    throw new OperatingError('file_unwritable', message, { cause });
  }
}

/** What the path names, as it was asked for: it need not exist. */
function placeOf(params: unknown): Readonly<Record<'firmId' | 'clientId' | 'export' | 'letter', unknown>> | null {
  if (typeof params !== 'object' || params === null) return null;
  const named = { firmId: undefined, clientId: undefined, id: undefined, position: undefined, ...params };
  return { firmId: named.firmId, clientId: named.clientId, export: named.id, letter: named.position };
}
