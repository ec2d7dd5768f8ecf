// The figures of a trial, as tables.
import type { Fault, FaultKind } from './faults.ts';
import type { ReaderOutcome, SenderOutcome, TrialOutcome } from './trial.ts';

/** A message that stood in the log for longer than this had a consumer that did not move. */
const stallMs = 15_000;
const restartNote = 'does not move; starting it anew';

export function tablesOf({ faults, senders, readers, speeds }: TrialOutcome): string {
  const kinds: readonly FaultKind[] = ['kill', 'roll', 'stop'];
  const shown = kinds.filter((kind) => faults.some((fault) => fault.kind === kind));
  const senderHead = ['producer', 'acknowledged', 'lost', 'repeated', 'out of order', 'said no', 'uncaught'];
  const readerHead = ['consumer', 'received', 'missed', 'commits back', 'stalls', 'restarts', 'notes', 'uncaught'];
  const waits = shown.map((kind) => `${kind}: wait p50 / max s`);
  return [
    table(
      [...senderHead, ...waits],
      senders.map((sender) => senderRow(sender, faults, shown)),
    ),
    table(
      [...readerHead, ...[...shown, 'storm' as const].map((kind) => `${kind}: wait p50 / max s`)],
      readers.map((reader) => readerRow(reader, faults, [...shown, 'storm'])),
    ),
    table(
      ['what', 'client', 'messages a second', 'CPU ms for 100,000'],
      speeds.map(({ what, name, perSecond, cpuMsPer100k }) => [what, name, String(perSecond), String(cpuMsPer100k)]),
    ),
  ].join('\n\n');
}

function senderRow({ member, comparison }: SenderOutcome, faults: readonly Fault[], kinds: readonly FaultKind[]) {
  const { acknowledged, lost, repeated, outOfOrder } = comparison;
  const waits = member.acknowledged.map(({ at, tookMs }) => ({ at, ms: tookMs }));
  const refused = member.acknowledged.reduce((sum, { tries }) => sum + tries, 0);
  const counts = [acknowledged, lost.length, repeated, outOfOrder, refused, member.uncaught.length];
  return [member.role.name, ...counts.map(String), ...kinds.map((kind) => longest(waits, faults, kind))];
}

function readerRow(reader: ReaderOutcome, faults: readonly Fault[], kinds: readonly FaultKind[]) {
  const received = reader.members.flatMap((member) => member.received);
  const waits = received.map(({ at, waitedMs }) => ({ at, ms: waitedMs }));
  const notes = reader.members.flatMap((member) => member.notes).filter(({ note }) => note !== 'ended');
  const uncaught = reader.members.reduce((sum, member) => sum + member.uncaught.length, 0);
  const stalls = faults.filter((_, index) => (longestAfter(waits, faults, index) ?? 0) > stallMs).length;
  const restarts = notes.filter(({ note }) => note.includes(restartNote)).length;
  const counts = [reader.received, reader.missed, reader.commitsBack.length, stalls, restarts, notes.length, uncaught];
  return [reader.name, ...counts.map(String), ...kinds.map((kind) => longest(waits, faults, kind))];
}

type Wait = { readonly at: number; readonly ms: number };

/** Of the longest wait after each fault of a kind: the median and the largest. */
function longest(waits: readonly Wait[], faults: readonly Fault[], kind: FaultKind): string {
  const each = faults
    .flatMap((fault, index) => (fault.kind === kind ? [longestAfter(waits, faults, index) ?? Number.NaN] : []))
    .filter((ms) => !Number.isNaN(ms))
    .sort((one, other) => one - other);
  if (each.length === 0) return '–';
  return `${seconds(each[Math.floor((each.length - 1) / 2)] ?? 0)} / ${seconds(each.at(-1) ?? 0)}`;
}

/** A wait belongs to the newest fault before its end. */
function longestAfter(waits: readonly Wait[], faults: readonly Fault[], index: number): number | null {
  const from = faults[index]?.at ?? 0;
  const to = faults[index + 1]?.at ?? Number.POSITIVE_INFINITY;
  const found = waits.filter(({ at }) => at >= from && at < to);
  return found.length === 0 ? null : found.reduce((most, { ms }) => Math.max(most, ms), 0);
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
