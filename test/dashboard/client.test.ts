// The page of one client in a real browser: what it shows is what the API says, nothing without portal access, as it was
// on a past day, and as it happens.
import { CardWire } from '../../services/core/derive/card.ts';
import { until } from '../e2e/service.ts';
import { describeInBrowser, lookAt, openBrowser, type TestBrowser, type TestPage } from './browser.ts';
import { type KnownFirm, openKnownFirm } from './known-firm.ts';

/** A change is to show within this time. */
const liveMsMax = 2_000;
const dayMs = 86_400_000;

let firm: KnownFirm;
beforeAll(async () => {
  firm = await openKnownFirm();
});
afterAll(() => firm.close());

const dayAgo = (days: number) =>
  new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/London', dateStyle: 'short' }).format(Date.now() - days * dayMs);

describeInBrowser('the page of a client', () => {
  let browser: TestBrowser;
  let opened: TestPage;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    await opened.close();
  });

  async function open(path: string) {
    opened = await browser.open(firm.page(`clients/${path}`));
    await opened.page.getByRole('heading', { level: 1 }).waitFor();
    return opened.page;
  }

  const panel = (page: TestPage['page'], name: string) => page.getByRole('region', { name, exact: true });
  const card = async (path: string) => CardWire.parse(await firm.get(`clients/${path}`));

  test('it shows what the card says', async () => {
    const page = await open('ann');
    await page.getByRole('heading', { level: 1, name: 'Ann Archer' }).waitFor();
    const { lastLogin, logins, portalAccess } = await card('ann');
    expect([logins, portalAccess.status]).toEqual([{ d30: 2, d90: 3, d365: 4 }, 'active']);
    const main = page.getByRole('main');
    await main.locator('.access-word').getByText('Yes').waitFor();
    await main.getByText('Status: Active').waitFor();
    await main.locator('header').getByText('Engaged', { exact: true }).waitFor();
    const at = new Date(lastLogin?.at ?? 0);
    const full = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Europe/London',
      dateStyle: 'medium',
      timeStyle: 'long',
    });
    await main.getByText('1 day ago', { exact: true }).first().waitFor();
    await main.getByText(full.format(at)).first().waitFor();
    await main.getByText('Desktop / macOS').waitFor();
    const counts = await main.locator('.login-counts dd').allInnerTexts();
    expect(counts.map((text) => Number.parseInt(text, 10))).toEqual([2, 3, 4]);
    expect(counts[2]).toContain('partial');
    const why = panel(page, 'Why this rating');
    expect(await why.getByRole('listitem').filter({ hasText: 'decides' }).textContent()).toMatch(/^Portal login/);
    await why.getByText(/^in 12 days|^in 13 days/).waitFor();
    const login = panel(page, 'Portal logins').getByRole('listitem');
    expect(await login.textContent()).toMatch(
      /^ann@example.orgActive.*ExpiresNever.*MayRead, Write.*SeesWealth, Goals.*Second factorOff$/,
    );
    expect(opened.complaints).toEqual([]);
  });

  test('a year of days is walked through by keyboard, and stands in a table', async () => {
    const page = await open('ann');
    const year = panel(page, 'Activity by day');
    await year.getByText('4 logins on 4 days. Emails were sent on 1 day, messages on 1 day.').waitFor();
    const strip = year.getByRole('slider');
    await strip.focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowUp');
    expect(await strip.getAttribute('aria-valuetext')).toMatch(/: 1 login$/);
    await page.keyboard.press('ArrowUp');
    expect(await strip.getAttribute('aria-valuetext')).toMatch(/: no login, a message was sent$/);
    await page.keyboard.press('Home');
    expect(await strip.getAttribute('aria-valuetext')).toMatch(/: not known$/);
    await year.getByText('As a table').click();
    const rows = await year.locator('tbody tr').allInnerTexts();
    expect(rows.map((row) => row.replaceAll(/\s+/g, ' ').replace(/^\d+ \w+ \d+ /, ''))).toEqual([
      '1 – –',
      '0 – Yes',
      '1 – –',
      '0 Yes –',
      '1 – –',
      '1 – –',
    ]);
  });

  test('the history tells every change of the rating, the newest first', async () => {
    const page = await open('hal');
    const history = panel(page, 'The rating through the year');
    await history.getByRole('listitem').first().waitFor();
    const ratings = await history.locator('.lozenge').allInnerTexts();
    expect(ratings).toEqual(['Engaged', 'Disengaged', 'At Risk', 'Engaged', 'Not Engaged']);
  });

  test('our own mails alone are told of', async () => {
    const page = await open('jon');
    await panel(page, 'Why this rating')
      .getByText('Only our own emails and messages keep this rating.', { exact: false })
      .waitFor();
    await page.getByRole('main').getByText('Never', { exact: true }).first().waitFor();
  });

  test.each(['gus', 'eve'])('without portal access nothing further is shown: %s', async (clientId) => {
    const page = await open(clientId);
    const main = page.getByRole('main');
    await main.getByText('No', { exact: true }).waitFor();
    expect((await card(clientId)).engagement).toBeNull();
    const asked = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
    expect(asked.filter((url) => /activity|timeline/.test(url))).toEqual([]);
    expect(await main.getByRole('heading').allInnerTexts()).toHaveLength(1);
    expect(await main.locator('.lozenge').count()).toBe(0);
    expect(await main.textContent()).not.toMatch(/login|Engaged|ago|Status/i);
  });

  test('as of a past day it is as it was then, and the address says so', async () => {
    const page = await open('gus');
    await page.getByLabel('As of').fill(dayAgo(8));
    await page.waitForURL(`**/gus?as_of=${dayAgo(8)}`);
    const main = page.getByRole('main');
    await main.locator('.access-word').getByText('Yes').waitFor();
    await main.getByText(/^At the end of/).waitFor();
    const { logins } = await card(`gus?as_of=${dayAgo(8)}`);
    expect(logins).toEqual({ d30: 1, d90: 1, d365: 1 });
    await panel(page, 'Activity by day').getByText('1 login on 1 day', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Now' }).click();
    await main.getByText('No', { exact: true }).waitFor();
    await page.goBack();
    await main.locator('.access-word').getByText('Yes').waitFor();
  });

  test('a client of whom nothing is known has a page that says so', async () => {
    const page = await open('zoe');
    await page.getByText('Nothing is known of this client').waitFor();
    await page.getByRole('link', { name: 'To the list of clients' }).click();
    await page.waitForURL('**/clients');
  });

  test('a login that is sent while the page is open shows within two seconds', async () => {
    const page = await open('bob');
    const main = page.getByRole('main');
    await main.locator('header').getByText('At Risk', { exact: true }).waitFor();
    await panel(page, 'Activity by day').getByRole('slider').waitFor();
    await firm.login('bob', 'live');
    await main.locator('header').getByText('Engaged', { exact: true }).waitFor({ timeout: liveMsMax });
    await main.getByText('just now', { exact: true }).first().waitFor({ timeout: liveMsMax });
    await panel(page, 'Activity by day').getByText('2 logins on 2 days', { exact: false }).waitFor();
  });

  test('a client that is erased while the page is open is not to be seen any longer', async () => {
    const page = await open('cid');
    await page.getByRole('heading', { level: 1, name: 'Cid Cook' }).waitFor();
    await firm.service.send('DELETE', '/v1/firms/firm-a/clients/cid');
    await page.getByText('Nothing is known of this client').waitFor();
    await until(
      async () => !(await page.content()).includes('Cook'),
      liveMsMax,
      () => 'the name is still there',
    );
  });

  test('nothing is wrong with it, light and dark, on a phone and on a desk', async () => {
    await open('ann');
    const ready = async (page: TestPage['page']) => {
      await panel(page, 'The rating through the year').getByRole('listitem').first().waitFor();
      await panel(page, 'Activity by day').getByRole('slider').waitFor();
    };
    expect(await lookAt(browser, 'client', firm.page('clients/ann'), ready)).toEqual([]);
  });

  test('nor without portal access', async () => {
    await open('gus');
    const isNo = (page: TestPage['page']) => page.getByText('No', { exact: true }).waitFor();
    expect(await lookAt(browser, 'client-without-access', firm.page('clients/gus'), isNo)).toEqual([]);
  });
});
