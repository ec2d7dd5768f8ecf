// The commands that try a source: trigger, map, listen.
import { buffer } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { exitCodes } from '../runtime/lifecycle.ts';
import type { Surroundings } from './adapters.ts';
import { type ListenOptions, listenTo } from './listen.ts';
import { type MapOptions, showMapping } from './map.ts';
import type { Say } from './say.ts';
import { listSamples, type TriggerOptions, trigger } from './trigger.ts';

export type TryParts = { surroundings(): Surroundings; say(): Say };

const collect = (value: string, before: readonly string[]) => [...before, value];

export function addTryCommands(program: Command, { surroundings, say }: TryParts): void {
  program
    .command('trigger')
    .description('sends a realistic event, signed as its provider signs, to a configured source')
    .argument('[provider.event]', 'as okta.user.session.start')
    .option('--list', 'every event there is, and what it tells')
    .addOption(new Option('--to <way>', 'how it gets there').choices(['http', 'kafka']).default('http'))
    .option('--source <name>', 'the source, where several are of the provider')
    .option('--user <id>', 'whom it is about, by the id that the provider knows the user by; client-1 unless said')
    .option('--email <address>', 'and by email address; client-1@example.org unless said')
    .option(
      '--override <path=value>',
      'changes a place in the payload, as data.user_id=client-2; may be repeated',
      collect,
      [],
    )
    .option(
      '--add <path=value>',
      'adds a member to the payload, as data.tags.tenant=north; may be repeated',
      collect,
      [],
    )
    .option('--at <url>', 'where the service listens; as configured unless said')
    .option('--private-key <file>', 'for schemes with a pair of keys: the private one, in PEM')
    .action(async (event: string | undefined, options: TriggerOptions & { list?: boolean }) => {
      if (options.list === true || event === undefined) return listSamples(say());
      if (!(await trigger(surroundings(), event, options, say()))) process.exitCode = exitCodes.failed;
    });

  program
    .command('map')
    .description('shows what a payload on standard input becomes, and why; needs no service')
    .argument('<provider>', 'as okta')
    .option('--source <name>', 'shows whose it is, by the rules of this source')
    .option('--header <name=value>', 'a header it comes with, as svix-id=msg_1; may be repeated', collect, [])
    .option('--zone <zone>', 'the IANA zone of times that say none')
    .addHelpText('after', '\nExit codes: 0 events came of it, 1 something is unusable, 4 nothing came of it.')
    .action(async (provider: string, options: MapOptions) => {
      const result = showMapping(surroundings(), provider, await buffer(process.stdin), options, say());
      if (result === 'unusable') process.exitCode = exitCodes.failed;
      if (result === 'nothing') process.exitCode = exitCodes.nothing;
    });

  program
    .command('listen')
    .description('prints URL and secret of each source, and what becomes of what arrives, live')
    .option('--at <url>', 'where the service listens; as configured unless said')
    .option('--key <reference>', 'an API key with the scope ingest, as env:NAME or file:path')
    .option('--show-secrets', 'shows the secrets whole')
    .action((options: ListenOptions) => listenTo(surroundings(), options, say()));
}
