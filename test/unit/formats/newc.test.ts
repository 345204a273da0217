import assert from 'node:assert/strict';
import { readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { formatNewc } from '../../../src/formats/newc.ts';
import { createTestContext } from '../../helpers/context.ts';

test('cpio reads back what formatNewc wrote', async (t) => {
  const context = await createTestContext(t);
  const archive = formatNewc(
    [
      { kind: 'directory', path: 'bin', mode: 0o755 },
      { kind: 'file', path: 'bin/tool', mode: 0o755, content: Buffer.from('hello') },
      { kind: 'file', path: 'bin/empty', mode: 0o600, content: new Uint8Array() },
      { kind: 'symlink', path: 'bin/sh', target: 'tool' },
    ],
    1_700_000_000,
  );
  await writeFile(join(context.tmpDir, 'a.cpio'), archive);
  await context.exec(['cpio', '-idm', '--quiet', '--no-absolute-filenames', '-F', 'a.cpio'], {
    cwd: context.tmpDir,
  });
  assert.equal(await readFile(join(context.tmpDir, 'bin/tool'), 'utf8'), 'hello');
  assert.equal(await readlink(join(context.tmpDir, 'bin/sh')), 'tool');
  const stats = await stat(join(context.tmpDir, 'bin/tool'));
  assert.equal(stats.mode & 0o7777, 0o755);
  assert.equal(stats.mtimeMs, 1_700_000_000_000);
});
