import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Ext4Operation,
  formatDebugfsScript,
  parseDebugfsErrors,
  reserveBlocks,
} from '../../../../src/formats/ext4/debugfs-script.ts';

const META = { mode: 0o4755, uid: 0, gid: 70_000 };

test('a script names files after a cd and sets owner, mode and every time', () => {
  const { text, files } = formatDebugfsScript(
    [
      { kind: 'unlink', path: '/etc/old' },
      { kind: 'mkdir', path: '/opt', mode: 0o755, uid: 0, gid: 0 },
      { kind: 'write', path: '/opt/a b', content: Buffer.from('x'), ...META },
      { kind: 'symlink', path: '/opt/l', target: '../a' },
    ],
    1_554_768_000,
    false,
  );
  const times = (path: string) =>
    ['atime', 'mtime', 'ctime'].map((field) => `sif "${path}" ${field} @1554768000`);
  assert.deepEqual(text.trimEnd().split('\n'), [
    'rm "/etc/old"',
    'cd "/"',
    'mkdir "opt"',
    'sif "/opt" mode 040755',
    'sif "/opt" uid 0',
    'sif "/opt" gid 0',
    ...times('/opt'),
    'cd "/opt"',
    'write file-0 "a b"',
    'sif "/opt/a b" mode 0104755',
    'sif "/opt/a b" uid 0',
    'sif "/opt/a b" gid 70000',
    ...times('/opt/a b'),
    'cd "/opt"',
    'symlink "l" "../a"',
    ...times('/opt/l'),
  ]);
  assert.deepEqual(files, [{ name: 'file-0', content: Buffer.from('x') }]);
});

test('larger inodes have a creation time', () => {
  const { text } = formatDebugfsScript([{ kind: 'symlink', path: '/l', target: 'x' }], 5, true);
  assert.match(text, /^sif "\/l" crtime @5$/m);
});

test('blocks that are held are marked before everything and freed after it', () => {
  const held = [
    { first: 10, count: 5 },
    { first: 20, count: 1 },
  ];
  const script = formatDebugfsScript([{ kind: 'unlink', path: '/l' }], 5, true);
  const { text } = reserveBlocks(script, held);
  assert.equal(text, 'setb 10 5\nsetb 20 1\nrm "/l"\nfreeb 10 5\nfreeb 20 1\n');
});

const refused: [string, Ext4Operation][] = [
  ['a quote', { kind: 'unlink', path: '/a"b' }],
  ['a second command', { kind: 'unlink', path: '/a\nrm /etc/passwd' }],
  ['a carriage return', { kind: 'symlink', path: '/a', target: 'x\r' }],
  ['an empty target', { kind: 'symlink', path: '/a', target: '' }],
  ['a line beyond the buffer', { kind: 'symlink', path: '/a', target: 'x'.repeat(8001) }],
];
for (const [name, operation] of refused) {
  test(`refused: ${name}`, () => {
    assert.throws(() => formatDebugfsScript([operation], 5, true), { name: 'InputError' });
  });
}

test('everything but the banner is a complaint', () => {
  const banner = 'debugfs 1.47.0 (5-Feb-2023)\n';
  assert.deepEqual(parseDebugfsErrors(banner), []);
  assert.deepEqual(parseDebugfsErrors(`${banner}/x: File not found by ext2_lookup \n\nrm: oops\n`), [
    '/x: File not found by ext2_lookup',
    'rm: oops',
  ]);
});
