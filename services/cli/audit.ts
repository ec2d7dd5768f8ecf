// The audit log of a command line: the same lines that the services write, by whoever works on this machine.
import { userInfo } from 'node:os';
import { type AuditAction, type AuditDetails, openAuditLog } from '../runtime/audit.ts';
import type { Surroundings } from './adapters.ts';

/** Whoever works on this machine. */
export function caller(): string {
  return `cli:${userInfo().username}`;
}

/** Resolves when the line is in the file. Throws file_unwritable. */
export async function noteAudit(
  { config, clock, logger }: Surroundings,
  action: AuditAction,
  ...lines: readonly AuditDetails[]
): Promise<void> {
  // Standard output holds the command's own answer.
  const auditLog = config.auditLog === 'stdout' ? 'stderr' : config.auditLog;
  const audit = openAuditLog({ dataDir: config.dataDir, auditLog }, { clock, logger });
  for (const details of lines) audit.note(action, caller(), details);
  await audit.close();
}
