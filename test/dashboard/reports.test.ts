// The page of reports in a real browser: an export is made, followed, taken along, and gone after an erasure.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { until } from '../e2e/service.ts';
import { describeInBrowser, lookAt, openBrowser, type TestBrowser } from './browser.ts';
import { type KnownFirm, known, openKnownFirm } from './known-firm.ts';

const Exports = z.object({
  items: z.array(
    z.object({ id: z.string(), status: z.string(), rows: z.int(), sha256: z.string().nullable(), filter: z.unknown() }),
  ),
});

let firm: KnownFirm;
beforeAll(async () => {
  firm = await openKnownFirm();
}, 120_000);
afterAll(() => firm.close());

const exportsOf = async () => Exports.parse(await firm.get('exports')).items;
const ready = (page: Page) => page.getByRole('heading', { level: 1, name: 'Reports' }).waitFor();

describeInBrowser('the page of reports', () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  test('given no export, it says what one is', async () => {
    const { page, close } = await browser.open(firm.page('reports'));
    await page.getByText('No export was made yet').waitFor();
    await close();
  }, 60_000);

  test('one that is chosen is made, and its file is what the API says it is', async () => {
    const { page, complaints, close } = await browser.open(firm.page('reports'));
    await ready(page);
    await page.getByRole('checkbox', { name: 'At Risk' }).check();
    await page.getByRole('checkbox', { name: 'Has portal access' }).check();
    await page.getByRole('button', { name: 'Make the export' }).click();
    await page.getByText('At Risk · Has portal access').waitFor();
    await page.getByText(`Ready: ${known.rating.amber} rows`).waitFor();
    const coming = page.waitForEvent('download');
    await page.getByRole('button', { name: /^Download: At Risk/ }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toMatch(/^portal-engagement_firm-a_\d{4}-\d{2}-\d{2}\.csv$/);
    const bytes = readFileSync((await download.path()) ?? '');
    const [job] = await exportsOf();
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(job?.sha256);
    expect(job?.filter).toEqual({ access: ['has_portal_access'], rating: ['amber'] });
    await page.getByText(job?.sha256 ?? 'no sum').waitFor();
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);

  test('by keyboard alone', async () => {
    const { page, close } = await browser.open(firm.page('reports'));
    await ready(page);
    await page.getByLabel('Client name').focus();
    await page.keyboard.type('baker');
    await page.keyboard.press('Enter');
    await page.getByText('“baker”').waitFor();
    await page.getByText('Ready: 1 row').first().waitFor();
    await close();
  }, 60_000);

  test('as of a past day, it says so', async () => {
    const { page, close } = await browser.open(firm.page('reports'));
    await ready(page);
    const day = new Date(Date.now() - 20 * 86_400_000).toISOString().slice(0, 10);
    await page.getByLabel('As of').fill(day);
    await page.getByText('names and advisers are as they are today').waitFor();
    await page.getByRole('button', { name: 'Make the export' }).click();
    await page.getByText(/All clients · as of \d+ \w+ \d{4}/).waitFor();
    await close();
  }, 60_000);

  test('nothing is wrong with it, light and dark, on a phone and on a desk', async () => {
    const look = async (page: Page) => {
      await ready(page);
      await page.getByText('Ready:').first().waitFor();
    };
    expect(await lookAt(browser, 'reports', firm.page('reports'), look)).toEqual([]);
  }, 90_000);

  test('after an erasure the file is gone, and a new one can be made', async () => {
    const { page, close } = await browser.open(firm.page('reports'));
    await ready(page);
    const download = page.getByRole('button', { name: /^Download: / }).first();
    await download.waitFor();
    const before = await exportsOf();
    await firm.service.send('DELETE', '/v1/firms/firm-a/clients/ida');
    await until(
      async () => (await exportsOf()).every(({ status }) => status === 'erased'),
      20_000,
      firm.service.output,
    );
    await download.click();
    await page.getByText('A client of the firm was erased since. Ask for a new export.').waitFor();
    await page.reload();
    await page.getByText('Gone').first().waitFor();
    await page.getByRole('button', { name: /^Make it again: All clients/ }).click();
    await page.getByText('Ready:').first().waitFor();
    expect(await exportsOf()).toHaveLength(before.length + 1);
    await close();
  }, 90_000);
});
