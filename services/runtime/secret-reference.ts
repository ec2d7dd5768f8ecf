// A secret as a configuration file names it: `env:NAME` stands for a variable of the environment, `file:path` for a file.
// The secret itself stands in no file of settings, so it is in no copy, commit or message of one.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

export type SecretRead = { readonly secret: string } | { readonly fault: string };

/** Relative paths start at `directory`. What a fault says never holds the secret, nor what stood in its place. */
export function readSecret(reference: string, environment: Environment, directory: string): SecretRead {
  const name = /^(?:env:([A-Za-z_]\w*)|\$\{([A-Za-z_]\w*)\})$/.exec(reference)?.slice(1).find((part) => part);
  if (name !== undefined) {
    const value = environment[name]?.trim() ?? '';
    return value === '' ? { fault: `the environment has no ${name}; set it` } : { secret: value };
  }
  if (reference.startsWith('file:')) return secretOfFile(resolve(directory, reference.slice('file:'.length)));
  return { fault: 'must name the secret, not be it: write env:NAME for a variable of the environment, or file:path' };
}

function secretOfFile(path: string): SecretRead {
  try {
    const secret = readFileSync(path, 'utf8').trim();
    return secret === '' ? { fault: `the file ${path} is empty` } : { secret };
  } catch {
    return { fault: `the file ${path} cannot be read` };
  }
}
