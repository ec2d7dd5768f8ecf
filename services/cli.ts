#!/usr/bin/env node
// The command line: reads what is asked for, puts the parts together, and ends with a stable exit code.
import { readFile } from 'node:fs/promises';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { openAdapters, type Surroundings } from './cli/adapters.ts';
import { noteAudit } from './cli/audit.ts';
import { addDeadLetters } from './cli/dead-letters.ts';
import { demo } from './cli/demo.ts';
import { doctor } from './cli/doctor.ts';
import { type Say, sayTo } from './cli/say.ts';
import { type ServiceName, serve, serviceNames } from './cli/serve.ts';
import { listSources } from './cli/sources.ts';
import { addTryCommands } from './cli/try-commands.ts';
import { cutWire } from './core/export-job.ts';
import { ClientId, FirmId } from './core/ids.ts';
import { CalendarDate } from './core/time.ts';
import { exportFirm, parseExportFilter } from './export/export-firm.ts';
import { runNightly } from './export/nightly.ts';
import { eraseClient } from './query/erase.ts';
import { systemClock } from './runtime/clock.ts';
import { describeConfig, loadConfig } from './runtime/config.ts';
import { codeOf, OperatingError } from './runtime/errors.ts';
import { exitCodes, superviseProcess } from './runtime/lifecycle.ts';
import { createLogger } from './runtime/logger.ts';
import { Problem } from './runtime/problem.ts';

type ExportOptions = {
  readonly firm?: FirmId;
  readonly out: string;
  readonly name?: string;
  readonly adviser?: string;
  readonly access?: string;
  readonly rating?: string;
  readonly type?: string;
  readonly status?: string;
  readonly asOf?: string;
};

const program = new Command('signalfold');
program
  .description(
    'Folds login, impersonation, email and message events into one engagement view per client, and serves it.\n' +
      'Without KAFKA_BROKERS the log is embedded, without DYNAMODB_TABLE the store is: one process, one folder.',
  )
  .option('--json', 'print results as JSON, for scripts')
  .addHelpText('after', settingsHelp())
  .showSuggestionAfterError()
  .exitOverride();

function surroundings(): Surroundings {
  const config = loadConfig();
  return { config, clock: systemClock, logger: createLogger(config.logLevel) };
}

function say(): Say {
  return sayTo(process.stdout, program.opts<{ json?: boolean }>().json === true);
}

/** Runs services until a signal stops them. */
async function run(services: readonly ServiceName[], create: boolean, acceptLoss = false): Promise<void> {
  const around = surroundings();
  const lifecycle = superviseProcess(around.logger, around.clock);
  try {
    const { url } = await serve(around, lifecycle, { services, create, acceptLoss });
    say().line(`signalfold ${services.join(', ')}: ${url}`);
    if (around.config.auth === null) {
      say().line('Open to this machine only, and no key is asked for. To ask for one set SIGNALFOLD_API_KEYS to the');
      say().line('SHA-256 of a key (printf %s "$KEY" | sha256sum), or SIGNALFOLD_OIDC_ISSUER for tokens.');
    }
    say().result({ url, services });
  } catch (error) {
    await fail(error, (code) => lifecycle.stop('could not start', code));
  }
}

/** Opens log and store for one task and closes them after it. */
async function once(task: (around: Surroundings, adapters: Awaited<ReturnType<typeof openAdapters>>) => Promise<void>) {
  const around = surroundings();
  const adapters = await openAdapters(around, false);
  try {
    await task(around, adapters);
  } finally {
    await adapters.close();
  }
}

program
  .command('dev')
  .description('every service in one process; creates missing topics and the table')
  .action(() => run(serviceNames, true));

program
  .command('demo')
  .description('a made history of 3 firms and 5,000 clients through the real path, then stays up to try things')
  .action(async () => {
    const around = surroundings();
    const quiet = {
      ...around,
      logger: createLogger(around.config.logLevel === 'info' ? 'warn' : around.config.logLevel),
    };
    const lifecycle = superviseProcess(quiet.logger, quiet.clock);
    try {
      await demo(quiet, lifecycle, say());
    } catch (error) {
      await fail(error, (code) => lifecycle.stop('the demo failed', code));
    }
  });

program
  .command('ingest')
  .description('HTTP in: takes events into the log')
  .action(() => run(['ingest'], false));

program
  .command('project')
  .description('folds the topics into views')
  .option('--accept-loss', 'go on after retention has deleted messages that were not read')
  .action((options: { acceptLoss?: boolean }) => run(['project'], false, options.acceptLoss === true));

program
  .command('query')
  .description('serves cards, lists, settings, erasure and exports')
  .action(() => run(['query'], false));

