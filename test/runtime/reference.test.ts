// The reference page: everything of the contract is on it, and nothing on it runs or comes from elsewhere.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { problemCodes } from '../../services/runtime/problem.ts';
import { type RunningServer, runServer } from './server.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await runServer({
    routes: (fastify) => {
      const doc = {
        id: 'renameFirm',
        summary: 'Rename <b>a</b> firm',
        description: 'Takes `name` & keeps it.',
        params: z.object({ firmId: z.string() }),
        query: z.object({ case: z.enum(['upper', 'lower']).default('lower') }),
        body: {
          'application/json': z.union([
            z
              .object({ name: z.string().meta({ description: 'What it is called "now".' }) })
              .meta({ title: 'one name', description: 'In every language.' }),
            z.object({ names: z.array(z.string()), short: z.string().nullish() }).meta({ title: 'several names' }),
          ]),
        },
        responses: { 200: { description: 'Done.', schema: z.object({ old: z.string() }).meta({ id: 'Renamed' }) } },
      };
      fastify.put('/v1/firms/:firmId/name', { config: { scope: 'settings', audit: null, doc } }, () => ({}));
    },
  });
});
afterAll(() => server.stop());

const page = () => server.send('GET', '/docs');

test('it has every operation, field, schema and problem', async () => {
  const { text, headers } = await page();
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  const wanted = ['/v1/firms/{firmId}/name', 'id="renameFirm"', '/readyz', 'id="schema-Renamed"', '<code>old</code>'];
  for (const part of [...wanted, ...Object.keys(problemCodes)]) expect(text).toContain(part);
});

test('text is text, whatever is in it', async () => {
  const { text } = await page();
  expect(text).toContain('Rename &lt;b&gt;a&lt;/b&gt; firm');
  expect(text).toContain('Takes <code>name</code> &amp; keeps it.');
  expect(text).toContain('What it is called &quot;now&quot;.');
});

test('values to choose from are told apart from the name, with the one that is taken without a choice', async () => {
  const { text } = await page();
  expect(text).toContain('<code>case</code> one of <code>upper</code> <code>lower</code>, otherwise lower');
});

test('alternatives have their names, and every field its type', async () => {
  const { text } = await page();
  for (const part of ['<h4>one name</h4><p>In every language.</p>', '<h4>several names</h4>']) {
    expect(text).toContain(part);
  }
  expect(text).toContain('<code>short</code> string or null');
  expect(text).toContain('<code>names</code> list of string');
});

test('its policy lets in its own style alone, and there is nothing else to let in', async () => {
  const { text, headers } = await page();
  const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  expect(headers['content-security-policy']).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  expect(text).not.toMatch(/<script|<link|<img|<iframe|style=|\bon\w+=|url\(|@import|https?:/i);
});

test('every link within it leads somewhere', async () => {
  const { text } = await page();
  const ids = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const links = [...text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  expect(links.filter((id) => !ids.has(id))).toEqual([]);
});
