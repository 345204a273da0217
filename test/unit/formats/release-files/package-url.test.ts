import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatPackageUrl, type PackageUrlParts } from '../../../../src/formats/release-files/package-url.ts';

/**
 * The tests of the type "build" in package-url/purl-spec (tests/types/deb-test.json and generic-test.json,
 * tests/spec/specification-test.json, of August 2026) that are not about wrong input.
 */
const SPECIFIED: readonly [PackageUrlParts, string][] = [
  [
    deb('debian', 'curl', '7.50.3-1', { arch: 'i386', distro: 'jessie' }),
    'pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie',
  ],
  [
    deb('debian', 'dpkg', '1.19.0.4', { arch: 'amd64', distro: 'stretch' }),
    'pkg:deb/debian/dpkg@1.19.0.4?arch=amd64&distro=stretch',
  ],
  [deb('ubuntu', 'dpkg', '1.19.0.4', { arch: 'amd64' }), 'pkg:deb/ubuntu/dpkg@1.19.0.4?arch=amd64'],
  [deb('debian', 'attr', '1:2.4.47-2', { arch: 'source' }), 'pkg:deb/debian/attr@1:2.4.47-2?arch=source'],
  [
    deb('debian', 'attr', '1:2.4.47-2+b1', { arch: 'amd64' }),
    'pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64',
  ],
  [generic('openssl', '1.1.10g'), 'pkg:generic/openssl@1.1.10g'],
  [
    generic('openssl', '1.1.10g', {
      download_url: 'https://openssl.org/source/openssl-1.1.0g.tar.gz',
      checksum: 'sha256:de4d501267da',
    }),
    'pkg:generic/openssl@1.1.10g?checksum=sha256:de4d501267da&download_url=https:%2F%2Fopenssl.org%2Fsource%2Fopenssl-1.1.0g.tar.gz',
  ],
  [
    generic('bitwarderl', '', { vcs_url: 'git+https://git.fsfe.org/dxtr/bitwarderl@cc55108da32' }),
    'pkg:generic/bitwarderl?vcs_url=git%2Bhttps:%2F%2Fgit.fsfe.org%2Fdxtr%2Fbitwarderl%40cc55108da32',
  ],
  [
    generic('openssl', '1.1.10g', { checksum: 'sha1:ad9503c3e994a4f,sha256:41bf9088b3a1e6c1ef1d' }),
    'pkg:generic/openssl@1.1.10g?checksum=sha1:ad9503c3e994a4f%2Csha256:41bf9088b3a1e6c1ef1d',
  ],
];

function deb(namespace: string, name: string, version: string, qualifiers = {}): PackageUrlParts {
  return { type: 'deb', namespace, name, version, qualifiers };
}

function generic(name: string, version: string, qualifiers = {}): PackageUrlParts {
  return { type: 'generic', name, version, qualifiers };
}

test("the specification's own tests", () => {
  for (const [parts, expected] of SPECIFIED) assert.equal(formatPackageUrl(parts), expected);
});

test('names with a plus, capitals, a tilde, and what no package has', () => {
  const table: [PackageUrlParts, string][] = [
    [deb('Debian', 'libstdc++6', '12.2.0-14+rpi1~x'), 'pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Brpi1~x'],
    [deb('debian', 'a', "!'()* é", { arch: '' }), 'pkg:deb/debian/a@%21%27%28%29%2A%20%C3%A9'],
    [generic('A?b#c@d/e', '1'), 'pkg:generic/A%3Fb%23c%40d%2Fe@1'],
  ];
  for (const [parts, expected] of table) assert.equal(formatPackageUrl(parts), expected);
});

test('only characters of the canonical form come out, and what went in can be read back', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(text, text, text, (...parts) => {
      const [name, version, checksum] = parts;
      const url = formatPackageUrl(generic(name, version, { checksum }));
      const [, ...found] =
        /^pkg:generic\/([A-Za-z0-9.\-_~:%]+)@([A-Za-z0-9.\-_~:%]+)\?checksum=([A-Za-z0-9.\-_~:%]+)$/.exec(
          url,
        ) ?? [];
      assert.deepEqual(found.map(decodeURIComponent), parts);
    }),
  );
});
