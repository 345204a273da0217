import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileChange } from '../../../src/core/model.ts';
import { formatTreeDiff } from '../../../src/formats/tree-diff.ts';
import { baseFile } from '../../helpers/stretch-files.ts';

const root = { stage: 's', mode: 0o644, uid: 0, gid: 0 };

test('every kind of change, in path order', () => {
  const changes: FileChange[] = [
    { kind: 'symlink', stage: 's', path: '/z', target: '/a' },
    { kind: 'file', path: '/changed', content: Buffer.from('one\n2\n'), ...root, mode: 0o600 },
    { kind: 'remove', stage: 's', path: '/gone' },
    { kind: 'file', path: '/binary', content: Buffer.from([0, 1, 2]), ...root },
    { kind: 'file', path: '/same', content: Buffer.from('x'), ...root },
    { kind: 'directory', path: '/dir', ...root, mode: 0o4755, uid: 1000 },
    { kind: 'file', path: '/secret', content: Buffer.from('hidden'), ...root, secret: true },
  ];
  const base = new Map([
    ['/changed', baseFile('one\ntwo\n')],
    ['/gone', baseFile('x')],
    ['/same', baseFile('x')],
    ['/binary', undefined],
    ['/secret', baseFile('old hidden')],
    ['/dir', undefined],
  ]);
  assert.equal(
    formatTreeDiff(changes, base),
    `+ /binary  0644 0:0  3 B  [s]
~ /changed  0644 0:0 => 0600 0:0  8 => 6 B  [s]
    @@ -1,2 +1,2 @@
     one
    -two
    +2
+ /dir/  4755 1000:0  [s]
- /gone  [s]
= /same  0644 0:0  1 B  [s]
~ /secret  0644 0:0  secret, not shown  [s]
? /z -> /a  [s]
2 new, 2 changed, 1 unchanged, 1 removed, 1 written
`,
  );
  assert.equal(formatTreeDiff([], base), 'nothing changes\n');
});

test('long texts are cut, control characters shown', () => {
  const long = 'x\n'.repeat(1000);
  const text = formatTreeDiff([{ kind: 'file', path: '/l', content: Buffer.from(long), ...root }], new Map());
  assert.match(text, /… 801 more lines/);
  const escaped = formatTreeDiff(
    [{ kind: 'file', path: '/e', content: Buffer.from('\x1b[2J\n'), ...root }],
    new Map(),
  );
  assert.match(escaped, /\+\\x1b\[2J/);
});
