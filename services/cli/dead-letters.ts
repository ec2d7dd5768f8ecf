// `signalfold dead-letters list | show | redrive`: what could not be used, one with its value, and sending them again.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { readLetters } from '../query/dead-letters/book.ts';
import { LetterFilter, letterStates, lettersOf } from '../query/dead-letters/filter.ts';
import { type Redriven, redrive } from '../query/dead-letters/redrive.ts';
import { countsOf, readRecord } from '../query/dead-letters/routes.ts';
import type { Letter, LetterShelf } from '../query/dead-letters/shelf.ts';
import { verdictOf } from '../query/dead-letters/verdict.ts';
import { contentWire, letterWire, redrivenWire, verdictWire } from '../query/dead-letters/wire.ts';
import { OperatingError } from '../runtime/errors.ts';
import { parseParameters } from '../runtime/problem.ts';
import type { Adapters, Surroundings } from './adapters.ts';
import { caller, noteAudit } from './audit.ts';
import type { Say } from './say.ts';
import { sourceRedrive } from './sources.ts';

type Once = (task: (around: Surroundings, adapters: Adapters) => Promise<void>) => Promise<void>;
type Parts = { readonly once: Once; say(): Say };
type Filters = Readonly<Record<string, unknown>>;

const listedPreset = 50;
const redrivenPreset = 1_000;

export function addDeadLetters(program: Command, { once, say }: Parts): void {
  const command = program
    .command('dead-letters')
    .description('messages that could not be used: lists them, shows one, sends them again');

  filtered(command.command('list'), listedPreset)
    .description('the newest first, with their reasons and a masked line of each')
    .action((options: Filters & { limit: number }) =>
      once(async (_around, { log }) => {
        const { shelf, found } = await choose(log, options);
        const listed = found.slice(0, options.limit);
        for (const letter of listed) sayLetter(letter, shelf, say());
        for (const { topic, reason, count } of countsOf(found)) say().line(`${count} × ${topic} ${reason}`);
        say().line(`${found.length} match, ${listed.length} are listed.`);
        const items = listed.map((letter) => letterWire(letter, shelf));
        say().result({ items, total: found.length, counts: countsOf(found) });
      }),
    );

  command
    .command('show')
    .description('one of them: why, what it would become now, and its value, personal values masked')
    .argument('<position>', 'as the list tells it: topic@incarnation/partition/offset')
    .option('--full', 'the very bytes; stands in the audit log')
    .action((position: string, options: { full?: boolean }) =>
      once(async (around, adapters) => {
        const { log } = adapters;
        const shelf = await readLetters(log);
        const letter = shelf.find(position);
        const record = letter === null ? null : await readRecord(log, letter);
        if (letter === null || record === null) {
          throw new OperatingError(
            'usage',
            `There is no dead letter ${position}: see \`signalfold dead-letters list\`.`,
          );
        }
        const full = options.full === true;
        if (full) await noteAudit(around, 'dead-letters.read-full', { letter: position });
        const now = verdictOf(record, around.clock.now(), sourceRedrive(around, adapters));
        const content = contentWire(record.value, full);
        sayLetter(letter, shelf, say());
        say().line(`  now      ${now.becomes}${now.reason === null ? '' : ` ${now.reason}`}: ${now.detail}`);
        say().line(`\n${content.text ?? '(a null value)'}`);
        say().result({ ...letterWire(letter, shelf), now: verdictWire(now), content });
      }),
    );

  filtered(command.command('redrive'), redrivenPreset)
    .description(
      'sends those again that are usable now, the oldest first; an event counts once however often it is sent',
    )
    .option('--dry-run', 'send nothing, say what each would become')
    .option('--force', 'send also what would be refused or ignored again')
    .action((options: Filters & { limit: number; dryRun?: boolean; force?: boolean }) =>
      once(async (around, adapters) => {
        const { log } = adapters;
        const { found } = await choose(log, options);
        const chosen = found.slice(-options.limit);
        const [dryRun, force] = [options.dryRun === true, options.force === true];
        const order = { dryRun, force, by: caller(), mayErase: true };
        const done = await redrive(
          { log, clock: around.clock, atSource: sourceRedrive(around, adapters) },
          chosen,
          order,
        );
        const sent = done.filter((one) => one.sent).length;
        if (!dryRun) await noteAudit(around, 'dead-letters.redrive', { letters: sent });
        for (const one of done) sayRedriven(one, say());
        const left = found.length - chosen.length;
        say().line(`${found.length} match; ${sent} ${dryRun ? 'would be sent' : 'were sent'} again, ${left} left.`);
        say().result({ dryRun, matched: found.length, sent, left, items: done.map(redrivenWire) });
      }),
    );
}

function filtered(command: Command, limit: number): Command {
  return command
    .option('--topic <names>', 'topics the originals came on, by comma')
    .option('--reason <codes>', 'reason codes, by comma')
    .option('--firm <id>', 'about clients of this firm')
    .option('--client <id>', 'about this client')
    .option('--since <instant>', 'originals appended at or after it, as 2026-03-02T09:30:00Z')
    .option('--until <instant>', 'originals appended before it')
    .option('--position <position>', 'this one alone')
    .addOption(new Option('--state <state>', 'whether sent again').choices(letterStates).default('open'))
    .addOption(new Option('--limit <number>', 'at most so many').default(limit).argParser(readLimit));
}

function readLimit(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A limit is a whole number from 1.');
}

async function choose(
  log: Adapters['log'],
  { limit: _limit, dryRun: _dry, force: _force, ...given }: Filters,
): Promise<{ readonly shelf: LetterShelf; readonly found: readonly Letter[] }> {
  const filter = parseParameters(LetterFilter, given, 'query');
  const shelf = await readLetters(log);
  return { shelf, found: lettersOf(shelf, filter, null) };
}

function sayLetter(letter: Letter, shelf: LetterShelf, say: Say): void {
  const { position, reason, detail, appendedAt, sizeBytes, key, redriven, redrivenFrom, sample } = letterWire(
    letter,
    shelf,
  );
  say.line(`${position}  ${reason}`);
  say.line(`  why      ${detail}`);
  say.line(`  appended ${appendedAt}, ${sizeBytes} bytes, key ${key ?? 'none'}`);
  if (redrivenFrom !== null) say.line(`  was      ${redrivenFrom}, sent again`);
  if (redriven !== null) say.line(`  redriven ${redriven.at} by ${redriven.by}`);
  say.line(`  sample   ${sample}`);
}

function sayRedriven(one: Redriven, say: Say): void {
  const { position, reason, now, sent, why } = redrivenWire(one);
  say.line(`${sent ? 'sent' : 'kept'}  ${position}  ${reason} → ${now.becomes}${why === null ? '' : `. ${why}`}`);
}
