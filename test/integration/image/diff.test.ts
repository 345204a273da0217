import assert from 'node:assert/strict';
import { copyFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type DiffReport,
  diffImages,
  formatDiff,
  formatDiffJson,
  isSame,
} from '../../../src/commands/diff.ts';
import type { Context } from '../../../src/core/context.ts';
import { InputError } from '../../../src/core/errors.ts';
import type { Disk, FileChange } from '../../../src/core/model.ts';
import { applyChanges } from '../../../src/customise/apply-changes.ts';
import { openDisk } from '../../../src/image/open-disk.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeImage } from '../../helpers/image.ts';

const BASE = {
  root: {
    '/etc/motd': 'one\ntwo\nthree\n',
    '/etc/same': 'same',
    '/etc/gone': 'gone\n',
    '/etc/mode': 'x',
    '/etc/link': { link: 'motd' },
    '/etc/shadow': 'pi:old:1:::\n',
    '/usr/bin/tool': Buffer.from([0, 1, 2, 3]),
    '/var/folder/inner': 'inner',
  },
  boot: { '/cmdline.txt': 'console=tty1\n', '/wpa_supplicant.conf': 'network={\n\tpsk="old-secret"\n}\n' },
};
const FILE = { mode: 0o644, uid: 0, gid: 0, stage: 'test' } as const;
const file = (path: string, content: string | Buffer, meta: object = {}): FileChange => ({
  ...{ kind: 'file', path, content: Buffer.from(content) },
  ...{ ...FILE, ...meta },
});
const EPOCH = 1_600_000_000;
const CHANGES: readonly FileChange[] = [
  file('/etc/motd', 'one\n2\nthree\n\x1b[2J\n'),
  file('/etc/mode', 'x', { mode: 0o600, uid: 7 }),
  file('/etc/shadow', 'pi:new:1:::\n', { mode: 0o640 }),
  file('/usr/bin/tool', Buffer.from([0, 1, 2, 4])),
  file('/etc/new', 'brand new\n'),
  file('/boot/cmdline.txt', 'console=tty1 quiet\n'),
  file('/boot/wpa_supplicant.conf', 'network={\n\tpsk="new-secret"\n}\n'),
  { kind: 'symlink', path: '/etc/link', target: 'same', stage: 'test' },
  { kind: 'remove', path: '/etc/gone', stage: 'test' },
  { kind: 'directory', path: '/etc/dir', mode: 0o750, uid: 0, gid: 0, stage: 'test' },
];

async function makePair(context: Context): Promise<{ a: Disk; b: Disk }> {
  const a = await makeImage(context, 'a.img', BASE);
  await copyFile(a.path, join(context.tmpDir, 'b.img'));
  return { a, b: await openDisk(join(context.tmpDir, 'b.img')) };
}

const diff = (context: Context, a: string, b: string, ignoreTimes = false) =>
  diffImages(context, a, b, { ignoreTimes });
const find = ({ files }: DiffReport, path: string) => files.find((each) => each.path === path);

/** The fixture's files belong to whoever runs the test, those of the changes to root. */
const isOurs = (path: string) => (aspect: string) => aspect !== 'owner' || path === '/etc/mode';

test('every kind of difference is reported, on both volumes, and nothing that is equal', async (t) => {
  const context = await createTestContext(t);
  const { a, b } = await makePair(context);
  await applyChanges(context, b, CHANGES, EPOCH);
  const report = await diff(context, a.path, b.path);
  assert.equal(isSame(report), false);
  assert.deepEqual(report.layout, []);
  assert.deepEqual(
    report.files.map(({ path, status, aspects }) =>
      [path, status, ...aspects.filter(isOurs(path))].join(' '),
    ),
    [
      '/boot/cmdline.txt changed mtime size content',
      '/boot/wpa_supplicant.conf changed mtime content',
      '/etc/dir added',
      '/etc/gone removed',
      '/etc/link changed mtime target',
      '/etc/mode changed mode owner mtime',
      '/etc/motd changed mtime size content',
      '/etc/new added',
      '/etc/shadow changed mode mtime content',
      '/usr/bin/tool changed mtime content',
    ],
  );
  assert.deepEqual(find(report, '/etc/motd')?.text, [
    '@@ -1,3 +1,4 @@',
    ' one',
    '-two',
    '+2',
    ' three',
    '+\\x1b[2J',
  ]);
  assert.equal(find(report, '/usr/bin/tool')?.hidden, 'binary');
  assert.equal(find(report, '/etc/mode')?.after?.owner, '7:0');
});

