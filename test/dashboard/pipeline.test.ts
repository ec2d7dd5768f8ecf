// The page of the pipeline in a real browser, against what the API says.
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { deadLetterOf } from '../../services/core/dead-letter.ts';
import { ClientId, FirmId } from '../../services/core/ids.ts';
import { deadLetterTopic } from '../../services/core/topics.ts';
import { openEmbeddedLog } from '../../services/log/embedded.ts';
import { PipelineWire } from '../../services/query/wire/pipeline.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { until, untilFolded } from '../e2e/service.ts';
import { describeInBrowser, lookAt, openBrowser, type TestBrowser } from './browser.ts';
import { type KnownFirm, openKnownFirm } from './known-firm.ts';

let firm: KnownFirm;
beforeAll(async () => {
  firm = await openKnownFirm();
  await spoil();
}, 120_000);
afterAll(() => firm.close());

const pipelineOf = async () => PipelineWire.parse((await firm.service.send('GET', '/v1/pipeline')).json());

/** Puts into the log, as a producer beside us would, two messages that nobody can use, and one letter of an earlier release. */
async function spoil(): Promise<void> {
  const log = await openEmbeddedLog({ dir: join(firm.folder, 'log'), clock: systemClock });
  const occurredAt = new Date(Date.now() - 3_600_000).toISOString();
  const event = { eventId: 'spoilt', firmId: 'firm-a', clientId: 'ann', occurredAt, sessionId: 'spoilt' };
  const value = Buffer.from(JSON.stringify({ ...event, outcome: 'perhaps', userAgent: 'Ann Archer’s telephone' }));
  await log.append('login', [{ key: 'firm-a/ann', value }]);
  await log.append('email', [{ key: null, value: Buffer.from('Ann Archer left, see ann@example.org') }]);
  const client = { firmId: FirmId.parse('firm-a'), clientId: ClientId.parse('bob') };
  const usable = { ...event, clientId: 'bob', sessionId: 'usable', outcome: 'success' };
  const letter = deadLetterOf(
    {
      ...{ topic: 'login', incarnation: 'earlier', partition: 0, offset: 7, appendedAt: Date.now(), key: 'firm-a/bob' },
      value: Buffer.from(JSON.stringify(usable)),
    },
    'decode',
    { reason: 'unknown_version', detail: 'schemaVersion: must be 1 or absent', client },
  );
  await log.append(deadLetterTopic, [letter]);
  await log.close();
  await until(async () => (await pipelineOf()).deadLetters.open === 3, 30_000, firm.service.output);
}

const ready = async (page: Page) => {
  await page.getByRole('heading', { level: 1, name: 'Pipeline' }).waitFor();
  await page.getByRole('table').filter({ hasText: 'portal-access' }).waitFor();
  await page.locator('canvas').first().waitFor();
};

describeInBrowser('the page of the pipeline', () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());
  const address = () => `${firm.service.url}/pipeline`;

  test('nothing is wrong with it, light and dark, on a phone and on a desk', async () => {
    expect(await lookAt(browser, 'pipeline', address(), ready)).toEqual([]);
  }, 90_000);

  test('its figures are those of the API', async () => {
    const { page, complaints, close } = await browser.open(address());
    await ready(page);
    const { lag, topics, deadLetters } = await pipelineOf();
    const figure = (name: string) =>
      page.locator('dl.figure').filter({ hasText: name }).locator('.figure-value').first().textContent();
    expect(await figure('Waiting')).toBe(String(lag));
    expect(await figure('Dead letters')).toBe(String(deadLetters.open));
    for (const { topic, messages } of topics) {
      const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: topic, exact: true }) });
      expect(await row.locator('td').nth(4).textContent()).toBe(String(messages));
    }
    expect(await page.getByText('Up to date').first().isVisible()).toBe(true);
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);

  test('dead letters show their reason and nothing personal, and what is usable is sent again', async () => {
    const { page, close } = await browser.open(address());
    await ready(page);
    await page.getByText('outcome: must be "success" or "failure"').waitFor();
    expect(await page.locator('main').textContent()).not.toMatch(/Archer|ann@|telephone/);
    await page.getByRole('button', { name: 'Try what is usable now' }).click();
    await page.getByText('1 of 3 would become events now.').waitFor();
    await page.getByRole('button', { name: 'Send 1 again' }).click();
    await page.getByText('1 message went back into the log.').waitFor();
    await untilFolded(firm.service);
    await page.locator('dl.figure').filter({ hasText: 'Dead letters' }).getByText('2', { exact: true }).waitFor();
    expect((await pipelineOf()).deadLetters.open).toBe(2);
    await close();
  }, 60_000);

  test('when the service is gone, it says so and of when the figures are', async () => {
    const { page, close } = await browser.open(address());
    await ready(page);
    await page.route('**/v1/pipeline', (route) => route.abort());
    await page.getByText('The service does not answer. What you see is of').waitFor({ timeout: 30_000 });
    await page.unroute('**/v1/pipeline');
    await page.getByText('What you see is of').waitFor({ state: 'detached', timeout: 30_000 });
    await close();
  }, 90_000);
});
