import assert from 'node:assert/strict';
import test from 'node:test';
import {
  formatDeb822Sources,
  parseDeb822Sources,
  parseOneLineSources,
  withoutCredentials,
} from '../../../../src/formats/debian/apt-sources.ts';
import { parsePrintUris } from '../../../../src/tools/debian/apt-packages.ts';

test('deb822 sources: every URI with every suite, disabled and source-only stanzas left out', () => {
  const sources = parseDeb822Sources(
    [
      '# a comment',
      'Types: deb deb-src',
      'URIs: http://mirror.test/debian/',
      'Suites: bookworm bookworm-updates',
      '# in between',
      'Components: main',
      ' contrib',
      'Signed-By: /usr/share/keyrings/a.gpg',
      '',
      'Enabled: no',
      'Types: deb',
      'URIs: http://off.test',
      'Suites: bookworm',
      '',
      'Types: deb-src',
      'URIs: http://src.test',
      'Suites: bookworm',
    ].join('\n'),
  );
  const common = {
    uri: 'http://mirror.test/debian',
    components: ['main', 'contrib'],
    signedBy: '/usr/share/keyrings/a.gpg',
  };
  assert.deepEqual(sources, [
    { ...common, suite: 'bookworm' },
    { ...common, suite: 'bookworm-updates' },
  ]);
  assert.deepEqual(parseDeb822Sources(formatDeb822Sources(sources, 'deb')), sources);
});

test('a key block survives parsing and writing', () => {
  const block = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n.\nmQIN\n-----END PGP PUBLIC KEY BLOCK-----';
  const source = {
    uri: 'http://m.test/debian',
    suite: 'bookworm',
    components: ['main'],
    signedBy: `\n${block}`,
  };
  assert.deepEqual(parseDeb822Sources(formatDeb822Sources([source], 'deb')), [source]);
});

test('one-line sources', () => {
  assert.deepEqual(
    parseOneLineSources(
      [
        'deb [arch=amd64 signed-by=/k.gpg] https://m.test/debian/ bookworm main non-free # note',
        '# deb http://off.test bookworm main',
        'deb-src http://m.test/debian bookworm main',
        'deb http://m.test/debian bookworm-updates main',
      ].join('\n'),
    ),
    [
      {
        uri: 'https://m.test/debian',
        suite: 'bookworm',
        components: ['main', 'non-free'],
        signedBy: '/k.gpg',
      },
      { uri: 'http://m.test/debian', suite: 'bookworm-updates', components: ['main'], signedBy: undefined },
    ],
  );
});

test('credentials leave a URI', () => {
  assert.equal(withoutCredentials('https://user:pw@m.test/debian'), 'https://m.test/debian');
  assert.equal(withoutCredentials('http://m.test/a@b'), 'http://m.test/a@b');
});

test('--print-uris lines are read, epochs decoded, and other lines passed over', () => {
  const sha256 = 'a'.repeat(64);
  assert.deepEqual(
    parsePrintUris(
      `Reading package lists...\n'http://m.test/p/b_1.35%2bb1_armhf.deb' b-x_1%3a1.35+b1_armhf.deb 815 SHA256:${sha256}\n`,
    ),
    [{ name: 'b-x', version: '1:1.35+b1', sha256, sizeBytes: 815, fileName: 'b-x_1%3a1.35+b1_armhf.deb' }],
  );
});
