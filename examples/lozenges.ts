// The back end of lozenges.html: serves the page under a strict content security policy, and asks signalfold for a token with a
// key that never leaves this process. Beside `make demo`:
//   SIGNALFOLD_ALLOWED_ORIGINS=http://localhost:5173 make demo      and then      node examples/lozenges.ts
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';

const service = process.env['SIGNALFOLD_URL'] ?? 'http://127.0.0.1:4400';
const key = process.env['SIGNALFOLD_KEY'];
const port = Number(process.env['PORT'] ?? 5173);
const minutes = Number(process.env['TOKEN_MINUTES'] ?? 10);

const policy = [
  "default-src 'none'",
  `script-src 'self' ${service}`,
  "style-src 'self'",
  `connect-src 'self' ${service}`,
  "require-trusted-types-for 'script'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const files: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['lozenges.html', 'text/html; charset=utf-8'],
  '/lozenges.css': ['lozenges.css', 'text/css'],
  '/lozenges.js': ['lozenges.js', 'text/javascript'],
};

/** Your own session says here who asks, which firm that is, and whose clients alone it may see (`adviserId`). */
async function sendViewToken(firm: string, response: ServerResponse): Promise<void> {
  const reply = await fetch(`${service}/v1/firms/${encodeURIComponent(firm)}/view-tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
    body: JSON.stringify({ minutes }),
  });
  response.writeHead(reply.status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(await reply.text());
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (request.method === 'POST' && url.pathname === '/view-token') {
    sendViewToken(url.searchParams.get('firm') ?? '', response).catch(() => response.writeHead(502).end());
    return;
  }
  const [file, type] = files[url.pathname] ?? [];
  if (file === undefined || type === undefined) {
    response.writeHead(404).end();
    return;
  }
  const text = readFileSync(new URL(file, import.meta.url), 'utf8').replaceAll('http://127.0.0.1:4400', service);
  response.writeHead(200, { 'content-type': type, 'content-security-policy': policy });
  response.end(text);
});
server.listen(port, '127.0.0.1', () => {
  const address = server.address();
  const taken = typeof address === 'object' ? address?.port : port;
  process.stdout.write(`http://localhost:${taken}\n`);
});
