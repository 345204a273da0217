import assert from 'node:assert/strict';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readReleaseFolder } from '../../../src/catalogue/read-release-folder.ts';
import { InputError, VerificationError } from '../../../src/core/errors.ts';
import { createTestContext } from '../../helpers/context.ts';
import {
  SAMPLE_IMAGES,
  type SampleImage,
  type SampleOptions,
  writeReleaseFolder,
} from '../../helpers/sample-fleet.ts';

const [, att, , ee] = SAMPLE_IMAGES as [SampleImage, SampleImage, SampleImage, SampleImage];

async function makeFolder(
  t: TestContext,
  images: readonly SampleImage[],
  options?: SampleOptions,
): Promise<string> {
  const { tmpDir } = await createTestContext(t);
  return writeReleaseFolder(join(tmpDir, 'out'), images, options);
}

async function edit(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, 'utf8')));
}

test('a fleet: what each image is, from fleet.json and its manifest', async (t) => {
  const failed = { name: 'bad', apn: 'x', failed: true };
  const folder = await makeFolder(t, [att, failed, { ...ee, base: '/home/me/my base.img' }], {
    imagerBase: 'https://example.org/i/',
    signature: 'SHA256SUMS.asc',
  });
  const { catalogue, warnings } = await readReleaseFolder(folder);
  assert.deepEqual(warnings, ['bad failed when the fleet was made, and is left out']);
  const { images, ...rest } = catalogue;
  assert.deepEqual(rest, {
    checksums: true,
    signatures: ['SHA256SUMS.asc'],
    imagerList: 'fleet.rpi-imager-manifest',
  });
  assert.deepEqual(
    images.map((image) => [
      image.name,
      image.carrier,
      image.apn,
      image.base,
      image.hostname,
      image.main.name,
    ]),
    [
      ['us-att', att.carrier, 'broadband', 'raspbian-stretch', undefined, 'us-att.img.xz'],
      ['gb-ee', ee.carrier, 'everywhere', 'my base.img', 'pi-ee', 'gb-ee.img.xz'],
    ],
  );
  assert.deepEqual(
    images[0]?.others.map(({ name, kind }) => `${kind} ${name}`),
    ['bmap us-att.bmap', 'manifest us-att.manifest.json', 'sbom us-att.sbom.json'],
  );
  assert.deepEqual([images[0]?.cardBytes, images[0]?.epochSeconds], [1_866_465_280, 1_554_681_600]);
});

test('single builds: the same from the manifests and SHA256SUMS, with the carrier as it was named', async (t) => {
  const folder = await makeFolder(t, [ee, { name: 'lab', apn: 'x.y', compression: 'none' }], {
    fleet: false,
  });
  const { catalogue, warnings } = await readReleaseFolder(folder);
  assert.deepEqual(warnings, []);
  assert.deepEqual(
    catalogue.images.map(({ name, carrier, apn, main, others }) => [
      name,
      carrier,
      apn,
      main.kind,
      others.length,
    ]),
    [
      ['gb-ee', { country: 'gb', provider: 'EE' }, 'everywhere', 'packed', 3],
      ['lab', undefined, 'x.y', 'image', 3],
    ],
  );
});

test('a list for Imager whose images lie on this disk is not offered, and said so', async (t) => {
  const folder = await makeFolder(t, [ee], { imagerBase: 'file:///srv/', imagerLists: true });
  await writeFile(join(folder, 'os_list.json'), 'no list');
  const { catalogue, warnings } = await readReleaseFolder(folder);
  assert.equal(catalogue.imagerList, undefined);
  assert.equal(catalogue.images[0]?.imagerList, undefined);
  assert.deepEqual(warnings, [
    'fleet.rpi-imager-manifest has paths of this machine (wwanpi fleet --url-base writes URLs): the page does not offer it',
    'gb-ee.rpi-imager-manifest has paths of this machine (wwanpi fleet --url-base writes URLs): the page does not offer it',
    'os_list.json is not a list for Raspberry Pi Imager: the page does not offer it',
  ]);
});

test("an image's own list is its own, not the fleet's", async (t) => {
  const folder = await makeFolder(t, [ee], { imagerBase: 'https://example.org/', imagerLists: true });
  await rm(join(folder, 'fleet.rpi-imager-manifest'));
  const { catalogue } = await readReleaseFolder(folder);
  assert.equal(catalogue.imagerList, 'os_list.json');
  assert.equal(catalogue.images[0]?.imagerList, 'gb-ee.rpi-imager-manifest');
});

test('all files that differ from the list are named', async (t) => {
  const folder = await makeFolder(t, [att, ee]);
  await rm(join(folder, 'us-att.bmap'));
  await truncate(join(folder, 'gb-ee.img.xz'), 7);
  await edit(join(folder, 'SHA256SUMS'), (text) =>
    text.replace(/^.{64}(?= {2}gb-ee\.sbom\.json$)/m, 'f'.repeat(64)),
  );
  await assert.rejects(readReleaseFolder(folder), (error) => {
    assert.ok(error instanceof VerificationError);
    assert.match(error.message, /- us-att\.bmap is not there$/m);
    assert.match(error.message, /- gb-ee\.img\.xz has 7 bytes, not 413204512$/m);
    assert.match(error.message, /- gb-ee\.sbom\.json has another hash in SHA256SUMS$/m);
    return true;
  });
});

const unusable: [string, (folder: string) => Promise<void>, RegExp][] = [
  [
    'no fleet',
    (folder) => writeFile(join(folder, 'fleet.json'), '{}'),
    /fleet\.json was not written by wwanpi fleet/,
  ],
  [
    'a name that is a command',
    (folder) => edit(join(folder, 'fleet.json'), (text) => text.replaceAll('gb-ee.bmap', '$(reboot).bmap')),
    /lists "\$\(reboot\)\.bmap", which is not a valid name of an image/,
  ],
  [
    'a name that leaves the folder',
    (folder) => edit(join(folder, 'fleet.json'), (text) => text.replaceAll('"gb-ee.bmap"', '".."')),
    /lists "\.\."/,
  ],
  [
    'a damaged manifest',
    (folder) =>
      edit(join(folder, 'gb-ee.manifest.json'), (text) => text.replace('"format": 1', '"format": 7')),
    /gb-ee\.manifest\.json is not a manifest of this wwanpi/,
  ],
];
for (const [what, damage, message] of unusable) {
  test(`a folder with ${what} is refused`, async (t) => {
    const folder = await makeFolder(t, [ee]);
    await damage(folder);
    await assert.rejects(readReleaseFolder(folder), { message });
  });
}

test('a folder without an image, or none at all, is refused', async (t) => {
  const { tmpDir } = await createTestContext(t);
  await assert.rejects(readReleaseFolder(tmpDir), InputError);
  await assert.rejects(readReleaseFolder(join(tmpDir, 'none')), InputError);
  const folder = await makeFolder(t, [{ name: 'bad', apn: 'x', failed: true }]);
  await assert.rejects(readReleaseFolder(folder), { message: /has no finished image/ });
});
