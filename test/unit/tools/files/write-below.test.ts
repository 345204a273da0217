import assert from 'node:assert/strict';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../../../../src/core/errors.ts';
import { listBelow } from '../../../../src/tools/files/read-below.ts';
import { openFolder, type ParentLinks } from '../../../../src/tools/files/write-below.ts';

/** A folder to write below, and one of somebody else's beside it. */
async function makeFolders(t: TestContext): Promise<{ root: string; victim: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-below-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [root, victim] = [join(folder, 'root'), join(folder, 'victim')];
  await mkdir(root);
  await mkdir(victim, { mode: 0o700 });
  await writeFile(join(victim, 'precious.h'), 'precious');
  return { root, victim };
}

async function assertUntouched(victim: string): Promise<void> {
  assert.deepEqual(await readdir(victim), ['precious.h']);
  assert.equal(await readFile(join(victim, 'precious.h'), 'utf8'), 'precious');
  assert.equal((await lstat(victim)).mode & 0o7777, 0o700);
}

const refused = { name: 'InputError', message: /^cannot write ".*" below / };

test('files, folders and symlinks come out with their content, mode and target', async (t) => {
  const { root } = await makeFolders(t);
  const folder = openFolder(root);
  await folder.directory('/usr/lib');
  await folder.file('/usr/bin/tool', 'text', 0o755);
  await folder.file('usr/bin/data', Buffer.from([0, 1]));
  await folder.symlink('/usr/bin/link', '/etc/shadow');
  assert.equal(await readFile(join(root, 'usr/bin/tool'), 'utf8'), 'text');
  assert.equal((await lstat(join(root, 'usr/bin/tool'))).mode & 0o700, 0o700);
  assert.equal((await lstat(join(root, 'usr/bin/data'))).mode & 0o111, 0);
  assert.equal(await readlink(join(root, 'usr/bin/link')), '/etc/shadow');
  assert.ok((await lstat(join(root, 'usr/lib'))).isDirectory());
});

for (const links of ['refuse', 'inside'] as const satisfies readonly ParentLinks[]) {
  test(`a symlink in the place of a file is replaced, not written through (${links})`, async (t) => {
    const { root, victim } = await makeFolders(t);
    const folder = openFolder(root, links);
    await folder.symlink('usr/include/a.h', join(victim, 'precious.h'));
    await folder.file('usr/include/a.h', 'other');
    await folder.symlink('usr/include/b.h', join(victim, 'precious.h'));
    await folder.symlink('usr/include/b.h', 'a.h');
    assert.equal(await readFile(join(root, 'usr/include/a.h'), 'utf8'), 'other');
    assert.equal(await readlink(join(root, 'usr/include/b.h')), 'a.h');
    await assertUntouched(victim);
  });

  test(`no path gets out (${links})`, async (t) => {
    const { root, victim } = await makeFolders(t);
    const folder = openFolder(root, links);
    const paths = [
      '../victim/precious.h',
      'a/../../victim/x',
      '/../victim/x',
      'a//b',
      './a',
      'a/.',
      '',
      '/',
      'a\0b',
    ];
    for (const path of [...paths, 'x'.repeat(256), 'a/'.repeat(2100)]) {
      await assert.rejects(folder.file(path, 'x'), refused, path);
      await assert.rejects(folder.symlink(path, 'x'), refused, path);
      await assert.rejects(folder.directory(path), refused, path);
    }
    await assertUntouched(victim);
    assert.deepEqual(await readdir(root), []);
  });

  test(`a folder is never replaced (${links})`, async (t) => {
    const { root } = await makeFolders(t);
    const folder = openFolder(root, links);
    await folder.file('a/b/c', 'x');
    await assert.rejects(folder.file('a/b', 'x'), refused);
    await folder.symlink('a/b', '/tmp');
    assert.equal(await readFile(join(root, 'a/b/c'), 'utf8'), 'x');
    await assert.rejects(folder.file('a/b/c/d', 'x'), { message: /a\/b\/c is not a folder/ });
  });
}

