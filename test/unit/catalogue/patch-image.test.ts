import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameImage, patchImage } from '../../../src/catalogue/page/patch-image.ts';
import { findCardPlace } from '../../../src/formats/card-settings/card-place.ts';
import { editCardText } from '../../../src/formats/card-settings/card-text.ts';
import { encodeXzHeader, encodeXzIndex } from '../../../src/formats/release-files/xz.ts';
import { encodeStoredBlock, patchStoredBlock } from '../../../src/formats/release-files/xz-stored.ts';
import { makeCardImage } from '../../helpers/card-image.ts';

const OLD = makeCardImage({ apn: 'internet', user: 'me', password: 'secret', hostname: 'pi-1' });

test('only the Block with the settings changes: the rest is the old image, byte for byte', async () => {
  const changes = new Map([['apn', 'web.vodafone.de']] as const);
  const made = Buffer.from(await (await patchImage(new Blob([OLD]), changes)).arrayBuffer());
  const place = await findCardPlace(OLD.length, async (at, length) => OLD.subarray(at, at + length));
  assert.ok(place?.format === 'xz');
  const patch = patchStoredBlock(place.block, editCardText(place.content, changes));
  const wanted = Buffer.from(OLD);
  wanted.set(patch.bytes, patch.offsetBytes);
  assert.ok(made.equals(wanted));
  assert.ok(!made.equals(OLD));
});

test('settings that are there already leave the image as it is', async () => {
  const made = await patchImage(new Blob([OLD]), new Map([['apn', 'internet']]));
  assert.ok(Buffer.from(await made.arrayBuffer()).equals(OLD));
});

const without = Buffer.concat([
  encodeXzHeader(),
  encodeStoredBlock(Buffer.from('no settings')).bytes,
  encodeXzIndex([encodeStoredBlock(Buffer.from('no settings'))]),
]);
const damaged = Buffer.from(OLD);
damaged[damaged.length - 20] = ~(damaged[damaged.length - 20] ?? 0) & 0xff;
const failures: readonly [string, Buffer, [string, string][], RegExp][] = [
  ['an image without stored settings', without, [['apn', 'a']], /no settings that can be changed here/],
  ['an .xz with a damaged index', damaged, [['apn', 'a']], /the \.xz is damaged or cut short: its Index/],
  ['a file of a few bytes', Buffer.from('PK\x03\x04'), [['apn', 'a']], /./],
  [
    'settings that do not fit the others',
    OLD,
    [['wifi-password', 'twelve words']],
    /do not fit those that the image has: line \d+: wifi-password: is given without wifi-ssid/,
  ],
];
for (const [what, image, changes, message] of failures) {
  test(`${what}: that is said`, async () => {
    const patching = patchImage(new Blob([Uint8Array.from(image)]), new Map(changes) as never);
    await assert.rejects(patching, (error: Error) => message.test(error.message));
  });
}

for (const [file, apn, name] of [
  ['gb-ee.img.xz', 'internet', 'gb-ee-internet.img.xz'],
  ['a.b.img', 'fast.metropcs.com', 'a.b-fast.metropcs.com.img'],
  ['a.img.xz', 'me@home/../x:y', 'a-me-home-..-x-y.img.xz'],
] as const) {
  test(`${file} for ${apn} is saved as ${name}`, () => assert.equal(nameImage(file, apn), name));
}
