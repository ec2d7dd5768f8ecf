// The frame around every page, in a real browser: it comes up, moves, keeps its policy, and is small.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HttpService, startService } from '../e2e/service.ts';
import { describeInBrowser, lookAt, openBrowser, type TestBrowser } from './browser.ts';

const root = join(__dirname, '..', '..');

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

test('what a page loads at first is under 250 KB, packed', () => {
  const built = join(root, 'dist', 'dashboard');
  const index = readFileSync(join(built, 'index.html'), 'utf8');
  const first = [...index.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map(([, file]) => file ?? '');
  expect(first.length).toBeGreaterThan(1);
  // Beside what the index names, the largest page: one of them is always loaded too.
  const pages = readdirSync(join(built, 'assets')).filter((file) => /-page-.*\.(js|css)\.br$/.test(file));
  const bytesOf = (file: string) => readFileSync(join(built, file)).length;
  const largest = Math.max(0, ...pages.map((file) => bytesOf(`assets/${file}`)));
  const total = first.reduce((sum, file) => sum + bytesOf(`${file}.br`), bytesOf('index.html.br') + largest);
  expect(total).toBeLessThan(250_000);
});

describeInBrowser('the frame', () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

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
