import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, rename, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readOwnFiles } from '../../../src/own-files/read-own-files.ts';
import { readTree } from '../../../src/own-files/read-tree.ts';
import { createTestContext } from '../../helpers/context.ts';

async function makeTree(t: TestContext) {
  const context = await createTestContext(t);
  const root = join(context.tmpDir, 'tree');
  await mkdir(join(root, 'etc/app'), { recursive: true });
  await writeFile(join(root, 'etc/app/conf'), 'a = 1\n');
  return { context, root, keeper: { folder: join(context.tmpDir, 'kept'), signal: context.signal } };
}

test('files, folders and links as they are, in the order of their paths', async (t) => {
  const { root, keeper } = await makeTree(t);
  await writeFile(join(root, 'etc/app.sh'), '#!/bin/sh\n');
  await chmod(join(root, 'etc/app.sh'), 0o4750);
  await chmod(join(root, 'etc/app'), 0o1777);
  await symlink('/etc/shadow', join(root, 'etc/app/link'));
  const { entries, faults } = await readTree(root, keeper);
  assert.deepEqual(faults, []);
  assert.deepEqual(
    entries.map((entry) => [
      entry.path,
      entry.kind,
      entry.kind === 'symlink' ? entry.target : entry.mode & 0o7777,
    ]),
    [
      ['/etc', 'directory', 0o755],
      ['/etc/app', 'directory', 0o1777],
      ['/etc/app.sh', 'file', 0o4750],
      ['/etc/app/conf', 'file', 0o644],
      ['/etc/app/link', 'symlink', '/etc/shadow'],
    ],
  );
});

test('a large file is kept on the disk, and what happens to it later does not matter', async (t) => {
  const { root, keeper } = await makeTree(t);
  const content = Buffer.alloc(3_000_000, 'wwanpi');
  await writeFile(join(root, 'large'), content);
  const { entries } = await readTree(root, keeper);
  await truncate(join(root, 'large'));
  const large = entries.find(({ path }) => path === '/large');
  assert.ok(large?.kind === 'file' && !(large.content instanceof Uint8Array));
  assert.equal(large.content.sizeBytes, content.length);
  assert.deepEqual(await readFile(large.content.path), content);
  assert.deepEqual(await readdir(keeper.folder), [large.content.sha256]);
});

test('what an image cannot get is said, all of it at once', async (t) => {
  const { context, root } = await makeTree(t);
  await writeFile(join(root, 'a\nb'), '');
  await writeFile(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff])]), '');
  await symlink('a"b', join(root, 'quoted'));
  await context.exec(['mkfifo', join(root, 'pipe')]);
  const server = createServer().listen(join(root, 'socket'));
  t.after(() => server.close());
  await writeFile(join(root, '.wwanpi-owners'), '/etc/app pi:pi\n/etc/app pi\n');
  const own = readOwnFiles(context, { trees: [root], packageFiles: [], packageNames: [], scripts: [] });
  const error = await own.then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  const message = error?.message ?? '';
  for (const part of [
    '"a\\u{a}b", a name with a control character',
    'a name that is not UTF-8',
    'is a link to "a"b"',
    'has "pipe", which is a pipe',
    'has "socket", which is a socket',
    'tree/.wwanpi-owners, line 2: needs a path and an owner',
  ]) {
    assert.ok(message.includes(part), `${part} in ${message}`);
  }
});

test('a folder that is swapped for a link while the tree is read leads nowhere', async (t) => {
  const { context, root, keeper } = await makeTree(t);
  const secret = join(context.tmpDir, 'secret');
  await mkdir(secret);
  await writeFile(join(secret, 'conf'), 'secret');
  // At the first look at the signal, the folder is listed and not yet entered.
  let looks = 0;
  const swapped: Promise<void>[] = [];
  const signal = new Proxy(keeper.signal, {
    get: (target, name) => {
      if (name === 'aborted' && looks++ === 1) {
        swapped.push(
          rename(join(root, 'etc/app'), join(root, 'etc/old')).then(() =>
            symlink(secret, join(root, 'etc/app')),
          ),
        );
      }
      return Reflect.get(target, name, target);
    },
  });
  const { entries } = await readTree(root, { ...keeper, signal });
  await Promise.all(swapped);
  assert.equal(swapped.length, 1);
  const contents = entries.flatMap((entry) =>
    entry.kind === 'file' ? [Buffer.from(entry.content as Uint8Array).toString()] : [],
  );
  assert.ok(!contents.includes('secret'), contents.join());
});

test('a later tree replaces files of an earlier one, but no folder', async (t) => {
  const { context, root } = await makeTree(t);
  const second = join(context.tmpDir, 'second');
  await mkdir(join(second, 'etc/app/conf'), { recursive: true });
  const request = { trees: [root, second], packageFiles: [], packageNames: [], scripts: [] };
  await assert.rejects(
    readOwnFiles(context, request),
    /etc\/app\/conf as a directory, and an earlier tree as a file/,
  );
  const third = join(context.tmpDir, 'third');
  await mkdir(join(third, 'etc/app'), { recursive: true });
  await writeFile(join(third, 'etc/app/conf'), 'a = 2\n');
  const { tree } = await readOwnFiles(context, { ...request, trees: [root, third] });
  const conf = tree.find(({ path }) => path === '/etc/app/conf');
  assert.ok(conf?.kind === 'file' && conf.content instanceof Uint8Array);
  assert.equal(Buffer.from(conf.content).toString(), 'a = 2\n');
});

test('a tree that is too deep is said with its name', async (t) => {
  const { context, root } = await makeTree(t);
  await mkdir(join(root, 'd/'.repeat(50)), { recursive: true });
  const own = readOwnFiles(context, { trees: [root], packageFiles: [], packageNames: [], scripts: [] });
  await assert.rejects(own, /--extra-tree ".*tree" has folders more than 40 deep; name a folder/);
});

test('a script needs its #! line, and the line ends of Linux', async (t) => {
  const { context } = await makeTree(t);
  const script = async (text: string) => {
    const path = join(context.tmpDir, 'my setup.sh');
    await writeFile(path, text);
    return readOwnFiles(context, { trees: [], packageFiles: [], packageNames: [], scripts: [path] });
  };
  await assert.rejects(script('echo hello\n'), /has no #! line/);
  await assert.rejects(script('#!/bin/sh\r\necho\r\n'), /line ends of Windows/);
  const { scripts } = await script('#!/bin/sh\necho\n');
  assert.deepEqual(
    scripts.map(({ name }) => name),
    ['01-my-setup.sh'],
  );
});