test('the report for people and for programs; neither has a secret or a control character', async (t) => {
  const context = await createTestContext(t);
  const { a, b } = await makePair(context);
  await applyChanges(context, b, CHANGES, EPOCH);
  const report = await diff(context, a.path, b.path);
  const text = formatDiff(report, false);
  const json = formatDiffJson(report);
  for (const shown of [text, json, formatDiff(report, true)]) {
    assert.doesNotMatch(shown, /old-secret|new-secret|pi:old|pi:new|\x1b/);
  }
  assert.match(text, /^~ \/etc\/mode {2}0644 => 0600 {2}\d+:\d+ => 7:0 /m);
  assert.match(text, /^~ \/etc\/link .* -> motd => -> same$/m);
  assert.match(text, /^~ \/etc\/shadow .*\(secret, not shown\)$/m);
  assert.match(text, /^\+ \/etc\/dir\/ {2}0750 0:0$/m);
  assert.match(text, /^\+ \/etc\/new {2}0644 0:0 {2}10 B\n {4}@@ -1,0 \+1,1 @@\n {4}\+brand new$/m);
  assert.match(text, /\n2 added, 1 removed, 7 changed\n$/);
  assert.doesNotMatch(formatDiff(report, true), /@@/);
  assert.equal(JSON.parse(json).files.length, 10);
});

test('an option leaves times out; compressed and raw images compare as equal', async (t) => {
  const context = await createTestContext(t);
  const { a, b } = await makePair(context);
  await applyChanges(context, b, [file('/etc/same', 'same')], EPOCH);
  const report = await diff(context, a.path, b.path);
  assert.ok(find(report, '/etc/same')?.aspects.includes('mtime'));
  const untimed = await diff(context, a.path, b.path, true);
  assert.deepEqual(
    untimed.files.flatMap(({ path, aspects }) => aspects.filter(isOurs(path))),
    [],
  );
  await context.exec(['xz', '-k', '-0', b.path]);
  const packed = await diff(context, b.path, `${b.path}.xz`);
  assert.equal(packed.identicalBytes, true);
  assert.equal(formatDiff(packed, false), 'the same bytes\n');
  assert.deepEqual(await readdir(context.cacheDir), ['unpacked'], 'only what is unpacked stays');
});

test('old bytes in free space alone: the files are the same, and it is said that the bytes are not', async (t) => {
  const context = await createTestContext(t);
  const { a, b } = await makePair(context);
  const volume = `${b.path}?offset=${b.layout.root.offsetBytes}`;
  await writeFile(join(context.tmpDir, 'commands'), 'write commands x\nrm x\n');
  await context.exec(['debugfs', '-w', '-f', 'commands', volume], { cwd: context.tmpDir });
  const report = await diff(context, a.path, b.path, true);
  assert.equal(report.identicalBytes, false);
  assert.deepEqual(report.files, []);
  assert.equal(isSame(report), true);
  assert.match(formatDiff(report, false), /^the same files and partitions; bytes that no file has/);
});

test('another size, label or table, a file that became a folder, and attributes', async (t) => {
  const context = await createTestContext(t);
  const a = await makeImage(context, 'a.img', { root: { '/x': 'file', '/y': 'file' } });
  const b = await makeImage(
    context,
    'b.img',
    { root: { '/x/below': 'file', '/y': 'file' } },
    { rootSectors: 81_920, mke2fs: ['-L', 'other'] },
  );
  const volume = `${b.path}?offset=${b.layout.root.offsetBytes}`;
  await context.exec(['debugfs', '-w', '-R', 'ea_set /y security.capability abc', volume]);
  const report = await diff(context, a.path, b.path, true);
  const changed = report.layout.map(({ what }) => what);
  for (const what of ['size in bytes', 'root label', 'root partition in bytes', 'root UUID']) {
    assert.ok(changed.includes(what), what);
  }
  assert.ok(!changed.includes('boot partition starts at byte'));
  assert.deepEqual(find(report, '/x')?.aspects.includes('kind'), true);
  assert.equal(find(report, '/x/below')?.status, 'added');
  assert.deepEqual(find(report, '/y')?.after?.xattrs, ['security.capability=616263']);
  assert.match(formatDiff(report, false), /^~ root label: rootfs => other$/m);
  assert.match(formatDiff(report, false), /^~ \/y {2}no attributes => security\.capability=616263$/m);
});

test('a file that is not an image is refused before anything is decompressed', async (t) => {
  const context = await createTestContext(t);
  const { a } = await makePair(context);
  const text = join(context.tmpDir, 'text');
  await writeFile(text, 'no image');
  for (const other of [join(context.tmpDir, 'absent.img'), context.tmpDir, text]) {
    await assert.rejects(diff(context, a.path, other), InputError);
    await assert.rejects(diff(context, other, a.path), InputError);
  }
});
