import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PackageURL } from 'packageurl-js';
import { formatSbom, type SbomInputs } from '../../../../src/formats/release-files/sbom.ts';
import { replaceSbomHash } from '../../../../src/formats/release-files/sbom-hash.ts';
import { compileCycloneDxSchema } from '../../../helpers/cyclonedx.ts';

const STATUS = `Package: libc6
Status: install ok installed
Maintainer: GNU Libc Maintainers <debian-glibc@lists.debian.org>
Architecture: armhf
Multi-Arch: same
Source: glibc
Version: 2.24-11+deb9u4
Depends: libgcc1

Package: libgcc1
Status: install ok installed
Architecture: armhf
Source: gcc-6 (6.3.0-18+rpi1)
Version: 1:6.3.0-18+rpi1
Depends: libc6 (>= 2.14), gone
Pre-Depends: absent | awk

Package: mawk
Status: install ok installed
Architecture: armhf
Version: 1.3.3-17
Provides: awk

Package: old
Status: deinstall ok config-files
Architecture: armhf
Version: 1

Package: libqmi-utils
Status: hold ok installed
Architecture: armhf
Version: 1.16.0-1+wwanpi1
Depends: libc6 (>= 2.4)
`;

const INPUTS: SbomInputs = {
  wwanpiVersion: '0.1.0',
  name: 'us-metropcs',
  imageSha256: '1'.repeat(64),
  os: { id: 'raspbian', codename: 'stretch', prettyName: 'Raspbian GNU/Linux 9 (stretch)' },
  dpkgStatus: STATUS,
  ownPackages: [{ name: 'libqmi-utils', version: '1.16.0-1+wwanpi1' }],
  base: {
    name: 'raspbian-stretch',
    sha256: '2'.repeat(64),
    origin: 'https://example.org/a.zip',
    pinned: true,
  },
  libqmiSource: {
    name: 'libqmi',
    version: '1.16.0',
    sha256: '3'.repeat(64),
    origin: 'https://example.org/libqmi-1.16.0.tar.xz',
    pinned: true,
  },
  epochSeconds: 1_554_719_400,
};