test('a symlink among the parents is refused', async (t) => {
  const { root, victim } = await makeFolders(t);
  for (const target of [victim, '../victim', '/']) {
    await symlink(target, join(root, 'include'));
    await assert.rejects(openFolder(root).file('include/precious.h', 'x'), {
      message: /include is a symlink/,
    });
    await assert.rejects(openFolder(root).directory('include'), refused);
    await rm(join(root, 'include'));
  }
  await assertUntouched(victim);
});

test('where parents may be symlinks, they lead inside as if the folder were /', async (t) => {
  const { root, victim } = await makeFolders(t);
  const folder = openFolder(root, 'inside');
  await folder.directory('usr/lib');
  await folder.symlink('lib', 'usr/lib');
  await folder.file('lib/libc.so', 'x');
  assert.equal(await readFile(join(root, 'usr/lib/libc.so'), 'utf8'), 'x');
  const hostile = { absolute: victim, up: `../../../../..${victim}`, chain: 'absolute', self: '/' };
  for (const [name, target] of Object.entries(hostile)) {
    await folder.symlink(name, target);
    await folder.file(`${name}/precious.h`, name);
  }
  await assertUntouched(victim);
  assert.equal(await readFile(join(root, victim, 'precious.h'), 'utf8'), 'chain');
  assert.equal(await readFile(join(root, 'precious.h'), 'utf8'), 'self');
  await folder.symlink('round', 'round');
  await assert.rejects(folder.file('round/x', 'x'), { message: /round is a symlink/ });
});

test('no mixture of files, folders and symlinks changes anything outside', async (t) => {
  const name = fc.constantFrom('a', 'b', 'c', 'victim', '..');
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
  const target = fc.tuple(fc.constantFrom('', '/', '../', '../../'), path).map((parts) => parts.join(''));
  const step = fc.oneof(
    fc.tuple(fc.constant('file' as const), path, fc.constant('x')),
    fc.tuple(fc.constant('symlink' as const), path, target),
    fc.tuple(fc.constant('directory' as const), path, fc.constant('')),
  );
  const property = fc.asyncProperty(
    fc.array(step, { maxLength: 12 }),
    fc.constantFrom<ParentLinks>('refuse', 'inside'),
    async (steps, links) => {
      const { root, victim } = await makeFolders(t);
      for (const [kind, where, what] of steps) {
        const folder = openFolder(root, links);
        const work = kind === 'directory' ? folder.directory(where) : folder[kind](where, what);
        await work.catch((error: unknown) => assert.ok(error instanceof InputError, String(error)));
      }
      await assertUntouched(victim);
      assert.deepEqual((await readdir(join(root, '..'))).sort(), ['root', 'victim']);
    },
  );
  await fc.assert(property, { numRuns: 200, seed: 14 });
});

test('what a foreign program left is read without following a link', async (t) => {
  const { root, victim } = await makeFolders(t);
  await mkdir(join(root, 'usr/bin'), { recursive: true });
  await writeFile(join(root, 'usr/bin/qmicli'), 'program');
  await symlink(victim, join(root, 'usr/lib'));
  await symlink(join(victim, 'precious.h'), join(root, 'usr/bin/key'));
  const found = await listBelow(root);
  assert.deepEqual(
    found.map(({ path, kind }) => `${kind} ${path}`),
    ['symlink usr/bin/key', 'file usr/bin/qmicli', 'symlink usr/lib'],
  );
  const contents = await Promise.all(found.map(async ({ read }) => (await read()).toString()));
  assert.deepEqual(contents, [join(victim, 'precious.h'), 'program', victim]);
  assert.deepEqual(await listBelow(join(root, 'usr/lib')), [], 'the folder itself is a link');
  assert.deepEqual(await listBelow(join(root, 'none')), []);
  // A file that has become a link since it was listed.
  const [file] = (await listBelow(root)).filter(({ kind }) => kind === 'file');
  await rm(join(root, 'usr/bin/qmicli'));
  await symlink(join(victim, 'precious.h'), join(root, 'usr/bin/qmicli'));
  await assert.rejects(file?.read() ?? Promise.resolve(), { code: 'ELOOP' });
});
