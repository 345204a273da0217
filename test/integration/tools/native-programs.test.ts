import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../../src/core/package.ts';
import { createTestContext } from '../../helpers/context.ts';

const HOOKS = join(packageRoot, 'overlays/native-programs');
const NATIVE = '/.wwanpi-native/bin';

const reason =
  process.getuid?.() === 0
    ? process.arch !== 'x64' && 'on another processor there are no such programs'
    : 'needs root for chroot';

test("this machine's programs run in a new root, and leave nothing there", { skip: reason }, async (t) => {
  const { exec, tmpDir } = await createTestContext(t);
  const root = join(tmpDir, 'root');
  const run = (hook: string) => exec([join(HOOKS, `${hook}.sh`), root]);
  for (const folder of ['dev', 'usr/bin', 'usr/lib', 'etc'])
    await mkdir(join(root, folder), { recursive: true });
  for (const name of ['perl', 'dash']) await writeFile(join(root, 'usr/bin', name), `the root's ${name}`);
  // perl -e reads it, and a folder has no devices.
  await writeFile(join(root, 'dev/null'), '');
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\npi:x:1000:1000::/:/bin/sh\n');
  const list = async () => (await readdir(root, { recursive: true })).sort();
  const before = await list();

  const { stdout } = await run('extract');
  assert.equal(stdout, '');
  const inRoot = async (...argv: string[]) =>
    (await exec(['chroot', root, ...(argv as [string])], { env: { PATH: `${NATIVE}:${process.env.PATH}` } }))
      .stdout;
  assert.equal(await inRoot('grep', '-c', '^pi:', '/etc/passwd'), '1\n');
  // Names are looked up in the root.
  await inRoot('chown', 'pi', '/etc/passwd');
  assert.equal(await inRoot('stat', '--format=%u', '/etc/passwd'), '1000\n');
  for (const program of ['dpkg-deb', 'tar', 'rm', 'dash', 'perl'])
    assert.ok((await readdir(join(root, NATIVE))).includes(program), program);

  await run('essential');
  // No PATH leads a script to its interpreter.
  assert.equal(await inRoot('/usr/bin/perl', '-MPOSIX', '-e', 'print((getpwnam("pi"))[2])'), '1000');
  assert.equal(await inRoot('/usr/bin/dash', '-c', 'echo $((1 + 1))'), '2\n');

  // An upgrade of the package.
  await writeFile(join(root, 'usr/bin/dash'), 'a newer dash');
  await run('customize');
  assert.deepEqual(await list(), before);
  assert.equal(await readFile(join(root, 'usr/bin/perl'), 'utf8'), "the root's perl");
  assert.equal(await readFile(join(root, 'usr/bin/dash'), 'utf8'), 'a newer dash');
});
