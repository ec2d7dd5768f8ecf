// The list of clients in a real browser, on a real service: what it shows is what the API says, through search, filters,
// sorts, scrolling, the back button and shared addresses; and it follows what happens.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { type List, type ListItem, ListWire } from '../../services/core/list.ts';
import { type HttpService, startService } from '../e2e/service.ts';
import { bookClients, clientId, loginNow, sendBook } from './book.ts';
import { axeViolations, describeInBrowser, lookAt, openBrowser, type TestBrowser } from './browser.ts';

/** A promise to users: what happens is seen within two seconds. */
const seenMsMax = 2_000;
const dateFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
const dateText = (date: string) => dateFormat.format(new Date(date));

describeInBrowser('the list of clients', () => {
  let folder: string;
  let service: HttpService;
  let browser: TestBrowser;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'signalfold-clients-'));
    service = await startService('dev', {
      ...{ SIGNALFOLD_DATA_DIR: folder, SIGNALFOLD_PORT: '0', SIGNALFOLD_LOG_LEVEL: 'warn' },
    });
    await sendBook(service, 'firm-1');
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await service?.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });

  const list = async (search = ''): Promise<List> =>
    ListWire.parse((await service.send('GET', `/v1/firms/firm-1/clients?limit=200&${search}`)).json());
  const open = (search = '', looks = {}) => browser.open(`${service.url}/firms/firm-1/clients${search}`, looks);

  /** Rows in sight, cell by cell. */
  const rowsOf = (page: Page) =>
    page
      .locator('tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent?.trim() ?? '')),
      );
  /** As a row shows a client. */
  const shown = ({
    firstName,
    lastName,
    email,
    engagement,
    portalAccess,
    lastLogin,
    logins,
    adviser,
    type,
    nextReviewDate,
  }: ListItem) => [
    `${firstName} ${lastName}${email}`,
    engagement.label,
    { active: 'Active', never_logged_in: 'Never logged in', no_portal_access: 'No portal access' }[portalAccess.status],
    lastLogin?.relative ?? '–',
    ...[logins.d30, logins.d90, logins.d365].map(String),
    adviser?.name ?? '–',
    type,
    nextReviewDate === null ? '–' : dateText(nextReviewDate),
  ];
  const showsList = async (page: Page, { items, total }: List) => {
    await page.getByText(`${total} client`).first().waitFor();
    const name = `${items[0]?.firstName} ${items[0]?.lastName}`;
    await page.locator('tbody tr').first().getByRole('link', { name }).waitFor();
    const rows = await rowsOf(page);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows).toEqual(items.slice(0, rows.length).map(shown));
  };

  test('shows what the API says: rows, totals, and what each rating would give', async () => {
    const { page, complaints, close } = await open();
    const expected = await list();
    expect(expected.total).toBe(bookClients);
    await showsList(page, expected);
    for (const [rating, label] of [
      ['green', 'Engaged'],
      ['amber', 'At Risk'],
      ['red', 'Disengaged'],
      ['none', 'Not Engaged'],
    ] as const) {
      const choice = page.locator('.rating-choice', { hasText: new RegExp(`^${label}`) });
      expect(await choice.locator('.rating-choice-count').textContent()).toBe(String(expected.facets.rating[rating]));
    }
    expect(complaints).toEqual([]);
    await close();
  });

  test('filters combine, sorts turn, the address can be shared, and the back button undoes them one by one', async () => {
    const { page, close } = await open();
    await page.locator('.rating-choice', { hasText: 'At Risk' }).click();
    await page.waitForURL(/rating=amber/);
    await showsList(page, await list('rating=amber'));
    await page.getByRole('button', { name: 'Adviser' }).click();
    await page.getByRole('dialog', { name: 'Adviser' }).getByLabel('Adviser Éast').check();
    await page.keyboard.press('Escape');
    await showsList(page, await list('rating=amber&adviser=adv-éast'));
    await page.getByRole('button', { name: 'Last login' }).click();
    await showsList(page, await list('rating=amber&adviser=adv-éast&sort=last_login&order=desc'));
    await page.getByRole('button', { name: 'Last login' }).click();
    const last = await list('rating=amber&adviser=adv-éast&sort=last_login&order=asc');
    await showsList(page, last);

    const shared = await browser.open(page.url());
    await showsList(shared.page, last);
    await shared.close();

    await page.goBack();
    await showsList(page, await list('rating=amber&adviser=adv-éast&sort=last_login&order=desc'));
    await page.goBack();
    await page.goBack();
    await showsList(page, await list('rating=amber'));
    await page.goBack();
    await showsList(page, await list());
    await close();
  });

  test('every sort of the API can be chosen, both ways', async () => {
    const { page, close } = await open();
    const choice = page.getByLabel('Sort by');
    await choice.waitFor();
    const sorts = await choice
      .locator('option')
      .evaluateAll((options) => options.map((option) => option.getAttribute('value')));
    expect(sorts.length).toBe(10);
    for (const sort of sorts) {
      await choice.selectOption(sort);
      await showsList(page, await list(`sort=${sort}&order=asc`));
      await page.getByRole('button', { name: 'Ascending; sort descending' }).click();
      await showsList(page, await list(`sort=${sort}&order=desc`));
      await page.getByRole('button', { name: 'Descending; sort ascending' }).click();
    }
    await close();
  });

  test('access, type and status filter as the API does, and all of them can be cleared at once', async () => {
    const { page, close } = await open();
    const choose = async (button: string, label: string) => {
      await page.getByRole('button', { name: button, exact: true }).click();
      await page
        .getByRole('dialog', { name: button })
        .getByLabel(new RegExp(`^${label}(,|$)`))
        .check();
      await page.keyboard.press('Escape');
    };
    await choose('Access', 'Never logged in');
    await choose('Type', 'trust');
    await choose('Status', 'Active');
    await showsList(page, await list('access=never_logged_in&type=trust&status=active'));
    await page.getByRole('button', { name: 'Clear all' }).click();
    await showsList(page, await list());
    await close();
  });

  test('searches for several names at once, folded, and says when nobody matches', async () => {
    const { page, close } = await open();
    const box = page.getByLabel('Search clients by name');
    await box.fill('elder, ada birch');
    await showsList(page, await list('name=elder,ada birch'));
    await box.fill('nobody of that name');
    await page.getByText('Nobody matches').waitFor();
    await page.getByRole('button', { name: 'Clear all filters' }).click();
    await showsList(page, await list());
    expect(await box.inputValue()).toBe('');
    await close();
  });

  test('scrolls through everybody in the order of the API, a request for each page', async () => {
    const { page, close } = await open('?sort=email');
    const asked: string[] = [];
    page.on('request', (request) => {
      // Totals are asked for again when changes of the book come late, with one row: no page of the walk.
      if (/\/clients\?(?!.*\blimit=1(&|$))/.test(request.url())) asked.push(request.url());
    });
    await page.locator('tbody tr').first().waitFor();
    const seen = new Map<number, string>();
    while (seen.size < bookClients) {
      const rows = await page
        .locator('tbody tr')
        .evaluateAll((all) =>
          all.map(
            (row) =>
              [Number(row.getAttribute('aria-rowindex')) - 2, row.querySelector('a')?.textContent ?? ''] as const,
          ),
        );
      for (const [index, name] of rows) if (name !== '') seen.set(index, name);
      await page.mouse.wheel(0, 600);
      await page.waitForTimeout(20);
    }
    const [first, second] = [await list('sort=email'), await list('sort=email&order=desc')];
    const names = [...first.items, ...second.items.slice(0, bookClients - 200).reverse()];
    expect([...seen].sort(([one], [other]) => one - other).map(([, name]) => name)).toEqual(
      names.map(({ firstName, lastName }) => `${firstName} ${lastName}`),
    );
    await page.getByText(`All ${bookClients} clients`).waitFor();
    expect([...new Set(asked)]).toEqual(asked);
    expect(asked.length).toBeLessThanOrEqual(2);
    await close();
  });

  test('by keyboard: down the rows, Enter opens the card, and back is where one was', async () => {
    const { page, close } = await open('?sort=email');
    const link = (index: number) => page.locator(`[data-client="${clientId(index)}"]`);
    await link(0).focus();
    for (let step = 0; step < 40; step += 1) await page.keyboard.press('ArrowDown');
    await page.waitForFunction(`document.activeElement.dataset.client === '${clientId(40)}'`);
    const scrolled = await page.evaluate('window.scrollY');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/clients/${clientId(40)}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.goBack();
    await link(40).waitFor();
    await page.waitForFunction(`window.scrollY === ${scrolled}`);
    await close();
  });

  test('a login is seen on its row within two seconds, and moves nothing until one asks', async () => {
    const { items } = await list('rating=red&sort=email');
    const { clientId: id } = items[0] ?? { clientId: '' };
    const { page, complaints, close } = await open('?sort=last_login&order=desc&status=active');
    const top = await list('sort=last_login&order=desc&status=active');
    await showsList(page, top);
    // Of somebody far down the list, who is looked for by name in a list of her own.
    const found = await open(`?sort=email&name=${encodeURIComponent(`${items[0]?.firstName} ${items[0]?.lastName}`)}`);
    const row = found.page.locator('tbody tr', { has: found.page.locator(`[data-client="${id}"]`) });
    await row.getByText('Disengaged').waitFor();
    const before = Number(await row.locator('.cell-d30').textContent());
    await service.send('POST', '/v1/events/login', loginNow('firm-1', id));
    await row.getByText('Engaged', { exact: true }).waitFor({ timeout: seenMsMax });
    expect(await row.locator('.cell-d30').textContent()).toBe(String(before + 1));

    await page.getByText('1 client changed').waitFor();
    await expect(rowsOf(page).then(([first]) => first?.[0])).resolves.toBe(
      shown(top.items[0] ?? items[0] ?? ({} as never))[0],
    );
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.locator('tbody tr').first().locator(`[data-client="${id}"]`).waitFor();
    expect([...complaints, ...found.complaints]).toEqual([]);
    await found.close();
    await close();
  });

  test('what is shown comes as a CSV of exactly those clients', async () => {
    const { page, close } = await open('?rating=green&type=couple&status=active');
    const expected = await list('rating=green&type=couple&status=active');
    await showsList(page, expected);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ]);
    const [head, ...lines] = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(head).toMatch(/^\uFEFF?client_name,email,/);
    const emails = lines.map((line) => line.split(',')[1]);
    expect(emails.sort()).toEqual(expected.items.map(({ email }) => email).sort());
    await close();
  });

  test('nothing is wrong with it, light and dark, on a phone and on a desk', async () => {
    const ready = (page: Page) => page.locator('tbody tr').first().getByRole('link').waitFor();
    const url = `${service.url}/firms/firm-1/clients?sort=engagement_rating`;
    expect(await lookAt(browser, 'clients', url, ready)).toEqual([]);
    const filtered = await open('?rating=red&access=has_portal_access');
    await ready(filtered.page);
    await filtered.page.getByRole('button', { name: 'Adviser' }).click();
    expect(await axeViolations(filtered.page)).toEqual([]);
    await filtered.close();
  }, 120_000);
});
