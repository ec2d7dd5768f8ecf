// Signing in to the dashboard at a real OpenID provider, in a real browser: there and back, renewal, signing out.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { type HttpService, type Service, startProgram, startService } from '../e2e/service.ts';
import { describeInBrowser, lookAt, openBrowser, type TestBrowser, type TestPage } from './browser.ts';
import { freePort } from './example.ts';

const key = 'a-key-for-everything';
/** How long a token lives that is to run out; half of it later it is renewed. */
const briefSeconds = 6;

// Two programs are started for each test, and one waits for a token to run out.
jest.setTimeout(90_000);

let folder: string;
let browser: TestBrowser;
let opened: TestPage | null = null;
let service: HttpService;
let provider: Service;

/** A service whose people sign in at a provider whose tokens live for `seconds`. */
async function serve(seconds: number, scopes: string): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'signalfold-sign-in-'));
  const port = await freePort();
  const back = `http://127.0.0.1:${port}/sign-in`;
  provider = await startProgram(join(__dirname, 'provider.ts'), [back, String(seconds), scopes], {});
  service = await startService('dev', {
    SIGNALFOLD_DATA_DIR: folder,
    SIGNALFOLD_PORT: String(port),
    SIGNALFOLD_LOG_LEVEL: 'warn',
    SIGNALFOLD_API_KEYS: createHash('sha256').update(key).digest('hex'),
    SIGNALFOLD_OIDC_ISSUER: provider.firstLine,
    SIGNALFOLD_OIDC_AUDIENCE: 'signalfold',
    SIGNALFOLD_OIDC_CLIENT_ID: 'dashboard',
    SIGNALFOLD_OIDC_SIGN_IN_SCOPE: scopes,
    SIGNALFOLD_OIDC_SIGN_IN_PARAMETERS: scopes.includes('offline_access') ? 'prompt=consent' : '',
  });
  const headers = { authorization: `Bearer ${key}` };
  await service.send('PUT', '/v1/firms/firm-a/settings', { timeZone: 'Europe/London' }, headers);
}

/** Goes to a page, and signs in with the provider's own forms. */
async function signInAt(address: string): Promise<Page> {
  opened = await browser.open(service.url + address);
  const { page } = opened;
  await page.getByRole('button', { name: /Sign in at 127\.0\.0\.1/ }).click();
  await page.getByPlaceholder('Enter any login').fill('owner');
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  return page;
}

const isHere = (page: Page) => page.getByText('oidc:owner').waitFor();

describeInBrowser('signing in at the issuer', () => {
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    await opened?.close();
    opened = null;
    await Promise.all([service.kill('SIGTERM'), provider.kill('SIGTERM')]);
    rmSync(folder, { recursive: true, force: true });
  });

  test('leads there and back to the very page, and no token stands in its address', async () => {
    await serve(600, 'openid');
    const page = await signInAt('/firms/firm-a/clients?rating=red');
    await isHere(page);
    expect(page.url()).toBe(`${service.url}/firms/firm-a/clients?rating=red`);
    await page.reload();
    await isHere(page);
    // The provider's own page wants a font from elsewhere; ours keep their policy.
    expect(opened?.complaints.filter((text) => text.includes('Content Security Policy'))).toEqual([]);
  });

  test('a token that runs out is renewed in the page, by its refresh token', async () => {
    await serve(briefSeconds, 'openid offline_access');
    const page = await signInAt('/firms/firm-a/clients');
    await isHere(page);
    await page.waitForTimeout(briefSeconds * 1000);
    const renewed = page.waitForRequest((request) => request.postData()?.includes('grant_type=refresh_token') === true);
    await page.getByRole('link', { name: 'Overview' }).click();
    await renewed;
    await isHere(page);
    expect(page.url()).toContain('/firms/firm-a/overview');
  });

  test('without a refresh token it is renewed by way of the issuer, and back to the very page', async () => {
    await serve(briefSeconds, 'openid');
    const page = await signInAt('/firms/firm-a/clients?rating=red');
    await isHere(page);
    await page.waitForTimeout(briefSeconds * 1000);
    const asked = page.waitForRequest((request) => request.url().includes('prompt=none'));
    await page.reload();
    await asked;
    await page.waitForURL(`${service.url}/firms/firm-a/clients?rating=red`);
    await isHere(page);
  });

  test('signing out ends it at the issuer too', async () => {
    await serve(600, 'openid');
    const page = await signInAt('/firms/firm-a/clients');
    await isHere(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Yes, sign me out' }).click();
    await page.getByRole('button', { name: /Sign in at/ }).click();
    await page.getByPlaceholder('Enter any login').waitFor();
  });

  test('what the issuer refuses, and what was not begun here, is told', async () => {
    await serve(600, 'openid');
    opened = await browser.open(`${service.url}/sign-in?error=access_denied&state=made-up`);
    await opened.page.getByRole('alert').getByText('This sign-in was not begun in this tab').waitFor();
    const ready = (page: Page) => page.getByRole('button', { name: /Sign in at/ }).waitFor();
    const found = await lookAt(browser, 'sign-in', `${service.url}/firms/firm-a/clients`, ready);
    // The browser itself notes that the service asked who one is.
    expect(found.filter((text) => !text.includes('401'))).toEqual([]);
    await opened.page.getByText('With a key or token instead').click();
    await opened.page.getByLabel('Key or token').fill(key);
    await opened.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await opened.page.getByRole('heading', { level: 1 }).waitFor();
  });
});
