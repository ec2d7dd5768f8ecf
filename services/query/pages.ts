// The dashboard's pages: files that were built, held in memory with their packed twins, and served under /.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Problem, parseParameters } from '../runtime/problem.ts';

export type Pages = {
  /** Where the build left index.html and assets/. */
  readonly folder: string;
  /** Origins beside our own that the pages may call: where people sign in. */
  readonly connectTo: readonly string[];
};

/** Every address that a page has: the page itself tells them apart. Nothing of the API lies under them. */
const pagePaths = ['/', '/sign-in', '/pipeline', '/firms/*'];

/** How long a page of others may show what an older script made of it. */
const elementsKeptSeconds = 600;

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** From the smallest to the one that everybody reads. */
const packings = [
  { encoding: 'br', ending: '.br' },
  { encoding: 'gzip', ending: '.gz' },
] as const;

type PageFile = {
  readonly type: string;
  readonly etag: string;
  readonly bytes: Buffer;
  readonly packed: readonly { readonly encoding: string; readonly bytes: Buffer }[];
};

const AssetPlace = z.object({ file: z.string() });

export function registerPages(server: FastifyInstance, { folder, connectTo }: Pages): void {
  const index = readPageFile(join(folder, 'index.html'));
  if (index === null) server.log.warn({ folder }, 'the pages are not built: run `make build`, then start again');
  const policy = policyOf(connectTo);
  for (const path of pagePaths) {
    server.get(path, { config: { open: true } }, (request, reply) => {
      if (index === null) throw notBuilt();
      // What they are made of changes with each version, so browsers ask every time, and are mostly told "as before".
      reply.headers({ 'content-security-policy': policy, 'cache-control': 'no-cache', etag: index.etag });
      if (request.headers['if-none-match'] === index.etag) return reply.code(304).send();
      return sendFile(request, reply, index);
    });
  }
  registerElements(server, readPageFile(join(folder, 'elements.js')));
  const assets = readAssets(join(folder, 'assets'));
  server.get('/assets/:file', { config: { open: true } }, (request, reply) => {
    const asset = assets.get(parseParameters(AssetPlace, request.params, 'path').file);
    if (asset === undefined) {
      throw new Problem(
        'not_found',
        'There is no such part of a page; perhaps it is of an older version: load it anew.',
      );
    }
    // A file of other content has another name.
    reply.header('cache-control', 'public, max-age=31536000, immutable');
    return sendFile(request, reply, asset);
  });
}

/** For pages of others: its name stays, so it is kept for a while, and asked for again by its tag. */
function registerElements(server: FastifyInstance, script: PageFile | null): void {
  server.get('/elements.js', { config: { open: true, crossOrigin: true } }, (request, reply) => {
    if (script === null) throw notBuilt();
    reply.headers({
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': `public, max-age=${elementsKeptSeconds}`,
      etag: script.etag,
    });
    if (request.headers['if-none-match'] === script.etag) return reply.code(304).send();
    return sendFile(request, reply, script);
  });
}

function notBuilt(): Problem {
  return new Problem('not_found', 'The pages are not built: run `make build`, then start this again.');
}

/** Allows what the pages are made of and nothing else: no inline code or style, no frames, no foreign anything. */
function policyOf(connectTo: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${["'self'", ...connectTo].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function sendFile({ headers }: FastifyRequest, reply: FastifyReply, file: PageFile): FastifyReply {
  const accepted = String(headers['accept-encoding'] ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => !/;\s*q=0(\.0*)?$/.test(word))
    .map((word) => word.split(';', 1)[0]);
  const packed = file.packed.find(({ encoding }) => accepted.includes(encoding));
  const vary = [reply.getHeader('vary') ?? [], 'accept-encoding'].flat();
  reply.type(file.type).header('vary', vary.join(', '));
  if (packed === undefined) return reply.send(file.bytes);
  return reply.header('content-encoding', packed.encoding).send(packed.bytes);
}

function readAssets(folder: string): ReadonlyMap<string, PageFile> {
  const assets = new Map<string, PageFile>();
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const asset = mediaTypes[extname(name)] === undefined ? null : readPageFile(join(folder, name));
    if (asset !== null) assets.set(name, asset);
  }
  return assets;
}

/** Null where there is no such file. */
function readPageFile(path: string): PageFile | null {
  if (!existsSync(path)) return null;
  const bytes = readFileSync(path);
  const packed = packings.flatMap(({ encoding, ending }) =>
    existsSync(path + ending) ? [{ encoding, bytes: readFileSync(path + ending) }] : [],
  );
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  return { type: mediaTypes[extname(path)] ?? 'application/octet-stream', etag, bytes, packed };
}
