// The frame around every page, in a real browser: it comes up, moves, keeps its policy, and is small.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type HttpService, startService } from '../e2e/service.ts';
import { describeInBrowser, lookAt, openBrowser, type TestBrowser } from './browser.ts';

let folder: string;
let service: HttpService;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signalfold-shell-'));
  service = await startService('dev', {
    SIGNALFOLD_DATA_DIR: folder,
    SIGNALFOLD_PORT: '0',
    SIGNALFOLD_LOG_LEVEL: 'warn',
  });
  await service.send('PUT', '/v1/firms/firm-a/settings', { timeZone: 'Europe/London' });
  await service.send('PUT', '/v1/firms/firm-b/settings', { greenDays: 7 });
});
afterAll(async () => {
  await service.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

describeInBrowser('the frame', () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  test.each(['overview', 'clients'])(
    'all that %s loads is under 250 KB, packed; its charts are most of it',
    async (path) => {
      const { page, close } = await browser.open(`${service.url}/firms/firm-a/${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('load');
      if (path === 'overview') await page.locator('canvas').first().waitFor();
      const loaded = z
        .array(z.object({ name: z.string(), bytes: z.number() }))
        .parse(
          await page.evaluate(
            "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))" +
              '.map(({ name, encodedBodySize }) => ({ name, bytes: encodedBodySize }))',
          ),
        )
        .filter(({ name }) => !name.includes('/v1/'));
      const sum = (some: typeof loaded) => some.reduce((total, { bytes }) => total + bytes, 0);
      expect(loaded.length).toBeGreaterThan(3);
      expect(sum(loaded)).toBeLessThan(250_000);
      expect(sum(loaded.filter(({ name }) => !name.includes('chart-drawing')))).toBeLessThan(125_000);
      await close();
    },
  );

  test('without a firm in the address it goes to the first one, and by links to the others and back', async () => {
    const { page, complaints, close } = await browser.open(service.url);
    await page.waitForURL('**/firms/firm-a/overview');
    await page.getByRole('link', { name: 'Clients' }).click();
    await page.getByRole('heading', { level: 1, name: 'Clients' }).waitFor();
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
    expect(await page.title()).toBe('Clients · signalfold');
    await page.getByLabel('Firm').selectOption('firm-b');
    await page.waitForURL('**/firms/firm-b/clients');
    await page.goBack();
    await page.waitForURL('**/firms/firm-a/clients');
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  test('a deep link opens its page, and one that leads nowhere says so', async () => {
    const deep = await browser.open(`${service.url}/firms/firm-b/reports`);
    await deep.page.getByRole('heading', { level: 1, name: 'Reports' }).waitFor();
    expect(await deep.page.getByLabel('Firm').inputValue()).toBe('firm-b');
    await deep.page.goto(`${service.url}/firms/firm-b/elsewhere`);
    await deep.page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await deep.page.goto(`${service.url}/firms/firm-z/clients`);
    await deep.page.getByText('There is no firm “firm-z”').waitFor();
    await deep.close();
  });

  test('by keyboard alone: past the navigation, to a page, to another theme', async () => {
    const { page, close } = await browser.open(`${service.url}/firms/firm-a/overview`);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
    await page.getByRole('link', { name: 'Pipeline' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Pipeline' }).waitFor();
    await page.getByRole('radio', { name: 'As the system' }).focus();
    await page.keyboard.press('ArrowLeft');
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    await page.reload();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    await close();
  });

  test('nothing is wrong with it, light and dark, on a phone and on a desk', async () => {
    const url = `${service.url}/firms/firm-a/overview`;
    expect(await lookAt(browser, 'frame', url, (page) => page.getByRole('heading', { level: 1 }).waitFor())).toEqual(
      [],
    );
  }, 120_000);
});
