// The pages as files over HTTP: every address of a page, packed and plain, kept and asked for again, under their policy;
// and what is said where they are not built.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { registerPages } from '../../services/query/pages.ts';
import { type RunningServer, runServer } from '../runtime/server.ts';
import { problemOf } from './api.ts';

const index = '<!doctype html><title>a page</title>';
const script = `console.log(${JSON.stringify('x'.repeat(600))})`;

let folder: string;
let server: RunningServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signalfold-pages-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), index);
  writeFileSync(join(folder, 'assets', 'a-1.js'), script);
  writeFileSync(join(folder, 'assets', 'a-1.js.gz'), gzipSync(script));
  writeFileSync(join(folder, 'assets', 'notes.txt'), 'not for others');
  server = await runServer({
    routes: (fastify) => registerPages(fastify, { folder, connectTo: ['https://issuer.example'] }),
  });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

test.each(['/', '/sign-in', '/pipeline', '/firms/a', '/firms/a/clients/b%2Fc?rating=red'])(
  '%s is a page',
  async (path) => {
    const { status, headers, text } = await server.send('GET', path);
    expect([status, headers['content-type'], text]).toEqual([200, 'text/html; charset=utf-8', index]);
  },
);

test.each(['/v1/nothing', '/elsewhere', '/assets', '/index.html'])('%s is none', async (path) => {
  expect(problemOf(await server.send('GET', path))).toEqual([404, 'not_found']);
});

test('nothing runs, is drawn, loaded or called but our own, and the issuer where people sign in', async () => {
  const { headers } = await server.send('GET', '/');
  expect(headers['content-security-policy']?.toString().split('; ').sort()).toEqual(
    [
      ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:"],
      ...[
        "connect-src 'self' https://issuer.example",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ],
    ].sort(),
  );
});

test('a page is asked for again each time, and mostly is as before', async () => {
  const { headers } = await server.send('GET', '/');
  expect(headers['cache-control']).toBe('no-cache');
  const again = await server.send('GET', '/pipeline', { 'if-none-match': headers.etag ?? '' });
  expect([again.status, again.text]).toEqual([304, '']);
});

test('what pages are made of is kept for good, packed for whoever takes it', async () => {
  const plain = await server.send('GET', '/assets/a-1.js');
  expect([plain.status, plain.text, plain.headers['cache-control']]).toEqual([
    ...[200, script, 'public, max-age=31536000, immutable'],
  ]);
  const reply = await fetch(`http://127.0.0.1:${server.port}/assets/a-1.js`, {
    headers: { 'accept-encoding': 'gzip, br;q=0' },
  });
  expect([reply.headers.get('content-encoding'), reply.headers.get('vary')]).toEqual(['gzip', 'accept-encoding']);
  expect(await reply.text()).toBe(script);
});

test.each(['a-2.js', 'notes.txt', '..%2Findex.html', 'a-1.js.gz'])('there is no /assets/%s', async (file) => {
  expect(problemOf(await server.send('GET', `/assets/${file}`))).toEqual([404, 'not_found']);
});

test('where the pages are not built it says how to build them', async () => {
  const bare = await runServer({
    routes: (fastify) => registerPages(fastify, { folder: join(folder, 'nowhere'), connectTo: [] }),
  });
  const reply = await bare.send('GET', '/');
  expect(problemOf(reply)).toEqual([404, 'not_found']);
  expect(JSON.parse(reply.text).detail).toContain('make build');
  await bare.stop();
});
