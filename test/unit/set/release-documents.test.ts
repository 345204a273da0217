import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CardKey } from '../../../src/formats/card-settings/keys.ts';
import { formatOsList, type OfferedImage } from '../../../src/formats/release-files/os-list.ts';
import {
  editFleetJson,
  editManifest,
  editOsList,
  type ReleaseChange,
} from '../../../src/set/release-documents.ts';

const CONTENT = new TextEncoder().encode('apn=new\r\n');
const change = (
  values: Partial<Record<CardKey, string>>,
  more: Partial<ReleaseChange> = {},
): ReleaseChange => ({
  values: new Map(Object.entries(values) as [CardKey, string][]),
  carrier: undefined,
  content: CONTENT,
  files: new Map([['a.img.xz', { sizeBytes: 7, sha256: 'b'.repeat(64) }]]),
  imageSha256: 'c'.repeat(64),
  imageName: 'a.img',
  ...more,
});
const CARRIER = { id: 'us/acme/fast', country: 'us', provider: 'Acme', plan: 'Prepaid' };
const format = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;
const parse = (text: string | undefined) => JSON.parse(text ?? 'null');

const MANIFEST = {
  format: 1,
  image: { file: 'a.img', sizeBytes: 9, sha256: 'a'.repeat(64) },
  options: {
    apn: 'old',
    apnUser: 'me',
    carrier: 'de/x',
    dns: ['1.1.1.1'],
    passwordHash: '(secret)',
    sshKeys: [],
  },
  changes: [
    { path: '/boot/wwanpi.txt', kind: 'file', sizeBytes: 1, sha256: 'd'.repeat(64) },
    { path: '/etc/x', kind: 'file', sizeBytes: 1, sha256: 'd'.repeat(64) },
    { path: '/boot/firmware/wwanpi.txt', kind: 'file', sizeBytes: 1, sha256: 'd'.repeat(64) },
  ],
  later: 'kept',
};

test('a manifest has the new options, in their order, and never a secret', () => {
  const given = {
    apn: 'new',
    user: '',
    password: '',
    dns: '9.9.9.9 8.8.8.8',
    pin: '1234',
    'ssh-key': 'ssh-ed25519 A',
  };
  const edited = parse(editManifest(format(MANIFEST), change({ ...given, 'login-password': 'hunter2' })));
  assert.deepEqual(edited.options, {
    apn: 'new',
    dns: ['9.9.9.9', '8.8.8.8'],
    password: '(secret)',
    pin: '(secret)',
    sshKeys: ['ssh-ed25519 A'],
  });
  assert.deepEqual(Object.keys(edited.options), Object.keys(edited.options).sort());
  assert.deepEqual(edited.image, { file: 'a.img', sizeBytes: 9, sha256: 'c'.repeat(64) });
  assert.equal(edited.changes[0].sizeBytes, CONTENT.length);
  // Where a newer system has it.
  assert.deepEqual(edited.changes[2].sha256, edited.changes[0].sha256);
  assert.deepEqual([edited.changes[1], edited.later], [MANIFEST.changes[1], 'kept']);
});

test('a manifest keeps the carrier as long as its APN, and gets that of --carrier', () => {
  assert.equal(
    parse(editManifest(format(MANIFEST), change({ apn: 'old', metric: '7' }))).options.carrier,
    'de/x',
  );
  const other = change({ apn: 'new' }, { carrier: CARRIER });
  assert.equal(parse(editManifest(format(MANIFEST), other)).options.carrier, 'us/acme/fast');
});

const OFFERED: OfferedImage = {
  ...{ name: 'Telekom', description: 'Debian, online over a USB LTE stick with the APN old', country: 'de' },
  ...{
    url: 'https://example.org/a%2Eimg.xz',
    bmapUrl: undefined,
    downloadBytes: 7,
    downloadSha256: 'a'.repeat(64),
  },
  ...{
    extractBytes: 9,
    extractSha256: 'a'.repeat(64),
    releaseSeconds: 0,
    models: ['pi2-32bit'],
    architecture: 'armhf',
    initFormat: 'none',
  },
};

test("a list for Imager gets the image's hashes, APN and name, also below a country; other images stay", () => {
  const others = Array.from({ length: 13 }, (_, index) => ({
    ...{ ...OFFERED, name: `x${index}`, country: index % 2 === 0 ? 'fr' : 'de' },
    url: `https://example.org/x${index}.img.xz`,
  }));
  const after = {
    ...{ ...OFFERED, name: 'a', description: OFFERED.description.replace('old', 'new') },
    ...{ downloadSha256: 'b'.repeat(64), extractSha256: 'c'.repeat(64) },
  };
  assert.equal(
    editOsList(formatOsList([...others, OFFERED]), change({ apn: 'new' })),
    formatOsList([...others, after]),
  );
  assert.equal(
    editOsList(formatOsList([OFFERED]), change({ apn: 'new' }, { carrier: CARRIER })),
    formatOsList([{ ...after, name: 'Acme, Prepaid' }]),
  );
  assert.equal(editOsList(formatOsList(others), change({ apn: 'new' })), undefined);
});

test('fleet.json gets sizes, hashes, APN and carrier of the one image', () => {
  const entry = (name: string) => ({
    ...{ name, carrier: { country: 'de', provider: 'Telekom' }, apn: 'old', base: 'b' },
    files: [{ name: `${name}.img.xz`, sizeBytes: 1, sha256: 'a'.repeat(64), kind: 'packed' }],
    ...{ seconds: 1, verdict: 'built' },
  });
  const text = format({ wwanpiVersion: '1', entries: [entry('z'), entry('a')] });
  const [z, a] = parse(editFleetJson(text, change({ apn: 'new' }))).entries;
  assert.deepEqual(z, entry('z'));
  assert.deepEqual([a.apn, a.carrier], ['new', undefined]);
  assert.deepEqual(a.files, [{ name: 'a.img.xz', sizeBytes: 7, sha256: 'b'.repeat(64), kind: 'packed' }]);
  const [, other] = parse(editFleetJson(text, change({ apn: 'new' }, { carrier: CARRIER }))).entries;
  assert.deepEqual(other.carrier, { country: 'us', provider: 'Acme', plan: 'Prepaid' });
});

test('texts of other programs are left alone', () => {
  for (const text of ['', 'null', '[]', '{}', '{"entries":[1],"os_list":[{"url":"%"}]}', '<p>'])
    for (const edit of [editManifest, editFleetJson, editOsList])
      assert.equal(edit(text, change({ apn: 'new' })), undefined, text);
});
