import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { noBrowser, useBrowser } from '../../helpers/browser.ts';
import { DESK, openAll, PHONE, useCatalogues } from '../../helpers/catalogue-site.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

describe('the catalogue for everybody, in Chromium', { skip: noBrowser }, () => {
  const open = useBrowser();
  const { folderOf } = useCatalogues();
  const pageAt = (name: string) => join(folderOf(name), 'index.html');

  for (const [screen, options] of [
    ['a desk', DESK],
    ['a phone', PHONE],
  ] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test(`axe finds nothing on ${screen}, ${colorScheme}`, async (t) => {
        for (const name of ['fleet', 'evil']) {
          const { page } = await open(t, pageAt(name), { ...options, colorScheme });
          assert.deepEqual(await runAxe(page), [], `${name} as it opens`);
          await openAll(page);
          assert.deepEqual(await runAxe(page), [], `${name}, all open`);
          await page.getByLabel('APN', { exact: true }).fill('two words');
          await page.getByRole('button', { name: 'Make the image' }).click();
          assert.deepEqual(await runAxe(page), [], `${name}, faults in the form`);
          await page.getByRole('searchbox').fill('nothing at all');
          assert.deepEqual(await runAxe(page), [], `${name}, nothing found`);
          await showParts(page);
          assert.deepEqual(await runAxe(page), [], `${name}, all that the form can show`);
        }
      });
    }
  }

  test('it fits a narrow screen: nothing scrolls sideways at 320 pixels, long names or not', async (t) => {
    for (const name of ['fleet', 'evil']) {
      const { page } = await open(t, pageAt(name), { viewport: { width: 320, height: 600 } });
      await openAll(page);
      await showParts(page);
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320, name);
    }
  });

  test('by keyboard alone: skip, search, open, copy, and see where one is all the way', async (t) => {
    const { page, errors } = await open(t, pageAt('fleet'), DESK);
    await page.keyboard.press('Tab');
    assert.equal(await focused(page), 'Skip to the images');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    assert.equal(await focused(page), 'search');
    await page.keyboard.type('kingdom');
    const walk: string[] = [];
    for (let step = 0; step < 4; step += 1) {
      await page.keyboard.press('Tab');
      walk.push(await focused(page));
    }
    assert.deepEqual(walk, [
      'United Kingdom',
      'Download gb-ee.img.xz',
      'Checksum and details of gb-ee',
      'make-image',
    ]);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    assert.equal(await focused(page), 'gb-ee.img.xz');
    await page.keyboard.press('Tab');
    assert.equal(await focused(page), 'Copy the SHA-256 of gb-ee.img.xz');
    // It is gone again after two seconds, which a busy machine may pass over.
    await page.evaluate(`{
      const line = document.getElementById('said');
      globalThis.said = new Promise((done) => {
        new MutationObserver(() => done(line.textContent)).observe(line, { childList: true });
      });
      undefined;
    }`);
    await page.keyboard.press('Space');
    assert.equal(await page.evaluate('said'), 'Copied');
    assert.deepEqual(errors, []);
  });

  test('each place the keyboard stops at is marked and in sight', async (t) => {
    for (const options of [DESK, PHONE]) {
      const { page } = await open(t, pageAt('fleet'), options);
      const total = await page
        .locator('a[href]:visible, button:visible, input:visible, select:visible, summary:visible')
        .count();
      const seen: string[] = [];
      for (let step = 0; step < total; step += 1) {
        await page.keyboard.press('Tab');
        seen.push(await checkFocus(page));
      }
      assert.equal(seen.length, total);
      assert.equal(seen.at(-1), 'Copy the signature command');
    }
  });

  test('without JavaScript it is a plain list with all there is to know', async (t) => {
    const { page } = await open(t, pageAt('fleet'), { ...DESK, javaScriptEnabled: false });
    assert.equal(await page.locator('.image:visible').count(), 9);
    assert.equal(await page.getByRole('link', { name: /^Download/ }).count(), 9);
    for (const hidden of ['.finder', '.copy', '.pick', 'a.imager', '#maker']) {
      assert.equal(await page.locator(`${hidden}:visible`).count(), 0, hidden);
    }
    assert.equal(await page.getByText('needs JavaScript').isVisible(), true);
    assert.equal(await page.locator('#by-hand').isVisible(), true);
    await page.getByText('Checksum and details of gb-ee').click();
    assert.equal(await page.locator('#image-gb-ee .sum code').first().isVisible(), true);
    assert.match((await page.locator('#write').textContent()) ?? '', /xz -dc ax-alcom\.img\.xz/);
  });

  test('printed, it has the list and what was opened, and nothing to press', async (t) => {
    const { page } = await open(t, pageAt('fleet'), { ...DESK, colorScheme: 'dark' });
    await page.getByText('Checksum and details of gb-ee').click();
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.locator('.image:visible').count(), 9);
    assert.equal(await page.locator('.sum:visible').count(), 4);
    assert.equal(await page.locator('button:visible, input:visible, select:visible, nav:visible').count(), 0);
    assert.equal(await page.evaluate('getComputedStyle(document.body).color'), 'rgb(0, 0, 0)');
  });
});

/** Shows the form's other states, with texts as long as they get. */
async function showParts(page: Page): Promise<void> {
  await page.evaluate(`{
    const fill = (id, text) => { document.getElementById(id).textContent = text; };
    for (const id of ['make-progress', 'make-failed', 'make-done']) document.getElementById(id).hidden = false;
    fill('make-why', 'The download of us-metropcs.img.xz stopped after 1.2 MB of 413 MB.');
    fill('make-far', '123 MB of 413 MB');
    fill('make-ready', 'The image is ready: 413 MB');
    fill('make-save', 'Save us-metropcs-${'internet'.repeat(11)}.img.xz');
    document.getElementById('make-save').href = '#make';
    fill('make-sum', '${'0123456789abcdef'.repeat(4)}');
    undefined;
  }`);
}

/** Every violation axe knows of, also against its best practices, as lines. */
async function runAxe(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(AXE, 'utf8'));
  const { violations }: AxeResults = await page.evaluate(
    `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
  );
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
}

/** What the focused element is called: its label, or its text, or its id. */
function focused(page: Page): Promise<string> {
  return page.evaluate(`{
    const element = document.activeElement;
    const text = element.matches('select') ? '' : element.textContent.trim();
    element.getAttribute('aria-label') ?? (text || element.id);
  }`);
}

/** The focused element has an outline, and lies on the screen with nothing over it. */
async function checkFocus(page: Page): Promise<string> {
  const name = await focused(page);
  const found: { outline: string; uncovered: boolean } = await page.evaluate(`{
    const element = document.activeElement;
    const { left, top, width, height } = element.getClientRects()[0];
    const at = document.elementFromPoint(left + Math.min(width / 2, 8), top + height / 2);
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    ({ outline: outlineStyle + ' ' + outlineWidth, uncovered: at !== null && element.contains(at) });
  }`);
  assert.deepEqual(found, { outline: 'solid 2px', uncovered: true }, name);
  return name;
}
