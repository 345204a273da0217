import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { parseCatalogueOptions, runCatalogueCommand } from '../../src/commands/catalogue.ts';
import { silentReporter } from '../../src/core/reporter.ts';
import { startServer } from './http-server.ts';
import { SAMPLE_IMAGES, type SampleImage, writeReleaseFolder } from './sample-fleet.ts';

export const DESK = { viewport: { width: 1280, height: 800 } };
export const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

/** What must never become part of the page's own text. */
export const EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(2)> \u202e\u0000\'&amp;';

const evilImages: readonly SampleImage[] = [
  {
    name: 'evil',
    carrier: { country: 'gb', provider: EVIL, plan: EVIL },
    apn: EVIL,
    system: EVIL,
    hostname: EVIL,
  },
  {
    name: 'long',
    carrier: { country: 'gb', provider: 'W'.repeat(300) },
    apn: 'x'.repeat(100),
    base: 'y'.repeat(200),
  },
];

/** A folder of catalogues for the tests of a file: `fleet` (nine images), `evil`, and what a test makes itself. */
export function useCatalogues(): {
  folderOf(name: string): string;
  make(name: string, images: readonly SampleImage[], more?: Record<string, unknown>): Promise<void>;
} {
  let root = '';
  const folderOf = (name: string) => join(root, name);
  const make = async (name: string, images: readonly SampleImage[], more = {}) => {
    const folder = await writeReleaseFolder(folderOf(name), images, {
      imagerBase: 'https://example.org/',
      imagerLists: true,
      signature: 'SHA256SUMS.asc',
    });
    await runCatalogueCommand(
      parseCatalogueOptions({ folder, title: 'LTE images', ...more }),
      silentReporter,
    );
  };
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'wwanpi-catalogue-'));
    await make('fleet', SAMPLE_IMAGES);
    await make('evil', evilImages, { title: EVIL });
  });
  after(() => rm(root, { recursive: true, force: true }));
  return { folderOf, make };
}

/**
 * A server of one folder, on loopback, for the test's time.
 * @param answer sees each request first; true if it answers itself. `from` is the first byte that is asked for
 */
export async function serve(
  t: TestContext,
  folder: string,
  answer: (name: string, response: ServerResponse, from: number) => boolean = () => false,
): Promise<number> {
  const { url } = await startServer(t, (request, response) => {
    const name = request.url === '/' ? 'index.html' : decodeURIComponent(request.url?.slice(1) ?? '');
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (answer(name, response, from)) return;
    if (name.endsWith('.html')) response.setHeader('content-type', 'text/html; charset=utf-8');
    createReadStream(join(folder, name))
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  return Number(new URL(url).port);
}

/** Unfolds all there is. */
export async function openAll(page: Page): Promise<void> {
  await page.evaluate(`for (const details of document.querySelectorAll('details')) details.open = true`);
}
