import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { findCardPlace } from '../../../src/formats/card-settings/card-place.ts';
import { readCardText } from '../../../src/formats/card-settings/card-text.ts';
import { sha256Text } from '../../../src/tools/files/hash.ts';
import { BROWSERS, useBrowser } from '../../helpers/browser.ts';
import { makeCardImage } from '../../helpers/card-image.ts';
import { serve, useCatalogues } from '../../helpers/catalogue-site.ts';

const OLD = makeCardImage({ apn: 'everywhere', user: 'eesecure', password: 'secure' }, 20_000_000);
const OTHER = makeCardImage({ apn: 'internet', hostname: 'pi-2' });
const NO_SETTINGS = Buffer.alloc(1000, 'not an image');
const IMAGES = [
  { name: 'gb-ee', apn: 'everywhere', content: OLD },
  { name: 'other', apn: 'internet', content: OTHER },
  { name: 'plain', apn: 'internet', content: NO_SETTINGS },
];

for (const [kind, skip] of BROWSERS) {
  describe(`an image for another APN, made in ${kind}`, { skip }, () => {
    const open = useBrowser(kind);
    const { folderOf, make } = useCatalogues();
    before(() => make('one', IMAGES));
    const pageAt = (name: string) => join(folderOf(name), 'index.html');

    for (const from of ['server', 'disk'] as const) {
      test(`from the ${from}: only the settings differ, and the SHA-256 is that of the new file`, async (t) => {
        const folder = folderOf('one');
        const address = from === 'disk' ? pageAt('one') : `http://127.0.0.1:${await serve(t, folder)}/`;
        const { page, errors, requests, save } = await open(t, address);
        if (from === 'disk') await page.setInputFiles('#make-file', join(folder, 'gb-ee.img.xz'));
        else await page.locator('#make-image').selectOption('gb-ee');
        await fill(page, { APN: 'internet.example', 'Login: password': 'correct horse' });
        await start(page);
        await page.locator('#make-done').waitFor();
        assert.equal(await focused(page), 'make-ready');
        const made = await save(page.getByRole('link', { name: /^Save / }), OLD.length);
        assert.equal(made.name, 'gb-ee-internet.example.img.xz');
        assert.equal(await page.locator('#make-sum').textContent(), sha256Text(made.bytes));
        assert.deepEqual(Object.fromEntries(await readSettings(made.bytes)), {
          ...Object.fromEntries(await readSettings(OLD)),
          apn: 'internet.example',
          user: '',
          password: '',
          'login-password': 'correct horse',
        });
        assert.equal(made.bytes.length, OLD.length);
        assert.match(
          await page.locator('.command:visible', { hasText: 'dd of=' }).innerText(),
          /gb-ee-internet\.example/,
        );
        // Nothing that was typed goes anywhere.
        const asked = requests.filter((request) => !request.startsWith('blob:')).slice(1);
        assert.deepEqual(asked, from === 'disk' ? [] : [`${address}gb-ee.img.xz`]);
        assert.deepEqual(errors, []);
      });
    }

    test('a second APN takes no second download', async (t) => {
      const asked: string[] = [];
      const port = await serve(t, folderOf('one'), (name) => {
        asked.push(name);
        return false;
      });
      const { page, save } = await open(t, `http://127.0.0.1:${port}/`);
      await page.locator('#make-image').selectOption('other');
      for (const apn of ['one.example', 'two.example']) {
        await fill(page, { APN: apn });
        await start(page);
        const made = await save(page.getByRole('link', { name: `Save other-${apn}.img.xz` }), OTHER.length);
        assert.equal((await readSettings(made.bytes)).get('apn'), apn);
      }
      assert.deepEqual(asked, ['index.html', 'other.img.xz']);
    });

    test('a download that breaks is said, and goes on where it broke', async (t) => {
      let count = 0;
      const port = await serve(t, folderOf('one'), (name, response, from) => {
        if (name !== 'gb-ee.img.xz') return false;
        count += 1;
        if (count === 1) cutAfter(response, OLD, 9_000_000);
        else sendFrom(response, OLD, from);
        return true;
      });
      const { page, save } = await open(t, `http://127.0.0.1:${port}/`);
      await page.locator('#make-image').selectOption('gb-ee');
      await fill(page, { APN: 'internet' });
      await start(page);
      await page.locator('#make-failed').waitFor();
      assert.match(
        await page.getByRole('alert').innerText(),
        /^The download of gb-ee\.img\.xz stopped after [\d.]+ MB of 20\.\d MB\.$/,
      );
      assert.equal(await focused(page), 'make-retry');
      await page.keyboard.press('Enter');
      const made = await save(page.getByRole('link', { name: /^Save / }), OLD.length);
      assert.equal((await readSettings(made.bytes)).get('apn'), 'internet');
      assert.equal(count, 2);
    });

    test('cancelled, it stops and says so, and can be started again', async (t) => {
      let closed = false;
      const port = await serve(t, folderOf('one'), (name, response) => {
        if (name !== 'gb-ee.img.xz' || closed) return false;
        response.writeHead(200, { 'content-length': OLD.length });
        response.write(OLD.subarray(0, 1_000_000));
        response.on('close', () => {
          closed = true;
        });
        return true;
      });
      const { page } = await open(t, `http://127.0.0.1:${port}/`);
      await page.locator('#make-image').selectOption('gb-ee');
      await fill(page, { APN: 'internet' });
      await start(page);
      await page.getByText('1 MB of 20').waitFor();
      assert.equal(await focused(page), 'make-cancel');
      await fill(page, { APN: 'two.example' });
      assert.equal(await page.locator('#make-progress').isVisible(), true, 'typing does not disturb it');
      await page.getByRole('button', { name: 'Cancel' }).press('Enter');
      await page.getByText('Cancelled.').waitFor();
      assert.equal(await focused(page), 'make-start');
      assert.equal(await page.locator('#make-progress').isVisible(), false);
      await start(page);
      await page.getByRole('link', { name: /^Save / }).waitFor();
      assert.equal(closed, true);
    });

    test('another file is refused: by its size at once, by its SHA-256 before anything is made', async (t) => {
      const folder = folderOf('one');
      const { page } = await open(t, pageAt('one'));
      const fault = page.locator('#make-file-fault');
      await page.locator('#make-image').selectOption('gb-ee');
      await fill(page, { APN: 'internet' });
      await start(page);
      assert.equal(await fault.innerText(), 'Choose gb-ee.img.xz, as you downloaded it.');
      assert.equal(await focused(page), 'make-file');
      await page.setInputFiles('#make-file', join(folder, 'SHA256SUMS'));
      assert.match(
        await fault.innerText(),
        /^SHA256SUMS is not gb-ee\.img\.xz: it has [\d.]+ k?B, not 20\.\d MB\.$/,
      );
      const damaged = Buffer.from(OLD);
      damaged[5_000_000] = ~(damaged[5_000_000] ?? 0) & 0xff;
      await writeFile(join(folder, 'copy.img.xz'), damaged);
      await page.setInputFiles('#make-file', join(folder, 'copy.img.xz'));
      assert.equal(await fault.innerText(), '');
      await start(page);
      await page.locator('#make-failed').waitFor();
      assert.match(
        await page.getByRole('alert').innerText(),
        /copy\.img\.xz is not gb-ee\.img\.xz: it has another SHA-256/,
      );
      // A file of the list brings its image along.
      await page.setInputFiles('#make-file', join(folder, 'other.img.xz'));
      assert.equal(await page.locator('#make-image').inputValue(), 'other');
      assert.equal(await page.locator('#make-failed').isVisible(), false);
    });

    test('an image without settings that can be changed leads to the way by hand', async (t) => {
      const { page } = await open(t, pageAt('one'));
      await page.setInputFiles('#make-file', join(folderOf('one'), 'plain.img.xz'));
      await fill(page, { APN: 'internet' });
      await start(page);
      await page.locator('#make-failed').waitFor();
      assert.match(await page.getByRole('alert').innerText(), /^This image cannot be changed: /);
      await page.getByRole('link', { name: 'change the settings by hand' }).click();
      assert.equal(new URL(page.url()).hash, '#by-hand');
    });

    test('where the browser has too little room, that is said', async (t) => {
      const { page } = await open(t, `http://127.0.0.1:${await serve(t, folderOf('one'))}/`);
      await page.evaluate(
        `Response.prototype.blob = () => Promise.reject(new DOMException('', 'QuotaExceededError'))`,
      );
      await page.locator('#make-image').selectOption('gb-ee');
      await fill(page, { APN: 'internet' });
      await start(page);
      await page.locator('#make-failed').waitFor();
      assert.match(
        await page.getByRole('alert').innerText(),
        /^The browser has too little room for gb-ee\.img\.xz/,
      );
    });

    test('a value is checked as one types, and tied to its field', async (t) => {
      const { page, errors } = await open(t, pageAt('one'));
      const apn = page.getByLabel('APN', { exact: true });
      await apn.pressSequentially('two w');
      assert.equal(
        await page.locator('#make-apn-fault').innerText(),
        'APN holds a space; an APN has only letters, digits, hyphens and dots.',
      );
      assert.equal(await apn.getAttribute('aria-invalid'), 'true');
      assert.equal(
        await colourOf(page, 'make-apn', 'borderTopColor'),
        await colourOf(page, 'make-apn-fault', 'color'),
      );
      assert.match((await apn.getAttribute('aria-describedby')) ?? '', /make-apn-fault/);
      await apn.fill('two.w');
      assert.equal(await page.locator('#make-apn-fault').innerText(), '');
      assert.equal(await apn.getAttribute('aria-invalid'), null);
      await page.getByText('More settings').click();
      await fill(page, { 'PIN of the SIM card': '12', 'Wi-Fi: password': ' eight or more' });
      assert.match(
        await page.locator('#make-pin-fault').innerText(),
        /^PIN of the SIM card is not four to eight digits\.$/,
      );
      assert.match(
        await page.locator('#make-wifi-password-fault').innerText(),
        /begins or ends with a blank/,
      );
      await page.getByText('More settings').click();
      await start(page);
      // What is folded away unfolds, so that the fault can be seen.
      assert.equal(await focused(page), 'make-pin');
      assert.equal(await page.locator('#make-pin').isVisible(), true);
      const pin = page.locator('#make-pin');
      assert.deepEqual(
        [await pin.getAttribute('type'), await pin.getAttribute('autocomplete')],
        ['password', 'off'],
      );
      await page.getByLabel('Show passwords and PIN').check();
      assert.equal(await pin.getAttribute('type'), 'text');
      assert.deepEqual(errors, []);
    });

    for (const [cors, works] of [
      [true, true],
      [false, false],
    ] as const) {
      test(`images on another host are taken from there if it lets the page read them: ${works}`, async (t) => {
        const port = await serve(t, folderOf('one'), (_, response) => {
          if (cors) response.setHeader('access-control-allow-origin', '*');
          return false;
        });
        const name = `far-${cors}`;
        await make(name, IMAGES, { urlBase: `http://127.0.0.1:${port}/` });
        const page = (await open(t, `http://localhost:${await serve(t, folderOf(name))}/`)).page;
        await page.locator('#make-image').selectOption('other');
        await fill(page, { APN: 'internet' });
        await start(page);
        await page.locator(works ? '#make-done' : '#make-failed').waitFor();
        if (works) return;
        assert.match(
          await page.getByRole('alert').innerText(),
          /or the server does not let this page read it/,
        );
      });
    }
  });
}

