import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Catalogue } from '../../../src/catalogue/catalogue.ts';
import { type PageOptions, renderPage } from '../../../src/catalogue/render-page.ts';
import { sampleImage } from '../../helpers/catalogue-images.ts';

/** A whole page each: test/golden/catalogue-NAME.html. UPDATE_GOLDEN=1 rewrites them. */
const options: PageOptions = {
  title: 'Images',
  links: { prefix: '' },
  version: '1.0.0',
  style: 'p{}',
  script: 'f()',
};
const raw = {
  main: { name: 'lab.img', sizeBytes: 713_031_680, sha256: 'ef'.repeat(32), kind: 'image' },
  others: [],
} as const;
const evil = `<script>alert("&")</script>'`;
const cases: readonly [name: string, catalogue: Catalogue, options: PageOptions][] = [
  ['one', { images: [sampleImage()], checksums: false, signatures: [], imagerList: undefined }, options],
  [
    'fleet',
    {
      images: [
        sampleImage({ imagerList: 'gb-ee.rpi-imager-manifest' }),
        sampleImage({
          name: 'us-x',
          carrier: { country: 'us', provider: evil, plan: evil },
          apn: evil,
          system: evil,
          hostname: evil,
          base: 'debian-bookworm',
          epochSeconds: 0,
        }),
        sampleImage({ name: 'lab', carrier: undefined, apn: 'internet.example', ...raw }),
      ],
      checksums: true,
      signatures: ['SHA256SUMS.asc', 'SHA256SUMS.minisig'],
      imagerList: 'fleet.rpi-imager-manifest',
    },
    { ...options, title: evil, links: { prefix: 'https://example.org/i/' } },
  ],
];

for (const [name, catalogue, pageOptions] of cases) {
  test(`the page of the sample "${name}" is as it was looked through`, async () => {
    const page = renderPage(catalogue, pageOptions);
    const path = new URL(`../../golden/catalogue-${name}.html`, import.meta.url);
    if (process.env.UPDATE_GOLDEN === '1') await writeFile(path, page);
    assert.equal(page, await readFile(path, 'utf8'));
  });
}

test('nothing that is read gets into the page unescaped', () => {
  const [, catalogue, pageOptions] = cases[1] ?? assert.fail();
  const page = renderPage(catalogue, pageOptions);
  assert.equal(page.match(/<script/g)?.length, 1);
  assert.ok(!page.includes('alert("'));
});

test('the page does not depend on the order its images come in', () => {
  const [, catalogue, pageOptions] = cases[1] ?? assert.fail();
  const turned = { ...catalogue, images: catalogue.images.toReversed() };
  // What is the same for all images is taken from the first, so the three here differ.
  assert.equal(renderPage(turned, pageOptions), renderPage(catalogue, pageOptions));
});

test('what a flasher does not read is not offered', () => {
  const packed = { name: 'a.img.zst', sizeBytes: 1, sha256: 'ab'.repeat(32), kind: 'packed' } as const;
  const images = [sampleImage({ name: 'a', main: packed, others: [] })];
  const page = renderPage({ images, checksums: false, signatures: [], imagerList: undefined }, options);
  assert.match(page, /zstd -dc <span class="file">a\.img\.zst<\/span> \| sudo dd/);
  assert.match(page, /cannot read <code>\.zst<\/code>/);
  assert.doesNotMatch(page, /bmaptool<\/h3>|Check the download|SHA256SUMS"/);
});
