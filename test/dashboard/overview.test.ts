// The overview in a real browser: its figures are the API's, the API's are those worked out by hand, and every bar leads
// to the clients it counts.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { describeInBrowser, lookAt, openBrowser, type TestBrowser, type TestPage } from './browser.ts';
import { type KnownFirm, known, openKnownFirm } from './known-firm.ts';

let firm: KnownFirm;
beforeAll(async () => {
  firm = await openKnownFirm();
});
afterAll(() => firm.close());

const Group = z.object({
  from: z.string(),
  to: z.string(),
  total: z.int(),
  clients: z.array(z.object({ clientId: z.string() })),
});
const Movements = z.object({ changed: z.array(Group), expected: z.array(Group) });
const Activity = z.object({
  days: z.array(z.object({ logins: z.int() })),
  clients: z.int(),
  monthlyActive: z.object({ clients: z.int(), share: z.number().nullable(), verdict: z.string().nullable() }),
});

test('the API says what was worked out by hand', async () => {
  expect(await firm.get('clients')).toMatchObject({
    total: known.total,
    facets: { rating: known.rating, access: known.access },
  });
  const { days, clients, monthlyActive } = Activity.parse(await firm.get('activity?days=365'));
  expect(days.reduce((sum, { logins }) => sum + logins, 0)).toBe(known.logins365);
  expect([clients, monthlyActive]).toEqual([
    known.total,
    { clients: known.activeInMonth, share: known.activeInMonth / known.total, verdict: 'below_aim' },
  ]);
  const movements = Movements.parse(await firm.get('movements'));
  for (const kind of ['changed', 'expected'] as const) {
    const found = movements[kind].map(({ from, to, clients: named }) => ({
      ...{ from, to },
      clients: named.map(({ clientId }) => clientId),
    }));
    expect(found).toEqual(known[kind]);
    expect(movements[kind].map(({ total }) => total)).toEqual(known[kind].map((group) => group.clients.length));
  }
});

