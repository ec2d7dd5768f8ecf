// A real Chromium for tests of the pages: opens them, keeps what they complain about, holds them to axe, takes pictures.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { z } from 'zod';

const root = join(__dirname, '..', '..');
const screens = join(root, 'artifacts', 'screens');

/** Where systems put it; CHROMIUM says where else. */
const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const widths = { phone: 390, desk: 1440 } as const;
const themes = ['light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const waitMsMax = 15_000;

export type Looks = { readonly width?: number; readonly height?: number; readonly theme?: Theme };

export type TestBrowser = {
  /** A page of its own: no other's storage, a window of 1440 × 900 unless told, in English and UTC. */
  open(url: string, looks?: Looks): Promise<TestPage>;
  close(): Promise<void>;
};

export type TestPage = {
  readonly page: Page;
  /** What the console and the page's policy had to say so far; good pages say nothing. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
};

/** The path of a Chromium; null where there is none. With CI=true it must be there. */
function findChromium(): string | null {
  const named = process.env['CHROMIUM'];
  const found = (named === undefined ? usualPlaces : [named]).find((path) => existsSync(path)) ?? null;
  if (found === null && process.env['CI'] === 'true')
    throw new Error('CI needs a Chromium: install it, or set CHROMIUM.');
  return found;
}

const executable = findChromium();

/** As describe; where there is no Chromium it is left out, and its name says why. */
export const describeInBrowser =
  executable === null
    ? (name: string, tests: () => void) => describe.skip(`${name} (no Chromium: install it, or set CHROMIUM)`, tests)
    : (name: string, tests: () => void) => describe(name, tests);

export async function openBrowser(): Promise<TestBrowser> {
  if (executable === null) throw new Error('There is no Chromium: install it, or set CHROMIUM.');
  const browser = await chromium.launch({ executablePath: executable, args: flags, headless: true });
  return { open: (url, looks = {}) => openPage(browser, url, looks), close: () => browser.close() };
}

async function openPage(browser: Browser, url: string, { width = widths.desk, height = 900, theme = 'light' }: Looks) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(waitMsMax);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  return { page, complaints, close: () => context.close() };
}

const axePath = createRequire(__filename).resolve('axe-core/axe.min.js');
const Violations = z.array(
  z.object({ id: z.string(), help: z.string(), nodes: z.array(z.object({ html: z.string() })) }),
);

/** What axe finds wrong with the page as it stands, by WCAG 2.2 AA and good practice; one line each. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  // Through the debugger, because the page's own policy lets no foreign script in.
  const debug = await page.context().newCDPSession(page);
  await debug.send('Runtime.evaluate', { expression: readFileSync(axePath, 'utf8') });
  const run = "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)";
  const { result } = await debug.send('Runtime.evaluate', {
    expression: run,
    awaitPromise: true,
    returnByValue: true,
  });
  await debug.detach();
  return Violations.parse(result.value).map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
  );
}

/**
 * Opens a page in light and dark, on a phone and on a desk; waits until `ready`, holds it to axe, and takes a picture of
 * each: artifacts/screens/{name}-{theme}-{width}.png. Answers all that was found wrong.
 */
export async function lookAt(
  browser: TestBrowser,
  name: string,
  url: string,
  ready: (page: Page) => Promise<unknown>,
): Promise<readonly string[]> {
  mkdirSync(screens, { recursive: true });
  const wrong: string[] = [];
  for (const theme of themes) {
    for (const width of Object.values(widths)) {
      const { page, complaints, close } = await browser.open(url, { theme, width, height: width < 600 ? 844 : 900 });
      await ready(page);
      const picture = `${name}-${theme}-${width}`;
      await page.screenshot({ path: join(screens, `${picture}.png`) });
      const isTooWide = await page.evaluate('document.documentElement.scrollWidth > window.innerWidth');
      const found = [...(await axeViolations(page)), ...complaints, ...(isTooWide ? ['it scrolls sideways'] : [])];
      wrong.push(...found.map((text) => `${picture}: ${text}`));
      await close();
    }
  }
  return wrong;
}
