// A walk through every page on demo data: the API's figures are those of the bookkeeping beside the made history, and the
// pages' figures are the API's.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { cli, type Service, startProgram, until } from '../e2e/service.ts';
import { describeInBrowser, openBrowser, type TestBrowser, type TestPage } from './browser.ts';

/** Making, folding and exporting 5,000 clients beside other tests. */
const demoMsMax = 300_000;
const walkMsMax = 120_000;

const Totals = z.object({
  firmId: z.string(),
  clients: z.int(),
  withAccess: z.int(),
  neverLoggedIn: z.int(),
  logins365: z.int(),
});
const Result = z.object({
  url: z.string(),
  expected: z.array(Totals),
  found: z.array(Totals),
  deadLetters: z.record(z.string(), z.int()),
});
const List = z.object({
  total: z.int(),
  facets: z.object({
    rating: z.object({ green: z.int(), amber: z.int(), red: z.int(), none: z.int() }),
    access: z.object({
      has_portal_access: z.int(),
      logged_in_recently: z.int(),
      never_logged_in: z.int(),
      no_portal_access: z.int(),
    }),
  }),
  items: z.array(
    z.object({
      clientId: z.string(),
      firstName: z.string(),
      lastName: z.string(),
      logins: z.object({ d30: z.int(), d90: z.int(), d365: z.int() }),
    }),
  ),
});
const Activity = z.object({ days: z.array(z.object({ logins: z.int() })) });

const folder = mkdtempSync(join(tmpdir(), 'signalfold-demo-walk-'));
let demo: Service;
let result: z.infer<typeof Result>;

beforeAll(async () => {
  const settings = { SIGNALFOLD_DATA_DIR: folder, SIGNALFOLD_PORT: '0', SIGNALFOLD_LOG_LEVEL: 'error' };
  demo = await startProgram(cli, ['demo', '--json'], settings, demoMsMax);
  const whole = () => /\{\n[\s\S]*\n\}\n/.exec(demo.output())?.[0];
  await until(
    async () => whole() !== undefined,
    10_000,
    () => demo.output(),
  );
  result = Result.parse(JSON.parse(whole() ?? ''));
}, demoMsMax);

afterAll(async () => {
  await demo?.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

const api = async (path: string): Promise<unknown> => (await fetch(`${result.url}/v1/${path}`)).json();
const listOf = async (firmId: string, query = '') => List.parse(await api(`firms/${firmId}/clients${query}`));

test('the API says of each firm what the bookkeeping beside the history says', async () => {
  expect(result.found).toEqual(result.expected);
  for (const { firmId, clients, withAccess, neverLoggedIn, logins365 } of result.expected) {
    const { total, facets } = await listOf(firmId);
    const { days } = Activity.parse(await api(`firms/${firmId}/activity?days=365`));
    const logins = days.reduce((sum, day) => sum + day.logins, 0);
    const { has_portal_access: has, never_logged_in: never } = facets.access;
    expect([total, has, never, logins]).toEqual([clients, withAccess, neverLoggedIn, logins365]);
  }
});

describeInBrowser('the pages of the demo', () => {
  let browser: TestBrowser;
  let opened: TestPage;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    expect(opened.complaints).toEqual([]);
    await opened.close();
  });
  const open = async (path: string) => {
    opened = await browser.open(result.url + path);
    return opened.page;
  };
  const inWords = (count: number) => count.toLocaleString('en-GB');

  test(
    'the first page is the overview of the first firm, and every firm adds up to its list',
    async () => {
      const page = await open('/');
      await page.waitForURL('**/firms/harbour/overview');
      for (const { firmId } of result.expected) {
        const { total, facets } = await listOf(firmId);
        await page.goto(`${result.url}/firms/${firmId}/overview`);
        const engagement = page.getByRole('region', { name: 'Engagement', exact: true });
        await engagement.getByText(`${inWords(total)} clients`).waitFor();
        const access = page.getByRole('region', { name: 'Portal access', exact: true });
        for (const [region, label, count] of [
          [engagement, 'Engaged', facets.rating.green],
          [engagement, 'At Risk', facets.rating.amber],
          [engagement, 'Disengaged', facets.rating.red],
          [engagement, 'Not Engaged', facets.rating.none],
          [access, 'Has portal access', facets.access.has_portal_access],
          [access, 'Logged in recently', facets.access.logged_in_recently],
          [access, 'Never logged in', facets.access.never_logged_in],
          [access, 'No portal access', facets.access.no_portal_access],
        ] as const) {
          const bar = region.getByRole('listitem').filter({ has: page.getByText(label, { exact: true }) });
          // Label, count and share stand beside each other, without a space in the text itself.
          expect(await bar.textContent()).toMatch(new RegExp(`^${label}\\s*${inWords(count)}\\s*<?\\d+\\s?%$`));
        }
      }
    },
    walkMsMax,
  );

  test(
    'from the list to a card and back',
    async () => {
      const page = await open('/firms/harbour/clients?rating=red&sort=last_login&order=desc');
      const { total, items } = await listOf('harbour', '?rating=red&sort=last_login&order=desc');
      await page
        .getByRole('status')
        .getByText(`${inWords(total)} clients match`)
        .waitFor();
      const first = items[0];
      const name = `${first?.firstName} ${first?.lastName}`;
      await page.locator('tbody tr').first().getByRole('link', { name }).click();
      await page.waitForURL(`**/clients/${first?.clientId}*`);
      await page.getByRole('heading', { level: 1, name }).waitFor();
      const figures = page.getByRole('main').getByText('Logins in the last').locator('xpath=..');
      await page.getByRole('main').locator('.access-word').getByText('Yes').waitFor();
      for (const count of Object.values(first?.logins ?? {})) {
        expect(await figures.textContent()).toContain(String(count));
      }
      await page.goBack();
      await page
        .getByRole('status')
        .getByText(`${inWords(total)} clients match`)
        .waitFor();
    },
    walkMsMax,
  );

  test(
    'a report has a row for each client of the list',
    async () => {
      const page = await open('/firms/summit/reports');
      await page.getByRole('checkbox', { name: 'At Risk' }).check();
      await page.getByRole('button', { name: 'Make the export' }).click();
      const { total } = await listOf('summit', '?rating=amber');
      await page.getByText(`Ready: ${total} rows`).waitFor();
      const coming = page.waitForEvent('download');
      await page.getByRole('button', { name: /^Download: At Risk/ }).click();
      const lines = readFileSync((await (await coming).path()) ?? '', 'utf8')
        .trim()
        .split('\n');
      expect(lines).toHaveLength(1 + total);
    },
    walkMsMax,
  );

  test(
    'the pipeline counts the messages that were broken on purpose',
    async () => {
      const page = await open('/pipeline');
      const broken = Object.values(result.deadLetters).reduce((sum, count) => sum + count, 0);
      const letters = page.locator('dl.figure').filter({ hasText: 'Dead letters' }).locator('.figure-value').first();
      await letters.getByText(inWords(broken)).waitFor();
      await page.getByText('Up to date').first().waitFor();
    },
    walkMsMax,
  );
});