describeInBrowser('the overview', () => {
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

  async function open(search = '') {
    opened = await browser.open(firm.page(`overview${search}`));
    await opened.page.getByText('Monthly active').waitFor();
    return opened.page;
  }

  const panel = (page: TestPage['page'], name: string) => page.getByRole('region', { name, exact: true });
  const bar = (page: TestPage['page'], name: string, label: string) =>
    panel(page, name).getByRole('link', { name: new RegExp(`^${label} `) });

  test('ratings and access are the totals of the list, and add up to it', async () => {
    const page = await open();
    const { rating, access } = known;
    const engagement = panel(page, 'Engagement');
    await engagement.getByText('10 clients').waitFor();
    const texts = async (name: string) =>
      (await panel(page, name).getByRole('listitem').allInnerTexts()).map((text) => text.replaceAll('\n', ' '));
    expect(await texts('Engagement')).toEqual([
      `Engaged ${rating.green} 50%`,
      `At Risk ${rating.amber} 20%`,
      `Disengaged ${rating.red} 10%`,
      `Not Engaged ${rating.none} 10%`,
      'No signal, no portal record 1 10%',
    ]);
    expect(await texts('Portal access')).toEqual([
      `Has portal access ${access.has_portal_access} 70%`,
      `Logged in recently ${access.logged_in_recently} 30%`,
      'Logged in earlier 1 10%',
      `Never logged in ${access.never_logged_in} 30%`,
      `No portal access ${access.no_portal_access} 30%`,
    ]);
  });

  test('a click on a bar leads to the list of just these, and back', async () => {
    const page = await open('?adviser=a1');
    await bar(page, 'Engagement', 'At Risk').click();
    await page.waitForURL('**/clients?rating=amber&adviser=a1');
    await page.getByRole('status').getByText('2 clients match').waitFor();
    expect(await firm.get(`clients${new URL(page.url()).search}`)).toMatchObject({ total: 2 });
    await page.goBack();
    await bar(page, 'Portal access', 'Never logged in').click();
    await page.waitForURL('**/clients?access=never_logged_in&adviser=a1');
    await page.getByRole('status').getByText('2 clients match').waitFor();
    expect(await firm.get(`clients${new URL(page.url()).search}`)).toMatchObject({ total: 2 });
  });

  test('portal health is told with its aim; of nobody there is no figure', async () => {
    const page = await open();
    const health = panel(page, 'Monthly active');
    await health.getByText('4 of 10 clients').waitFor();
    await health.getByText('40%', { exact: true }).first().waitFor();
    await health.getByText('Below the aim').waitFor();
    await page.goto(firm.page('overview?adviser=nobody'));
    await panel(page, 'Monthly active').getByText('There is nobody of whom this could be a share.').waitFor();
    await panel(page, 'Engagement').getByText('No client of this adviser').waitFor();
  });

  test('logins by day are drawn, and stand in a table beside the drawing', async () => {
    const page = await open();
    const logins = panel(page, 'Logins by day');
    await logins.getByText(`${known.logins90} logins in 90 days`, { exact: false }).first().waitFor();
    await logins.locator('canvas').waitFor();
    const counts = await logins.locator('tbody td:nth-child(2)').allTextContents();
    expect([counts.length, counts.reduce((sum, text) => sum + Number(text), 0)]).toEqual([90, known.logins90]);
    await logins.getByText('365 days', { exact: true }).click();
    await page.waitForURL('**/overview?days=365');
    await logins.getByText(`${known.logins365} logins in 365 days`, { exact: false }).first().waitFor();
    await logins.getByText(/Signals count since/).waitFor();
  });

  test('who changed and who will are named, each with a link to the client', async () => {
    const page = await open();
    const changed = panel(page, 'Changed this week');
    await changed.getByRole('link', { name: 'Cid Cook' }).waitFor();
    const steps = async (name: string) =>
      (await panel(page, name).getByRole('heading', { level: 3 }).allInnerTexts()).map((text) =>
        text.replaceAll(/\s+/g, ' '),
      );
    expect(await steps('Changed this week')).toEqual([
      'At Risk to Disengaged 1',
      'Engaged to At Risk 1',
      'Not Engaged to Engaged 1',
      'Disengaged to Engaged 1',
      'At Risk to Engaged 1',
    ]);
    expect(await steps('Will change within two weeks')).toEqual(['At Risk to Disengaged 1', 'Engaged to At Risk 5']);
    await panel(page, 'Will change within two weeks').getByRole('link', { name: 'Jon Joiner' }).click();
    await page.waitForURL('**/clients/jon');
  });

  test('other thresholds are tried by keyboard, and say who would be rated otherwise', async () => {
    const page = await open();
    const whatIf = panel(page, 'What if');
    await whatIf.getByText('Move a slider', { exact: false }).waitFor();
    const slider = whatIf.getByRole('slider', { name: 'Engaged up to' });
    await slider.focus();
    for (let days = 14; days < 20; days += 1) await page.keyboard.press('ArrowRight');
    await whatIf.getByText('1 client would be rated otherwise.').waitFor();
    await whatIf.getByRole('link', { name: 'Bob Baker' }).waitFor();
    expect(await whatIf.getByRole('row', { name: /^Engaged/ }).textContent()).toMatch(/Engaged56\+1$/);
    await page.waitForURL('**/overview?green=20');
    // Amber never ends before green does.
    await whatIf.getByRole('spinbutton', { name: 'Engaged up to, days' }).fill('50');
    expect(await whatIf.getByRole('slider', { name: 'At Risk up to' }).inputValue()).toBe('50');
    await whatIf.getByText('3 clients would be rated otherwise.').waitFor();
    await whatIf.getByRole('button', { name: 'As it is set' }).click();
    await whatIf.getByText('Move a slider', { exact: false }).waitFor();
  });

  test('one adviser’s clients alone, by the address too', async () => {
    const page = await open();
    await panel(page, 'Engagement').getByText('10 clients').waitFor();
    await page.getByLabel('Adviser').selectOption('a2');
    await page.waitForURL('**/overview?adviser=a2');
    await panel(page, 'Engagement').getByText('4 clients').waitFor();
    await panel(page, 'Monthly active').getByText('1 of 4 clients').waitFor();
    await page.reload();
    await panel(page, 'Engagement').getByText('4 clients').waitFor();
  });

  test('thresholds are tried on the clients that are looked at, and both stay in the address', async () => {
    const page = await open('?adviser=a1&days=365');
    await panel(page, 'Engagement').getByText('5 clients').waitFor();
    await page.getByRole('slider', { name: 'Engaged up to' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.waitForURL('**/overview?adviser=a1&days=365&green=15');
    await page.getByText('90 days', { exact: true }).click();
    await page.waitForURL('**/overview?green=15&adviser=a1');
    await panel(page, 'Engagement').getByText('5 clients').waitFor();
  });

  test('nothing is wrong with it, light and dark, on a phone and on a desk', async () => {
    await open();
    const ready = async (page: TestPage['page']) => {
      await panel(page, 'Logins by day').locator('canvas').waitFor();
      await panel(page, 'Changed this week').getByRole('link', { name: 'Cid Cook' }).waitFor();
      await panel(page, 'What if').getByText('would be rated otherwise.').waitFor();
    };
    expect(await lookAt(browser, 'overview', firm.page('overview?green=21&amber=60'), ready)).toEqual([]);
  });
});

describeInBrowser('the overview of an adviser', () => {
  const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');
  let browser: TestBrowser;
  let asking: KnownFirm;
  beforeAll(async () => {
    const keys = `${sha256('everything')},${sha256('the-advisers')}:firm=firm-a:adviser=a2`;
    [browser, asking] = await Promise.all([openBrowser(), openKnownFirm({ keys, key: 'everything' })]);
  });
  afterAll(async () => {
    await browser?.close();
    await asking?.close();
  });

  test('it is about the own book alone, whatever the address says, and leaves nothing to choose', async () => {
    const { page, close } = await browser.open(asking.page('overview?adviser=a1'));
    await page.getByLabel('Key or token').fill('the-advisers');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('region', { name: 'Engagement' }).getByText('4 clients').waitFor();
    await page.getByRole('region', { name: 'Monthly active' }).getByText('1 of 4 clients').waitFor();
    await page.getByText('Your own clients', { exact: false }).waitFor();
    expect(await page.getByLabel('Adviser').count()).toBe(0);
    const changed = page.getByRole('region', { name: 'Changed this week' });
    await changed.getByRole('link', { name: 'Cid Cook' }).waitFor();
    expect(await changed.getByRole('link').allInnerTexts()).toEqual(['Cid Cook', 'Eve Eaves', 'Hal Hunter']);
    await close();
  });
});