async function fill(page: Page, values: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(values)) {
    const field = page.getByLabel(label, { exact: true });
    if (!(await field.isVisible())) await page.getByText('More settings').click();
    await field.fill(value);
  }
}

async function start(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Make the image' }).click();
}

function colourOf(page: Page, id: string, property: 'borderTopColor' | 'color'): Promise<string> {
  return page.evaluate(`getComputedStyle(document.getElementById('${id}')).${property}`);
}

function focused(page: Page): Promise<string> {
  return page.evaluate('document.activeElement.id');
}

function cutAfter(response: ServerResponse, content: Buffer, bytes: number): void {
  response.writeHead(200, { 'content-length': content.length });
  response.write(content.subarray(0, bytes), () => response.destroy());
}

function sendFrom(response: ServerResponse, content: Buffer, from: number): void {
  const range = `bytes ${from}-${content.length - 1}/${content.length}`;
  response.writeHead(206, { 'content-range': range }).end(content.subarray(from));
}

async function readSettings(image: Buffer): Promise<ReadonlyMap<string, string>> {
  const place = await findCardPlace(image.length, async (at, length) => image.subarray(at, at + length));
  assert.ok(place !== undefined);
  const { values, faults } = readCardText(place.content);
  assert.deepEqual(faults, []);
  return values;
}
