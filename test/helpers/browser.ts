import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  firefox,
  type Locator,
  type Page,
} from 'playwright-core';
import { PATIENCE_MS, waitFor } from './wait-for.ts';

/** Debian's browsers. */
const CHROMIUM = '/usr/bin/chromium';
const FIREFOX = '/usr/bin/firefox-esr';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A name that is not this machine's to the browser, and so no secure context, though it leads here.
  '--host-resolver-rules=MAP catalogue.test 127.0.0.1',
];

/** Why tests that need the browser are skipped; false when it is there. */
export const noBrowser: string | false = existsSync(CHROMIUM)
  ? false
  : `${CHROMIUM} is not installed (Debian package chromium)`;

const noFirefox: string | false = existsSync(FIREFOX)
  ? false
  : `${FIREFOX} is not installed (Debian package firefox-esr)`;

/** For tests that run in both: its kind, and why it is skipped. */
export const BROWSERS = [
  ['chromium', noBrowser],
  ['firefox', noFirefox],
] as const;

/** A page, and two lists that must stay empty: errors on its console, and requests besides the page itself. */
export interface WatchedPage {
  readonly page: Page;
  readonly errors: readonly string[];
  /** Every address that it requested, its own first. */
  readonly requests: readonly string[];
  /** Follows a link to a file of a known size, and reads what the browser saved. */
  readonly save: (link: Locator, sizeBytes: number) => Promise<{ name: string; bytes: Buffer }>;
}

/**
 * One browser for the tests of a file; the function opens a page in a context of its own. Playwright speaks WebDriver BiDi
 * with a Firefox that is not its own; that knows fewer of a context's options.
 */
export function useBrowser(
  kind: 'chromium' | 'firefox' = 'chromium',
): (t: TestContext, address: string, options?: BrowserContextOptions) => Promise<WatchedPage> {
  let browser: Browser | undefined;
  let downloadsPath = '';
  before(async () => {
    downloadsPath = await mkdtemp(join(tmpdir(), 'wwanpi-downloads-'));
    const timeout = PATIENCE_MS;
    if (kind === 'chromium' && noBrowser === false)
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS, timeout });
    if (kind === 'firefox' && noFirefox === false)
      browser = await firefox.launch({
        executablePath: FIREFOX,
        channel: 'moz-firefox',
        downloadsPath,
        timeout,
      });
  });
  after(async () => {
    await browser?.close();
    await rm(downloadsPath, { recursive: true, force: true });
  });
  return async (t, address, options) => {
    const context = await browser?.newContext(options);
    if (context === undefined) throw new Error(String(kind === 'chromium' ? noBrowser : noFirefox));
    context.setDefaultTimeout(PATIENCE_MS);
    t.after(() => context.close());
    const page = await context.newPage();
    const errors: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
    });
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('dialog', (dialog) => {
      errors.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(/^\w+:/.test(address) ? address : pathToFileURL(address).href);
    const save = async (link: Locator, sizeBytes: number) => {
      if (kind === 'chromium') {
        const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
        return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
      }
      // Playwright does not see the downloads of a Firefox that is not its own, but they lie where it wants them.
      const name = (await link.getAttribute('download')) ?? '';
      await link.click();
      const path = join(downloadsPath, name);
      await waitFor(name, async () => (await stat(path).catch(() => undefined))?.size === sizeBytes);
      const bytes = await readFile(path);
      await rm(path);
      return { name, bytes };
    };
    return { page, errors, requests, save };
  };
}
