// Where the built pages are, seen from the sources and from dist/, and where they may call.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Pages } from '../query/pages.ts';
import type { AuthConfig } from '../runtime/config-auth.ts';

export function pagesOf(auth: AuthConfig | null): Pages {
  const beside = fileURLToPath(new URL('../dashboard/', import.meta.url));
  // The sources hold the page's own sources there, unbuilt.
  const folder = existsSync(`${beside}assets`)
    ? beside
    : fileURLToPath(new URL('../../dist/dashboard/', import.meta.url));
  const issuer = auth?.oidc?.issuer ?? null;
  return { folder, connectTo: issuer === null ? [] : [new URL(issuer).origin] };
}