interface Bom {
  readonly serialNumber: string;
  readonly metadata: { readonly timestamp: string; readonly component: { readonly hashes: unknown } };
  readonly components: readonly {
    readonly name: string;
    readonly 'bom-ref': string;
    readonly purl?: string;
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

const read = (inputs: SbomInputs) => JSON.parse(formatSbom(inputs)) as Bom;
const purlOf = (bom: Bom, name: string) => bom.components.find((each) => each.name === name)?.purl;
const needsOf = (bom: Bom, ref: string | undefined) =>
  bom.dependencies.find((each) => each.ref === ref)?.dependsOn;

const validate = compileCycloneDxSchema();

test("CycloneDX 1.6's own schema accepts it", () => {
  const bom = JSON.parse(formatSbom(INPUTS)) as Bom;
  assert.ok(validate(bom), JSON.stringify(validate.errors));
  assert.ok(!validate({ ...bom, serialNumber: 'urn:uuid:1' }), 'and would not accept anything');
});

test('every installed package is in it once, by its package URL', () => {
  const bom = read(INPUTS);
  const purls = bom.components.flatMap(({ purl }) => purl ?? []);
  assert.deepEqual(
    purls
      .map((purl) => PackageURL.fromString(purl))
      .map(({ type, namespace, name, version }) => [type, namespace, name, version].join(' ')),
    [
      'generic  libqmi 1.16.0',
      'deb raspbian libc6 2.24-11+deb9u4',
      'deb raspbian libgcc1 1:6.3.0-18+rpi1',
      'deb raspbian mawk 1.3.3-17',
      'deb wwanpi libqmi-utils 1.16.0-1+wwanpi1',
    ],
  );
  assert.deepEqual(
    { ...PackageURL.fromString(purlOf(bom, 'libc6') ?? '').qualifiers },
    {
      arch: 'armhf',
      distro: 'stretch',
    },
  );
  assert.deepEqual(
    { ...PackageURL.fromString(purlOf(bom, 'libqmi') ?? '').qualifiers },
    {
      checksum: `sha256:${'3'.repeat(64)}`,
      download_url: 'https://example.org/libqmi-1.16.0.tar.xz',
    },
  );
});

test('package URLs are canonical: + is %2B, the colon stays', () => {
  const bom = read(INPUTS);
  assert.equal(
    purlOf(bom, 'libgcc1'),
    'pkg:deb/raspbian/libgcc1@1:6.3.0-18%2Brpi1?arch=armhf&distro=stretch',
  );
  assert.match(
    purlOf(bom, 'libqmi') ?? '',
    /^pkg:generic\/libqmi@1\.16\.0\?checksum=sha256:3+&download_url=https:%2F%2Fexample/,
  );
});

test('what a package needs is what of it is installed, and ours was made from the source', () => {
  const bom = read(INPUTS);
  assert.deepEqual(needsOf(bom, purlOf(bom, 'libgcc1')), [purlOf(bom, 'libc6'), purlOf(bom, 'mawk')]);
  assert.deepEqual(needsOf(bom, purlOf(bom, 'libqmi-utils')), ['libqmi-source', purlOf(bom, 'libc6')]);
  assert.equal(needsOf(bom, 'image')?.length, 5);
});

test('the same image gives the same text, another image another serial number', () => {
  assert.equal(formatSbom(INPUTS), formatSbom({ ...INPUTS }));
  const [bom, other] = [read(INPUTS), read({ ...INPUTS, imageSha256: '4'.repeat(64) })];
  assert.notEqual(bom.serialNumber, other.serialNumber);
  assert.match(
    bom.serialNumber,
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  assert.equal(bom.metadata.timestamp, '2019-04-08T10:30:00.000Z');
  assert.deepEqual(bom.metadata.component.hashes, [{ alg: 'SHA-256', content: INPUTS.imageSha256 }]);
});

test('whatever a dpkg status holds, the schema accepts what comes of it', () => {
  const value = fc.oneof(
    fc.stringMatching(/^[ -~]{0,20}$/),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.constantFrom('install ok installed', 'a, b | c:any (>= 1)', 'X <x@y>', 'all'),
  );
  const paragraph = fc.array(
    fc.tuple(
      fc.constantFrom('Package', 'Version', 'Architecture', 'Depends', 'Provides', 'Maintainer'),
      value,
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(fc.array(paragraph, { maxLength: 6 }), (paragraphs) => {
      const text = paragraphs
        .map((fields) =>
          ['Status: install ok installed', ...fields.map((pair) => pair.join(': '))].join('\n'),
        )
        .join('\n\n');
      const bom: unknown = JSON.parse(formatSbom({ ...INPUTS, dpkgStatus: text }));
      assert.ok(validate(bom), JSON.stringify(validate.errors));
    }),
  );
});

test('with the hash of another image it is the SBOM that is made for that image', () => {
  const imageSha256 = '9'.repeat(64);
  assert.equal(replaceSbomHash(formatSbom(INPUTS), imageSha256), formatSbom({ ...INPUTS, imageSha256 }));
  for (const text of ['', '{}', 'null', '{"metadata":{"component":{"hashes":[{"content":"1"}]}}}'])
    assert.equal(replaceSbomHash(text, imageSha256), undefined, text);
});

test('a package that waits for the first start stands in the place of the one that is installed', () => {
  const control = (name: string, version: string, depends: string) =>
    `Package: ${name}\nVersion: ${version}\nArchitecture: armhf\nDepends: ${depends}\n`;
  const waiting = [
    { control: control('mawk', '2.0', 'libc6'), sha256: '4'.repeat(64), from: 'archive' },
    { control: control('own', '1.0', 'mawk, libc6'), sha256: '5'.repeat(64), from: 'file' },
  ] as const;
  const sbom = JSON.parse(formatSbom({ ...INPUTS, waiting }));
  const isValid: boolean = validate(sbom);
  assert.ok(isValid, JSON.stringify(validate.errors));
  const find = (name: string) =>
    sbom.components.filter((component: { name: string }) => component.name === name);
  const [mawk, ...more] = find('mawk');
  assert.equal(more.length, 0);
  assert.equal(mawk.version, '2.0');
  assert.deepEqual(mawk.hashes, [{ alg: 'SHA-256', content: '4'.repeat(64) }]);
  const [own] = find('own');
  assert.equal(own.purl, undefined, "it is no distribution's");
  assert.deepEqual(own.properties, [{ name: 'wwanpi:installed', value: 'at the first start' }]);
  const needs = sbom.dependencies.find((each: { ref: string }) => each.ref === own['bom-ref']);
  assert.deepEqual(needs.dependsOn.includes(mawk['bom-ref']), true);
});
