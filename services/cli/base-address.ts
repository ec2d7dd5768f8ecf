// Where the service that a command talks to listens, and what to do when nothing does.
import type { Config } from '../runtime/config.ts';
import { codeOf, OperatingError } from '../runtime/errors.ts';

/** As the configuration says, unless `at` says otherwise. Throws usage for what is no address. */
export function baseAddress({ host, port }: Pick<Config, 'host' | 'port'>, at: string | undefined): URL {
  const text = at ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const address = URL.canParse(text) ? new URL(text) : null;
  if (address?.protocol === 'http:' || address?.protocol === 'https:') return address;
  throw new OperatingError('usage', `--at: "${text}" is no address; write http://host:port.`);
}

/** For a request that got no answer. */
export function unreachable(address: URL, cause: unknown): OperatingError {
  // What fetch throws says no more than that it failed; why stands in its cause.
  const why = typeof cause === 'object' && cause !== null && 'cause' in cause ? cause.cause : undefined;
  const code = codeOf(why);
  const what = code === 'ECONNREFUSED' ? 'Nothing listens there' : `It cannot be reached (${code ?? String(cause)})`;
  const mend = 'Start the service with `make start` or `signalfold ingest`, or say with --at where it listens.';
  return new OperatingError('address_unusable', `${address.origin}: ${what}. ${mend}`, { cause });
}
