// A secret as a configuration file names it: `env:NAME` stands for a variable of the environment, `file:path` for a file.
// The secret itself stands in no file of settings, so it is in no copy, commit or message of one.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Environment } from './config.ts';

export const secretReference = /^(?:env:([A-Za-z_]\w*)|\$\{([A-Za-z_]\w*)\}|file:.+)$/;

export type SecretRead = { readonly secret: string } | { readonly fault: string };

/** Relative paths start at `directory`. What a fault says never holds the secret, nor what stood in its place. */
export function readSecret(reference: string, directory: string, environment: Environment = process.env): SecretRead {
  const name = secretReference
    .exec(reference)
    ?.slice(1)
    .find((part) => part !== undefined);
  if (name !== undefined) {
    const value = environment[name]?.trim() ?? '';
    return value === '' ? { fault: `the environment has no ${name}; set it` } : { secret: value };
  }
  if (reference.startsWith('file:')) return secretOfFile(resolve(directory, reference.slice('file:'.length)));
  return { fault: 'must be env:NAME or file:path' };
}

function secretOfFile(path: string): SecretRead {
  try {
    const secret = readFileSync(path, 'utf8').trim();
    return secret === '' ? { fault: `the file ${path} is empty` } : { secret };
  } catch {
    return { fault: `the file ${path} cannot be read` };
  }
}
