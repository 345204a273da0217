import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatOsList, type OfferedImage } from '../../../../src/formats/release-files/os-list.ts';
import { compileImagerSchema } from '../../../helpers/imager-schema.ts';

const IMAGE: OfferedImage = {
  name: 'MetroPCS',
  description: 'Raspbian GNU/Linux 9 (stretch), online over a USB LTE stick with the APN fast.metropcs.com',
  country: 'us',
  url: 'https://example.org/images/us-metropcs.img.xz',
  bmapUrl: 'https://example.org/images/us-metropcs.bmap',
  downloadBytes: 300_000_000,
  downloadSha256: 'a'.repeat(64),
  extractBytes: 1_803_550_720,
  extractSha256: 'b'.repeat(64),
  releaseSeconds: 1_554_719_400,
  models: ['pi1-32bit', 'pi2-32bit', 'pi3-32bit'],
  architecture: 'armhf',
  initFormat: 'none',
};

interface Entry {
  readonly name: string;
  readonly subitems?: readonly Entry[];
  readonly devices?: readonly string[];
  readonly architecture?: string;
  readonly init_format?: string;
}
interface List {
  readonly imager: {
    readonly devices: readonly {
      readonly name: string;
      readonly tags: readonly string[];
      readonly architecture: string;
    }[];
  };
  readonly os_list: readonly Entry[];
}

const validate = compileImagerSchema();
const read = (images: readonly OfferedImage[]) => JSON.parse(formatOsList(images)) as List;
const many = (countries: readonly (string | undefined)[]) =>
  countries.map((country, index) => ({ ...IMAGE, name: `Carrier ${index}`, country }));

test('an image has what Imager asks for, under the names it has for them', () => {
  const list = read([IMAGE]);
  assert.ok(validate(list), JSON.stringify(validate.errors));
  assert.deepEqual(list.os_list, [
    {
      name: 'MetroPCS',
      description: IMAGE.description,
      icon: 'icons/cat_raspberry_pi_os.png',
      url: IMAGE.url,
      bmap_url: IMAGE.bmapUrl,
      extract_size: 1_803_550_720,
      extract_sha256: 'b'.repeat(64),
      image_download_size: 300_000_000,
      image_download_sha256: 'a'.repeat(64),
      release_date: '2019-04-08',
      init_format: 'none',
      architecture: 'armhf',
      devices: ['pi1-32bit', 'pi2-32bit', 'pi3-32bit'],
    },
  ]);
});

test('the Pis to choose from are those an image boots on', () => {
  const tagsOf = (images: readonly OfferedImage[]) => read(images).imager.devices.flatMap(({ tags }) => tags);
  assert.deepEqual(tagsOf([IMAGE]), ['pi1-32bit', 'pi2-32bit', 'pi3-32bit']);
  assert.deepEqual(tagsOf([{ ...IMAGE, models: ['pi3-32bit'] }]), ['pi3-32bit']);
});

test('a Pi that runs both 32 and 64 bit is one device, with the tags of the images for it', () => {
  const images: readonly OfferedImage[] = [
    { ...IMAGE, models: ['pi2-32bit', 'pi3-32bit'] },
    {
      ...{ ...IMAGE, models: ['pi3-64bit', 'pi4-64bit', 'pi5-64bit'] },
      ...{ architecture: 'arm64', initFormat: 'cloudinit-rpi' },
    },
  ];
  const list = read(images);
  assert.ok(validate(list), JSON.stringify(validate.errors));
  assert.deepEqual(
    list.imager.devices.map(({ name, tags, architecture }) => [name, tags.join(' '), architecture]),
    [
      ['Raspberry Pi 2', 'pi2-32bit', 'armhf'],
      ['Raspberry Pi 3 and Zero 2', 'pi3-32bit pi3-64bit', 'armv8'],
      ['Raspberry Pi 4', 'pi4-64bit', 'armv8'],
      ['Raspberry Pi 5', 'pi5-64bit', 'armv8'],
    ],
  );
  assert.deepEqual(
    list.os_list.map((entry) => [entry.architecture, entry.init_format]),
    [
      ['armhf', 'none'],
      ['armv8', 'cloudinit-rpi'],
    ],
  );
});

test('many images of several countries stand below these, by their names; few, or of one country, do not', () => {
  const names = (entries: readonly Entry[]) => entries.map(({ name }) => name);
  assert.equal(read(many(Array.from({ length: 30 }, () => 'us'))).os_list.length, 30);
  assert.equal(read(many(['us', 'de', 'fr'])).os_list.length, 3);
  const countries = [...Array.from({ length: 10 }, () => 'us'), 'de', 'at', 'de', undefined, 'zz'];
  const grouped = read(many(countries));
  assert.ok(validate(grouped), JSON.stringify(validate.errors));
  assert.deepEqual(names(grouped.os_list), [
    'Austria',
    'Germany',
    'International',
    'United States',
    'Carrier 13',
  ]);
  assert.deepEqual(names(grouped.os_list[1]?.subitems ?? []), ['Carrier 10', 'Carrier 12']);
});

test('whatever the images are called, the list is one that Imager takes, with every image in it once', () => {
  const image = fc.record({
    ...Object.fromEntries(Object.entries(IMAGE).map(([key, value]) => [key, fc.constant(value)])),
    name: fc.string({ minLength: 1 }),
    country: fc.constantFrom('us', 'de', 'zz', undefined),
    releaseSeconds: fc.nat(4_000_000_000),
  }) as fc.Arbitrary<OfferedImage>;
  fc.assert(
    fc.property(fc.array(image, { minLength: 1, maxLength: 30 }), (images) => {
      const list = read(images);
      assert.ok(validate(list), JSON.stringify(validate.errors));
      const entries = list.os_list.flatMap((entry) => entry.subitems ?? [entry]);
      assert.deepEqual(entries.map(({ name }) => name).sort(), images.map(({ name }) => name).sort());
    }),
  );
});

test('the check would not take what Imager does not', () => {
  const list = read([IMAGE]);
  const [entry] = list.os_list;
  const faulty: readonly object[] = [
    { ...list, extra: 1 },
    { os_list: list.os_list },
    { ...list, os_list: [{ ...entry, devices: undefined }] },
    { ...list, os_list: [{ ...entry, init_format: 'other' }] },
    { ...list, os_list: [{ ...entry, url: 'us-metropcs.img.xz' }] },
    { ...list, os_list: [{ ...entry, extract_size: '5' }] },
    { ...list, os_list: [{ name: 'US', description: 'x', subitems: [{}] }] },
  ];
  for (const each of faulty) assert.ok(!validate(JSON.parse(JSON.stringify(each))), JSON.stringify(each));
});
