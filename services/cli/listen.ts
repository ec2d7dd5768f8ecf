// `signalfold listen`: where each provider is to send and with which secret, and what becomes of what arrives, live.
import { DeliveryTold } from '../ingest/deliveries.ts';
import type { Source } from '../ingest/sources/source.ts';
import { OperatingError } from '../runtime/errors.ts';
import { readSecret } from '../runtime/secret-reference.ts';
import type { Surroundings } from './adapters.ts';
import { baseAddress, unreachable } from './base-address.ts';
import type { Say } from './say.ts';
import { configuredSources } from './sources.ts';

export type ListenOptions = {
  /** Where the service listens; as this configuration says unless given. */
  readonly at?: string;
  /** An API key, as env:NAME or file:path. */
  readonly key?: string;
  readonly showSecrets?: boolean;
};

/** Resolves when the service ends the stream for good; rejects when nothing listens there. */
export async function listenTo({ config, clock }: Surroundings, options: ListenOptions, say: Say): Promise<void> {
  const base = baseAddress(config, options.at);
  const { sources } = configuredSources(config);
  if (sources.length === 0)
    say.line('No sources are configured here: SIGNALFOLD_SOURCES names the file they stand in.');
  for (const source of sources) for (const line of linesOf(source, base, options.showSecrets === true)) say.line(line);
  const headers = keyHeader(options.key);
  for (;;) {
    const answer = await open(new URL('/v1/deliveries', base), headers);
    say.line(`Watching ${base.origin} …`);
    const began = clock.now();
    await readStream(answer, (told) => {
      for (const line of linesOfTold(told)) say.line(line);
      say.result(told);
    });
    // A service ends streams now and then; one that is gone is found out by asking again.
    if (clock.now() - began < comeAgainMs) await clock.sleep(comeAgainMs);
  }
}

const comeAgainMs = 1000;

function keyHeader(reference: string | undefined): Readonly<Record<string, string>> {
  if (reference === undefined) return {};
  const read = readSecret(reference, process.cwd());
  if ('fault' in read) throw new OperatingError('usage', `--key: ${read.fault}.`);
  return { authorization: `Bearer ${read.secret}` };
}

async function open(address: URL, headers: Readonly<Record<string, string>>): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(address, { headers });
  } catch (cause) {
    throw unreachable(address, cause);
  }
  if (answer.ok) return answer;
  const mend =
    answer.status === 401 || answer.status === 403 ? ' Give a key with the scope ingest: --key env:NAME.' : '';
  throw new OperatingError('usage', `${address} answers ${answer.status}: ${await answer.text()}${mend}`);
}

async function readStream(answer: Response, onTold: (told: DeliveryTold) => void): Promise<void> {
  if (answer.body === null) return;
  let rest = '';
  for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const line = /^data: (.*)$/m.exec(block)?.[1];
      if (line !== undefined) onTold(DeliveryTold.parse(JSON.parse(line)));
    }
  }
}

function linesOf({ name, offer, transport, url }: Source, base: URL, shows: boolean): readonly string[] {
  const head = `${name}  ${offer.provider.title}`;
  if (transport.kind === 'kafka') return [head, `  reads the topic ${transport.topic}`];
  if (transport.kind === 'pull') return [head, '  is pulled, nothing is to be set up at the provider'];
  const here = new URL(`/v1/webhooks/${name}`, base).toString();
  const { signing } = transport;
  const secrets = signing?.secrets.map((secret) => (shows ? secret : masked(secret))).join(', ') ?? '';
  return [
    head,
    `  URL     ${url ?? here}${url === null ? '' : ` (here ${here})`}`,
    signing === null
      ? '  secret  none is checked'
      : `  secret  ${secrets || 'none is needed'} (${signing.scheme.name})`,
  ];
}

/** Enough to tell which of several it is, and no more: nothing at all of short ones. What all have in front tells nothing. */
function masked(secret: string): string {
  const front = secret.startsWith('whsec_') ? 'whsec_' : '';
  const hint = secret.length - front.length < 16 ? '' : secret.slice(front.length, front.length + 3);
  return `${front}${hint}… (${secret.length} characters; --show-secrets shows it)`;
}

function linesOfTold(told: DeliveryTold): readonly string[] {
  const { at, source, outcome, topic, clients, wrong, why, warnings } = told;
  const whose = clients.map(({ firmId, clientId }) => `${firmId}/${clientId}`).join(', ');
  const what = [topic, whose, wrong === null ? null : `the ${wrong} is wrong`].filter(
    (part) => part !== null && part !== '',
  );
  return [
    `${at.slice(11, 23)}  ${source}  ${outcome}${what.length === 0 ? '' : `  ${what.join(' ')}`}`,
    ...(why === null || why === '' ? [] : [`              ${why}`]),
    ...warnings.map((warning) => `              warning: ${warning}`),
  ];
}