program
  .command('export')
  .description("writes one firm's Portal Engagement Export with --firm; without it, runs the export worker")
  .option('--firm <id>', 'the firm', readFirm)
  .option('--out <file>', 'where to; - is standard output', '-')
  .option('--name <parts>', 'clients whose name contains one of these, by comma')
  .option('--adviser <ids>', 'clients of these advisers, by comma')
  .option('--access <statuses>', 'has_portal_access, logged_in_recently, never_logged_in, no_portal_access, by comma')
  .option('--rating <ratings>', 'green, amber, red, none, by comma')
  .option('--type <types>', 'clients of these types, as their profiles write them, by comma')
  .option('--status <statuses>', 'active, inactive, by comma')
  .addOption(new Option('--as-of <day>', 'as it was at the end of that local day, YYYY-MM-DD').argParser(readDay))
  .action(async (options: ExportOptions) => {
    const { firm: firmId, out, name, adviser, access, rating, type, status, asOf = null } = options;
    if (firmId === undefined) {
      if (Object.keys(options).some((name) => name !== 'out') || out !== '-') {
        throw new OperatingError('usage', 'These options are for the export of one firm: name it with --firm <id>.');
      }
      return run(['export'], false);
    }
    const filter = parseExportFilter({ name, adviser, access, rating, type, status });
    await once(async (around, { log, store }) => {
      const { config, clock } = around;
      await noteAudit(around, 'export.download', { firmId });
      const written = await exportFirm({ store, log, clock, group: config.group, firmId, filter, asOf }, out);
      if (out === '-') return;
      say().line(`${written.rows} rows in ${out}, sha256 ${written.sha256}`);
      say().result({ file: out, ...written, cut: cutWire(written.cut) });
    });
  });

program
  .command('nightly')
  .description('one Portal Engagement Export per firm and a manifest; a second run does only what is missing')
  .requiredOption('--out <folder>', 'where to')
  .addOption(new Option('--date <day>', 'the day in the file names, YYYY-MM-DD; default today, UTC').argParser(readDay))
  .action(async (options: { out: string; date?: string }) => {
    await once(async (around, { log, store }) => {
      const { config, clock, logger } = around;
      const { date, out: outDir } = options;
      const dated = date === undefined ? {} : { date };
      const summary = await runNightly({
        store,
        log,
        clock,
        group: config.group,
        logger,
        outDir,
        version: await version(),
        ...dated,
      });
      const { written, kept, manifest, manifestPath } = summary;
      // What an earlier run for the day has written stands there already.
      const fresh = manifest.firms.filter(({ startedAt }) => startedAt >= manifest.startedAt);
      await noteAudit(around, 'export.download', ...fresh.map(({ firmId, rows }) => ({ firmId, clients: rows })));
      say().line(
        `${written} firms written, ${kept} were there already, ${manifest.failed.length} failed: ${manifestPath}`,
      );
      say().result(summary);
      if (manifest.failed.length > 0) process.exitCode = exitCodes.failed;
    });
  });

program
  .command('erase')
  .description('erases a client everywhere, and prints the receipt')
  .requiredOption('--firm <id>', 'the firm', readFirm)
  .requiredOption('--client <id>', 'the client', readClient)
  .action(async (options: { firm: FirmId; client: ClientId }) => {
    await once(async (around, { log, store }) => {
      const client = { firmId: options.firm, clientId: options.client };
      await noteAudit(around, 'client.erase', client);
      const receipt = await eraseClient({ log, store, clock: around.clock }, client);
      say().line(JSON.stringify(receipt, null, 2));
      say().result(receipt);
    });
  });

addDeadLetters(program, { once, say });

program
  .command('sources')
  .description('lists the sources that SIGNALFOLD_SOURCES names, or tells what is wrong with them')
  .action(() => listSources(loadConfig(), say()));

program
  .command('doctor')
  .description('checks Kafka and DynamoDB, or the data folder, and the token issuer, from here, and says what to mend')
  .option('--create', 'create missing topics and the table')
  .action(async (options: { create?: boolean }) => {
    if (!(await doctor(surroundings(), options.create === true, say()))) process.exitCode = exitCodes.failed;
  });

addTryCommands(program, { surroundings, say });

async function version(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

function readFirm(text: string): FirmId {
  return readId(FirmId.safeParse(text));
}

function readClient(text: string): ClientId {
  return readId(ClientId.safeParse(text));
}

function readId<Id>(parsed: { success: true; data: Id } | { success: false }): Id {
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('An id has 1–128 printable characters without "/" or "#".');
}

function readDay(text: string): string {
  if (CalendarDate.safeParse(text).success) return text;
  throw new InvalidArgumentError('A day is written YYYY-MM-DD.');
}

function settingsHelp(): string {
  const rows = describeConfig().map(
    ({ name, preset, meaning }) => `  ${name} (${preset ?? 'not set'})\n      ${meaning}`,
  );
  return `\nSettings, by environment or in a JSON file:\n${rows.join('\n')}\n\nExit codes: 0 done, 1 failed, 2 called or configured wrongly, 3 stopped too slowly, 4 nothing came of it.`;
}

/** Says what went wrong in one line, and ends with the code that fits. */
async function fail(error: unknown, end: (code: number) => Promise<void> | void): Promise<void> {
  if (error instanceof CommanderError) return end(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage);
  const known = error instanceof OperatingError || error instanceof Problem;
  const text =
    known || !(error instanceof Error)
      ? String(error instanceof Error ? error.message : error)
      : (error.stack ?? error.message);
  process.stderr.write(`signalfold: ${text}\n`);
  const wrongly = error instanceof OperatingError && (error.code === 'config_invalid' || error.code === 'usage');
  return end(wrongly ? exitCodes.usage : exitCodes.failed);
}

// Whoever reads us may have had enough, as `head` has.
process.stdout.on('error', (error) => {
  if (codeOf(error) !== 'EPIPE') throw error;
  process.exit(exitCodes.ok);
});

try {
  await program.parseAsync();
} catch (error) {
  await fail(error, (code) => {
    process.exitCode = code;
  });
}
