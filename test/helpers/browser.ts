import { existsSync } from 'node:fs';
import { after, before, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { PATIENCE_MS } from './wait-for.ts';

/** Debian's Chromium. */
const CHROMIUM = '/usr/bin/chromium';

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

/** A page, and two lists that must stay empty: errors on its console, and requests besides the page itself. */
export interface WatchedPage {
  readonly page: Page;
  readonly errors: readonly string[];
  /** Every address that it requested, its own first. */
  readonly requests: readonly string[];
}

/** One browser for the tests of a file; the function opens a page in a context of its own. */
export function useBrowser(): (
  t: TestContext,
  address: string,
  options?: BrowserContextOptions,
) => Promise<WatchedPage> {
  let browser: Browser | undefined;
  before(async () => {
    if (noBrowser === false)
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS, timeout: PATIENCE_MS });
  });
  after(() => browser?.close());
  return async (t, address, options) => {
    const context = await browser?.newContext(options);
    if (context === undefined) throw new Error(String(noBrowser));
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
    return { page, errors, requests };
  };
}
