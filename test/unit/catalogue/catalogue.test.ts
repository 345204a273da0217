import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CatalogueCarrier, getTitle, groupByCountry } from '../../../src/catalogue/catalogue.ts';
import { linkTo, linkToImager } from '../../../src/catalogue/links.ts';
import { sampleImage } from '../../helpers/catalogue-images.ts';

const image = (name: string, carrier?: CatalogueCarrier) => sampleImage({ name, carrier });

test('countries are sorted by name, others last; images by carrier, plan and name', () => {
  const groups = groupByCountry([
    image('own'),
    image('z', { country: 'zz', provider: 'Hologram' }),
    image('se-2', { country: 'se', provider: 'Tele2', plan: 'Data 10' }),
    image('se-1', { country: 'se', provider: 'Tele2', plan: 'Data 9' }),
    image('se-0', { country: 'se', provider: '3' }),
    image('ax', { country: 'ax', provider: 'Ålcom' }),
    image('odd', { country: '<b>', provider: 'x' }),
  ]);
  assert.deepEqual(
    groups.map(({ name, images }) => [name, images.map((each) => each.name)]),
    [
      ['<b>', ['odd']],
      ['Åland Islands', ['ax']],
      ['Sweden', ['se-0', 'se-1', 'se-2']],
      ['International', ['z']],
      ['Other APNs', ['own']],
    ],
  );
});

test('an image of no carrier is called by its own name', () => {
  assert.equal(getTitle(sampleImage({ name: 'lab', carrier: undefined })), 'lab');
});

const links: [string, string, string, string | undefined][] = [
  ['', 'a+b.img.xz', 'a%2Bb.img.xz', undefined],
  ['../out/', 'a.img', '../out/a.img', undefined],
  [
    "https://example.org/bob's/",
    "b'",
    'https://example.org/bob%27s/b%27',
    'rpi-imager://open?repo=https%3A%2F%2Fexample.org%2Fbob%2527s%2Fb%2527',
  ],
  [
    'https://example.org/i/',
    'os_list.json',
    'https://example.org/i/os_list.json',
    'rpi-imager://open?repo=https%3A%2F%2Fexample.org%2Fi%2Fos_list.json',
  ],
];
for (const [prefix, name, file, imager] of links) {
  test(`links with ${prefix === '' ? 'no prefix' : prefix}`, () => {
    assert.equal(linkTo({ prefix }, name), file);
    assert.equal(linkToImager({ prefix }, name), imager);
  });
}
