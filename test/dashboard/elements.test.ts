// The elements on the example page, in a real browser and across origins: one request for all, tokens, changes, looks.
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { describeInBrowser, lookAt, openBrowser, type TestBrowser, type TestPage } from './browser.ts';
import { backEndKey, clientId, type Example, firmId, labels, loginOf, openExample } from './example.ts';

let example: Example;
beforeAll(async () => {
  example = await openExample();
});
afterAll(() => example.close());

describe('/elements.js', () => {
  const get = (headers: Record<string, string> = {}) => example.service.send('GET', '/elements.js', undefined, headers);

  test('is under 10 KB packed, may be kept, and is told from an older one by its tag', async () => {
    const { status, text, headers } = await get();
    expect([status, headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
    expect(gzipSync(text).length).toBeLessThan(10_000);
    expect(headers.get('cache-control')).toMatch(/public, max-age=\d+/);
    const again = await get({ 'if-none-match': headers.get('etag') ?? '' });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  test('may be loaded by pages of other origins, as a script and, from allowed ones, as a module', async () => {
    const { headers } = await get({ origin: example.url });
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(headers.get('access-control-allow-origin')).toBe(example.url);
    expect(headers.get('vary')).toBe('Origin, accept-encoding');
    const page = await example.service.send('GET', '/livez');
    expect(page.headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });
});

const Tiles = z.object({
  items: z.array(z.object({ clientId: z.string(), engagement: z.object({ label: z.string() }) })),
});

/** What the API says of the first `count` clients. */
async function labelsByApi(count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, (_, index) => clientId(index + 1));
  const headers = { authorization: `Bearer ${backEndKey}` };
  const reply = await example.service.send('POST', `/v1/firms/${firmId}/clients/batch`, { ids }, headers);
  return Tiles.parse(reply.json()).items.map(({ engagement }) => engagement.label);
}

/** A script that puts lozenges at the end of the page. */
function appending(clientIds: readonly string[]): string {
  return `for (const client of ${JSON.stringify(clientIds)}) {
    const made = document.createElement('client-lozenge');
    made.setAttribute('firm', '${firmId}');
    made.setAttribute('client', client);
    document.body.append(made);
  }`;
}

const lozenge = (page: Page, number: number) => page.locator(`client-lozenge[client="${clientId(number)}"]`).first();
const nameOf = (page: Page, number: number) => lozenge(page, number).getByRole('img').getAttribute('aria-label');
const shows = (page: Page, number: number, label: string) =>
  lozenge(page, number)
    .getByRole('img', { name: `Engagement: ${label}`, exact: true })
    .waitFor();

/** Paths of the service that the page has called, in order. */
function callsOf(page: Page): string[] {
  const calls: string[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (request.method() !== 'OPTIONS' && url.pathname.startsWith('/v1/'))
      calls.push(url.pathname.split('/').slice(4).join('/'));
  });
  return calls;
}

describeInBrowser('the elements', () => {
  let browser: TestBrowser;
  let opened: TestPage;
  beforeAll(async () => {
    browser = await openBrowser();
    // Browser and back end start up with the first page, for longer than a page waits for its stream; see followMsMax.
    const first = await browser.open(example.url);
    await shows(first.page, 50, labels[4]);
    await first.close();
  });
  afterAll(() => browser?.close());
  afterEach(() => opened?.close());

  async function open(url = example.url): Promise<TestPage> {
    opened = await browser.open('about:blank');
    calls = callsOf(opened.page);
    await opened.page.goto(url);
    return opened;
  }
  let calls: string[];

  test('a page with 50 lozenges and a card makes one request, and shows what the API says', async () => {
    const { page, complaints } = await open();
    await shows(page, 50, labels[4]);
    const shown = await page.locator('client-lozenge').getByRole('img').allTextContents();
    expect(shown).toEqual(await labelsByApi(50));
    expect(calls.filter((path) => path === 'clients/batch')).toHaveLength(1);
    // Under the page's policy, which allows no inline style or script and wants trusted types.
    expect(complaints).toEqual([]);
  });

  test('a page of another origin loads no module, and a classic script of it gets no answer', async () => {
    const { page } = await open(example.strangeUrl);
    const isDefined = () => page.evaluate("customElements.get('client-lozenge') !== undefined");
    expect(await isDefined()).toBe(false);
    await page.evaluate(`
      const script = document.createElement('script');
      const types = trustedTypes.createPolicy('test', { createScriptURL: (text) => text });
      script.src = types.createScriptURL('${example.service.url}/elements.js');
      document.head.append(script);
    `);
    await shows(page, 1, 'No answer');
    expect(await isDefined()).toBe(true);
    expect(await lozenge(page, 1).getByRole('img').getAttribute('title')).toContain('does not let this page call it');
  });

  test('a token that has expired is replaced by a new one', async () => {
    const token = await example.expiredToken();
    opened = await browser.open('about:blank');
    let asked = 0;
    await opened.page.route('**/view-token*', (route) => {
      asked += 1;
      return asked === 1 ? route.fulfill({ json: { token } }) : route.continue();
    });
    await opened.page.goto(example.url);
    await shows(opened.page, 1, labels[0]);
    expect(asked).toBe(2);
  });

  test('a back end that gives no token is told of, and asked again', async () => {
    opened = await browser.open('about:blank');
    let isDown = true;
    await opened.page.route('**/view-token*', (route) => (isDown ? route.fulfill({ status: 503 }) : route.continue()));
    await opened.page.goto(example.url);
    await shows(opened.page, 1, 'No answer');
    expect(await lozenge(opened.page, 1).getByRole('img').getAttribute('title')).toContain('answered with 503');
    isDown = false;
    await shows(opened.page, 1, labels[0]);
  });

  test('a login changes the lozenge of a page that is open', async () => {
    const { page } = await open();
    await shows(page, 4, 'Not Engaged');
    await example.send('login', [loginOf(4, new Date(Date.now() - 60_000).toISOString())]);
    await shows(page, 4, 'Engaged');
    expect(await nameOf(page, 9)).toBe('Engagement: Not Engaged');
  });

  test('elements that come later are asked for together, and what is known already is shared', async () => {
    const { page } = await open();
    await shows(page, 50, labels[4]);
    const before = calls.length;
    await page.evaluate(appending(['client-00001', 'client-00002']));
    await page.locator('body > client-lozenge').last().getByRole('img', { name: labels[1] }).waitFor();
    expect(calls.slice(before)).toEqual([]);
    await page.evaluate(appending(Array.from({ length: 250 }, (_, index) => `nobody-${index}`)));
    await page.locator('client-lozenge[client="nobody-249"]').getByRole('img', { name: 'Unknown' }).waitFor();
    expect(calls.slice(before)).toEqual(['clients/batch', 'clients/batch']);
  });

  test('with portal access the card tells all of it, and without access nothing further', async () => {
    const { page } = await open();
    const card = page.locator('client-portal-card');
    const rowsOf = () => card.locator('dl > div').allTextContents();
    await card.getByText('Desktop / macOS').waitFor();
    expect(await rowsOf()).toEqual([
      'Portal accessYes',
      'StatusActive',
      'EngagementEngaged',
      expect.stringMatching(/^Last login1 day ago\d{1,2} \w+ \d{4}, \d\d:\d\d$/),
      'Device / platformDesktop / macOS',
      'Logins in the last 30 days1',
      'Logins in the last 90 days1',
      'Logins in the last 365 days1',
    ]);
    await page.evaluate("document.querySelector('client-portal-card').setAttribute('client', 'client-00005')");
    await card.getByText('No', { exact: true }).waitFor();
    expect(await card.getByRole('group').allTextContents()).toEqual(['Portal accessNo']);
  });

  test('a page gives parts its own looks, by parts and by properties', async () => {
    const { page } = await open();
    await shows(page, 3, labels[2]);
    await page.evaluate(`
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(\`
        client-lozenge::part(red) { border-radius: 3px }
        client-lozenge::part(label) { text-transform: uppercase }
        :root { --signalfold-amber-ink: rgb(1, 2, 3) }\`);
      document.adoptedStyleSheets = [sheet];
    `);
    const styleOf = async (number: number, part: string, property: string) =>
      page.evaluate(`{
        const { shadowRoot } = document.querySelector('client-lozenge[client="${clientId(number)}"]');
        getComputedStyle(shadowRoot.querySelector('[part~="${part}"]')).getPropertyValue('${property}');
      }`);
    expect(await styleOf(3, 'lozenge', 'border-top-left-radius')).toBe('3px');
    expect(await styleOf(1, 'lozenge', 'border-top-left-radius')).not.toBe('3px');
    expect(await styleOf(1, 'label', 'text-transform')).toBe('uppercase');
    expect(await styleOf(2, 'lozenge', 'color')).toBe('rgb(1, 2, 3)');
  });

  test('nothing moves when ratings come', async () => {
    opened = await browser.open('about:blank');
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await opened.page.route('**/clients/batch', async (route) => {
      await held;
      await route.continue();
    });
    await opened.page.goto(example.url);
    await shows(opened.page, 1, 'loading');
    const boxesOf = () =>
      opened.page.evaluate(`[...document.querySelectorAll('tbody tr, client-lozenge')].map((one) => {
        const { x, y, width, height } = one.getBoundingClientRect();
        return [x, y, width, height].map(Math.round);
      })`);
    const before = await boxesOf();
    answer();
    await shows(opened.page, 50, labels[4]);
    expect(await boxesOf()).toEqual(before);
  });

  test('nothing is wrong with it, light and dark, on a phone and on a desk', async () => {
    expect(await lookAt(browser, 'lozenges', example.url, (page) => shows(page, 50, labels[4]))).toEqual([]);
  });
});
