import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';
import { noBrowser, useBrowser } from '../../helpers/browser.ts';
import { DESK, EVIL, PHONE, serve, useCatalogues } from '../../helpers/catalogue-site.ts';
import { SAMPLE_IMAGES, type SampleImage } from '../../helpers/sample-fleet.ts';

const MANY = 500;
const manyImages: readonly SampleImage[] = Array.from({ length: MANY }, (_, at) => ({
  name: `image-${at}`,
  carrier: { country: ['us', 'gb', 'de', 'fr', 'pl'][at % 5] ?? 'us', provider: `Carrier ${at}` },
  apn: `apn${at}.example`,
}));

describe('the catalogue in Chromium', { skip: noBrowser }, () => {
  const open = useBrowser();
  const { folderOf, make } = useCatalogues();
  const pageAt = (name: string) => join(folderOf(name), 'index.html');

  test('searching is instant, by carrier, country, APN, plan and base, and blind to case and accents', async (t) => {
    const { page, errors } = await open(t, pageAt('fleet'), DESK);
    const search = page.getByRole('searchbox', { name: 'Search' });
    const found = () =>
      page.locator('.image:visible').evaluateAll((all) => all.map((each) => each.id.slice(6)));
    const cases: [string, string[]][] = [
      ['metro', ['us-metropcs']],
      ['FAST.metropcs.com', ['us-metropcs']],
      ['united states', ['us-att', 'us-google-fi', 'us-metropcs']],
      ['us at&t', ['us-att']],
      ['alcom', ['ax-alcom']],
      ['ÅLCOM', ['ax-alcom']],
      ['lacznosc mlodzi', ['pl-lacznosc']],
      ['ŁĄCZNOŚĆ', ['pl-lacznosc']],
      ['dualstack', ['de-telekom']],
      ['  ee   kingdom ', ['gb-ee']],
      ['lab', ['lab']],
      ['nobody has this', []],
    ];
    for (const [text, names] of cases) {
      await search.fill(text);
      assert.deepEqual(await found(), names, text);
      assert.equal(await page.getByRole('status').first().textContent(), `${names.length} of 9 images`);
      assert.equal(await page.getByText('No images match').isVisible(), names.length === 0);
      const countries = new Set(await page.locator('.country:visible h3').allTextContents());
      assert.deepEqual(new Set(await page.locator('nav li:visible a').allTextContents()), countries);
    }
    await search.press('Escape');
    assert.equal((await found()).length, 9);
    assert.equal(await page.getByRole('status').first().textContent(), '9 images');
    await search.fill('stretch');
    assert.equal((await found()).length, 9);
    assert.deepEqual(errors, []);
  });

  test('a checksum and a command are copied, whether the clipboard has an interface or not', async (t) => {
    const server = await serve(t, folderOf('fleet'));
    for (const [address, secure] of [
      [`http://127.0.0.1:${server}/`, true],
      [`http://catalogue.test:${server}/`, false],
    ] as const) {
      const { page, errors } = await open(
        t,
        address,
        secure ? { ...DESK, permissions: ['clipboard-write'] } : DESK,
      );
      assert.equal(await page.evaluate(`'clipboard' in navigator`), secure);
      await page.getByText('Checksum and details of gb-ee').click();
      const button = page.getByRole('button', { name: 'Copy the SHA-256 of gb-ee.img.xz' });
      assert.equal(await press(page, button), 'Copied');
      const sums = await readFile(join(folderOf('fleet'), 'SHA256SUMS'), 'utf8');
      const sha256 = /^(\w+) {2}gb-ee\.img\.xz$/m.exec(sums)?.[1];
      assert.equal(await paste(page), sha256);
      const command = page.getByRole('button', { name: 'Copy the dd command' }).locator('visible=true');
      assert.equal(await press(page, command), 'Copied');
      assert.match(await paste(page), /^xz -dc ax-alcom\.img\.xz \| sudo dd of=\/dev\/sdX /);
      assert.deepEqual(errors, []);
    }
  });

  test('where nothing can be copied, the text is selected and said so', async (t) => {
    const { page } = await open(t, pageAt('fleet'), DESK);
    await page.evaluate(
      `Object.defineProperty(navigator, 'clipboard', { value: undefined }); document.execCommand = () => false`,
    );
    await page.getByText('Checksum and details of gb-ee').click();
    const button = page.getByRole('button', { name: 'Copy the SHA-256 of gb-ee.img.xz' });
    assert.match(await press(page, button), /^Selected/);
    assert.match(String(await page.evaluate('String(getSelection())')), /^[0-9a-f]{64}$/);
  });

  test('every link leads to a place of the page or an existing file, and nothing else is requested', async (t) => {
    const { page, errors, requests } = await open(t, pageAt('fleet'), DESK);
    const hrefs: string[] = await page.evaluate(
      `[...document.querySelectorAll('a[href]')].map((each) => each.href)`,
    );
    // Nine images of four files, the list for Imager, the checksums and their signature.
    const files = new Set(hrefs.filter((href) => !href.includes('#')).map((href) => fileURLToPath(href)));
    assert.equal(files.size, 9 * 4 + 3);
    for (const file of files) {
      assert.ok(file.startsWith(`${folderOf('fleet')}/`), file);
      assert.ok((await stat(file)).isFile());
    }
    for (const href of hrefs.filter((each) => each.includes('#'))) {
      const id = decodeURIComponent(new URL(href).hash.slice(1));
      assert.equal(await page.locator(`[id="${id}"]`).count(), 1, href);
    }
    assert.deepEqual(requests.length, 1, requests.join('\n'));
    assert.deepEqual(errors, []);
  });

  test('from a server it asks for nothing else, and offers Imager the list beside it', async (t) => {
    const port = await serve(t, folderOf('fleet'));
    const { page, errors, requests } = await open(t, `http://127.0.0.1:${port}/index.html`, DESK);
    const link = page.getByRole('link', { name: 'Open in Imager (gb-ee)' });
    const own = `http://127.0.0.1:${port}/gb-ee.rpi-imager-manifest`;
    assert.equal(await link.getAttribute('href'), `rpi-imager://open?repo=${encodeURIComponent(own)}`);
    // What Imager 2.0.11 makes of it: the query's value, which must match its pattern.
    const repository = new URL((await link.getAttribute('href')) ?? '').searchParams.get('repo') ?? '';
    assert.match(repository, /^https?:\/\/[^ \t\r\n?#]+\.(json|rpi-imager-manifest)$/i);
    assert.equal((await fetch(repository)).status, 200);
    const command = page.getByText('rpi-imager --repo');
    assert.equal(
      await command.textContent(),
      `rpi-imager --repo 'http://127.0.0.1:${port}/fleet.rpi-imager-manifest'`,
    );
    assert.deepEqual(requests, [`http://127.0.0.1:${port}/index.html`]);
    assert.deepEqual(errors, []);
  });

  test('opened from a disk, what Imager could not fetch is not offered', async (t) => {
    const { page } = await open(t, pageAt('fleet'), DESK);
    assert.equal(await page.locator('a.imager:visible').count(), 0);
    assert.equal(await page.getByText('rpi-imager --repo').isVisible(), false);
  });

  test('the commands are those of the image whose link led to them, or that is chosen', async (t) => {
    await make('mixed', [
      ...SAMPLE_IMAGES.slice(0, 2),
      { name: 'raw', apn: 'a', compression: 'none' },
      { name: 'zst', apn: 'a', compression: 'zst' },
    ]);
    const { page } = await open(t, pageAt('mixed'), DESK);
    const commands = () =>
      page.locator('.command:visible', { hasText: '/dev/sdX' }).locator('code').allTextContents();
    assert.match((await commands()).join('\n'), /^sudo wwanpi flash us-att\.img\.xz/);
    await page.getByText('Checksum and details of raw').click();
    await page.locator('#image-raw').getByText('How to write it to a card').click();
    assert.deepEqual(await commands(), [
      'sudo wwanpi flash raw.img /dev/sdX',
      'sudo bmaptool copy raw.img /dev/sdX',
      'sudo dd if=raw.img of=/dev/sdX bs=4M conv=fsync status=progress',
    ]);
    await page.getByLabel('Commands for').selectOption({ label: 'zst' });
    assert.match((await commands()).join('\n'), /zstd -dc zst\.img\.zst \| sudo dd/);
  });

  test('hostile names are text and nothing else', async (t) => {
    const { page, errors, requests } = await open(t, pageAt('evil'), DESK);
    assert.equal(await page.locator('script').count(), 1);
    assert.equal(await page.locator('img').count(), 0);
    const shown = EVIL.replaceAll(/[\u0000\u202e]/g, '\ufffd');
    assert.equal(await page.locator('#image-evil h4 bdi').first().textContent(), shown);
    assert.equal(await page.locator('#image-evil .apn code').textContent(), shown);
    assert.equal(await page.title(), shown.trim());
    await page.getByRole('searchbox').fill('<script>');
    assert.equal(await page.locator('.image:visible').count(), 1);
    assert.equal(requests.length, 1);
    assert.deepEqual(errors, []);
  });

  test('the page can run no other script and load nothing, whatever got into it', async (t) => {
    const { page, errors } = await open(t, pageAt('fleet'), DESK);
    const failed = page.waitForEvent('requestfailed');
    await page.evaluate(`{
      const script = document.createElement('script');
      script.textContent = 'document.title = "taken over"';
      const image = new Image();
      image.src = 'https://example.org/x.png';
      document.body.append(script, image);
    }`);
    const request = await failed;
    assert.deepEqual([request.url(), request.failure()?.errorText], ['https://example.org/x.png', 'csp']);
    assert.equal(await page.title(), 'LTE images');
    assert.equal(
      errors.filter((error) => error.includes('Content Security Policy')).length,
      2,
      errors.join('\n'),
    );
  });

  test(`${MANY} images: all there, found by a word, back again`, async (t) => {
    await make('many', manyImages);
    const { page, errors } = await open(t, pageAt('many'), PHONE);
    assert.equal(await page.locator('.image:visible').count(), MANY);
    await page.locator('.image').last().scrollIntoViewIfNeeded();
    await page.getByRole('searchbox').fill('carrier 499');
    const box = await page.locator('#image-image-499').boundingBox();
    assert.ok(box !== null && box.y > 0 && box.y < PHONE.viewport.height, 'what was found is in sight');
    assert.equal(await page.locator('.image:visible').count(), 1);
    await page.getByRole('searchbox').fill('');
    assert.equal(await page.locator('.image:visible').count(), MANY);
    assert.deepEqual(errors, []);
  });
});

/** Presses a button that copies, and tells what is said when the button's own text tells that it is done. */
async function press(page: Page, button: Locator): Promise<string> {
  const label = await button.getAttribute('aria-label');
  const said = page.evaluate<string>(`new Promise((done) => {
    const tell = () => done(document.getElementById('said').textContent);
    const isPressed = (each) => each.ariaLabel === ${JSON.stringify(label)};
    for (const each of [...document.querySelectorAll('.copy')].filter(isPressed))
      new MutationObserver(tell).observe(each, { childList: true });
  })`);
  await button.click();
  return said;
}

/** What the clipboard holds, read as a person would: pasted. */
async function paste(page: Page): Promise<string> {
  const search = page.getByRole('searchbox');
  await search.fill('');
  await search.press('Control+V');
  const text = await search.inputValue();
  await search.fill('');
  return text;
}
