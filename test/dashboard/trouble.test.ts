// The pages when things go wrong, in a real browser: keys that open nothing, a service that does not answer for a while, and
// clients with names that nobody planned for.
import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import { untilFolded } from '../e2e/service.ts';
import { axeViolations, describeInBrowser, openBrowser, type TestBrowser, type TestPage } from './browser.ts';
import { type KnownFirm, openKnownFirm } from './known-firm.ts';

const key = 'a-key-for-everything';
const senderKey = 'a-key-that-only-sends';
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const dayMs = 86_400_000;

jest.setTimeout(60_000);

describeInBrowser('when things go wrong', () => {
  let firm: KnownFirm;
  let browser: TestBrowser;
  let opened: TestPage;
  beforeAll(async () => {
    firm = await openKnownFirm({ keys: `${hashOf(key)},${hashOf(senderKey)}:name=sender:scopes=ingest`, key });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await firm?.close();
  });
  afterEach(() => opened.close());

  async function open(path: string): Promise<Page> {
    opened = await browser.open(firm.page(path));
    return opened.page;
  }

  async function signIn(page: Page, given: string): Promise<void> {
    await page.getByLabel('Key or token').fill(given);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  /** Signed in with the key that may do everything, and led to the page only then: what goes wrong there comes after. */
  async function openSignedIn(path: string, before: (page: Page) => Promise<unknown> = async () => undefined) {
    const page = await open('reports');
    await signIn(page, key);
    await page.getByRole('heading', { level: 1, name: 'Reports' }).waitFor();
    await before(page);
    await page.goto(firm.page(path));
    return page;
  }

  test('a key that may not read is refused in words, and one can sign in with another', async () => {
    const page = await open('overview');
    await signIn(page, senderKey);
    await page.getByText('needs the scope "read"').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn(page, key);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });

  test('what can be no key is told before it is sent', async () => {
    const page = await open('overview');
    await signIn(page, 'schlüssel');
    await page.getByText('Copy it anew.').waitFor();
    await signIn(page, key);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });

  test('a link as if from an issuer signs nobody out, and keeps nobody from signing in', async () => {
    const page = await openSignedIn('clients');
    await page.goto(`${firm.service.url}/sign-in?code=made-up&state=made-up`);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.goto(`${firm.service.url}/sign-in?code=made-up&state=made-up`);
    await signIn(page, key);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });

  test('what happens after a page was read, and before it hears of changes, is shown all the same', async () => {
    let letThrough = () => {};
    const isOpen = new Promise<void>((resolve) => {
      letThrough = resolve;
    });
    const page = await openSignedIn('clients/bob', (before) =>
      before.route('**/changes*', async (route) => {
        await isOpen;
        await route.continue();
      }),
    );
    const rating = page.locator('.page-header-title');
    await rating.getByText('At Risk').waitFor();
    await firm.login('bob', 'while-nobody-listens');
    await untilFolded(firm.service, { authorization: `Bearer ${key}` });
    letThrough();
    await rating.getByText('Engaged').waitFor();
  });

  test('a stream that a proxy refuses for a moment is opened again, and changes show', async () => {
    let refusals = 2;
    const page = await openSignedIn('clients/cid', (before) =>
      before.route('**/changes*', async (route) => {
        refusals -= 1;
        if (refusals >= 0) await route.fulfill({ status: 502, body: 'Bad gateway' });
        else await route.continue();
      }),
    );
    const isFollowed = page.waitForResponse((reply) => reply.url().endsWith('/changes') && reply.ok());
    await page.getByText('1 month ago').first().waitFor();
    await isFollowed;
    await firm.login('cid', 'after-the-proxy');
    await page.getByText('1 month ago').first().waitFor({ state: 'detached' });
  });

  test('that changes do not come is told, until they come again', async () => {
    const page = await openSignedIn('clients/ann', (before) => before.route('**/changes*', (route) => route.abort()));
    const told = page.getByText('Live updates are paused');
    await told.waitFor();
    await page.unroute('**/changes*');
    await told.waitFor({ state: 'detached' });
  });

  test('a list and totals that cannot be had for a while come by themselves', async () => {
    let refusals = 4;
    let letThrough = () => {};
    const isHeld = new Promise<void>((resolve) => {
      letThrough = resolve;
    });
    let askAgain = () => {};
    const isAskedAgain = new Promise<void>((resolve) => {
      askAgain = resolve;
    });
    const page = await openSignedIn('clients', (before) =>
      before.route('**/v1/firms/firm-a/clients?*', async (route) => {
        refusals -= 1;
        if (refusals === 2) {
          askAgain();
          await isHeld;
        }
        const problem = {
          code: 'unavailable',
          title: 'This cannot be done at present.',
          detail: 'The firm is being read.',
        };
        if (refusals >= 0) await route.fulfill({ status: 503, json: problem });
        else await route.continue();
      }),
    );
    // It is asked again, and what was said stands until there is an answer.
    await isAskedAgain;
    await page.getByText('The firm is being read.').waitFor();
    letThrough();
    await page.getByRole('link', { name: 'Ann Archer' }).waitFor();
    refusals = 4;
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByText('The firm is being read.').first().waitFor();
    await page.getByRole('link', { name: /^At Risk/ }).waitFor();
  });

  test('names that are long, that nobody sees, or that run from right to left leave the page in order', async () => {
    const created = new Date(Date.now() - 100 * dayMs).toISOString();
    for (const [clientId, firstName, lastName] of [
      ['long', 'Hubert'.repeat(30), 'Wolfeschlegelstein'.repeat(12)],
      ['unseen', ' ', '‮​'],
      ['arabic', 'فاطمة', 'بن محمد'],
    ] as const) {
      const about = { clientId, firstName, lastName, version: 1, type: 'individual', status: 'active' };
      const adviser = { id: `adviser-${clientId}`, name: lastName };
      const emails = [`${'x'.repeat(60)}@example.org`];
      await firm.send('client', { ...about, adviser, emails, createdAt: created, updatedAt: created });
    }
    const page = await openSignedIn('clients', (before) => before.setViewportSize({ width: 360, height: 800 }));
    await page.getByRole('link', { name: 'unseen' }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(await axeViolations(page)).toEqual([]);
  });
});
