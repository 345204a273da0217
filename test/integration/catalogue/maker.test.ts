import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { findCardPlace } from '../../../src/formats/card-settings/card-place.ts';
import { readCardText } from '../../../src/formats/card-settings/card-text.ts';
import { noBrowser, noFirefox, useBrowser } from '../../helpers/browser.ts';
import { makeCardImage } from '../../helpers/card-image.ts';
import { serve, useCatalogues } from '../../helpers/catalogue-site.ts';

const OLD = makeCardImage({ apn: 'everywhere', user: 'eesecure', password: 'secure' }, 20_000_000);
const IMAGES = [
  { name: 'gb-ee', apn: 'everywhere', content: OLD },
  { name: 'old', apn: 'internet' },
];
const BROWSERS = [
  ['chromium', noBrowser],
  ['firefox', noFirefox],
] as const;

for (const [kind, skip] of BROWSERS) {
  describe(`an image for another APN, made in ${kind}`, { skip }, () => {
    const open = useBrowser(kind);
    const { folderOf, make } = useCatalogues();
    before(() => make('one', IMAGES));

    for (const from of ['server', 'disk'] as const) {
      test(`from the ${from}: only the settings differ, and the SHA-256 is that of the new file`, async (t) => {
        const folder = folderOf('one');
        const address =
          from === 'disk' ? join(folder, 'index.html') : `http://127.0.0.1:${await serve(t, folder)}/`;
        const { page, errors, save } = await open(t, address);
        if (from === 'disk') await page.setInputFiles('#make-file', join(folder, 'gb-ee.img.xz'));
        await page.getByLabel('APN', { exact: true }).fill('internet.example');
        await page.getByRole('button', { name: 'Make the image' }).click();
        const made = await save(page.getByRole('link', { name: /^Save / }), OLD.length);
        assert.equal(made.name, 'gb-ee-internet.example.img.xz');
        assert.equal(await page.locator('#make-sum').textContent(), sha256(made.bytes));
        assert.deepEqual(Object.fromEntries(await readSettings(made.bytes)), {
          ...Object.fromEntries(await readSettings(OLD)),
          apn: 'internet.example',
          user: '',
          password: '',
        });
        assert.equal(made.bytes.length, OLD.length);
        assert.deepEqual(errors, []);
      });
    }
  });
}

async function readSettings(image: Buffer): Promise<ReadonlyMap<string, string>> {
  const place = await findCardPlace(image.length, async (at, length) => image.subarray(at, at + length));
  assert.ok(place !== undefined);
  const { values, faults } = readCardText(place.content);
  assert.deepEqual(faults, []);
  return values;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
