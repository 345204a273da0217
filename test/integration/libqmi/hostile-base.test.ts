import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { COMPILED_TARGETS as TARGETS, type TargetProfile } from '../../../src/base/targets.ts';
import type { Context } from '../../../src/core/context.ts';
import { ToolFailedError, VerificationError } from '../../../src/core/errors.ts';
import type { PackageFile } from '../../../src/core/model.ts';
import { prepareClang } from '../../../src/libqmi/clang-toolchain.ts';
import { collectInstalledFiles } from '../../../src/libqmi/libqmi-install.ts';
import { makeNativeRoot } from '../../../src/libqmi/make-native-root.ts';
import type { Sysroot } from '../../../src/libqmi/prepare-sysroot.ts';
import { readBaseLibraries } from '../../../src/libqmi/read-base-libraries.ts';
import { writeSysroot } from '../../../src/libqmi/write-sysroot.ts';
import { explainNoSandbox } from '../../../src/tools/bwrap.ts';
import { listBelow } from '../../../src/tools/files/read-below.ts';
import { compileArm } from '../../helpers/arm-elf.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeImage } from '../../helpers/image.ts';
import { assertUntouched, makeVictim } from '../../helpers/victim.ts';

const [STRETCH, BOOKWORM] = ['stretch', 'bookworm'].map((name) =>
  TARGETS.find(({ codename }) => codename === name),
) as [TargetProfile, TargetProfile];
const TRIPLET = BOOKWORM.triplet;
const LIBRARIES = `/usr/lib/${TRIPLET}`;

type Root = Record<string, string | Uint8Array | { readonly link: string }>;

/** A merged-/usr root with a C library and a GLib, as far as a sysroot needs them. */
async function makeRoot(context: Context): Promise<Root> {
  const library = await compileArm(context.exec, context.tmpDir, 'lib.so', {
    source: 'int f(void) { return 1; }',
  });
  return {
    '/lib': { link: 'usr/lib' },
    [`${LIBRARIES}/libc.so.6`]: library,
    [`${LIBRARIES}/libglib-2.0.so.0.7400.6`]: library,
    [`${LIBRARIES}/libglib-2.0.so.0`]: { link: 'libglib-2.0.so.0.7400.6' },
    [`${LIBRARIES}/libgobject-2.0.so.0`]: library,
    [`${LIBRARIES}/libgio-2.0.so.0`]: library,
  };
}

/** What Debian's -dev packages would bring. */
const PACKAGED: readonly PackageFile[] = [
  ...[
    '/usr/include/glib-2.0/glib.h',
    '/usr/include/linux/if.h',
    `${LIBRARIES}/glib-2.0/include/glibconfig.h`,
  ],
  ...[`${LIBRARIES}/crt1.o`, `/usr/lib/gcc/${TRIPLET}/12/libgcc.a`],
].map((path) => ({ kind: 'file' as const, path, mode: 0o644, content: Buffer.from('of Debian') }));

test('no link of a base leads the sysroot out of its folder, wherever it lies', async (t) => {
  const context = await createTestContext(t);
  const victim = await makeVictim(context.tmpDir);
  const link = { link: victim };
  const plants: Root[] = [
    { '/usr/include/glib-2.0': link, '/usr/include/linux': link },
    { '/usr/include': link, [`${LIBRARIES}/pkgconfig`]: link, [`${LIBRARIES}/glib-2.0`]: link },
    { [`/usr/lib/gcc/${TRIPLET}/12`]: link, [`${LIBRARIES}/crt1.o`]: { link: join(victim, 'key') } },
    { '/usr/lib/gcc': link, [`${LIBRARIES}/libm.so.6`]: { link: join(victim, 'key') } },
  ];
  for (const [index, plant] of plants.entries()) {
    const disk = await makeImage(context, `${index}.img`, {
      root: { ...(await makeRoot(context)), ...plant },
    });
    for (const profile of [BOOKWORM, STRETCH]) {
      const root = join(context.tmpDir, `sysroot-${index}-${profile.codename}`);
      await mkdir(root);
      await writeSysroot(root, await readBaseLibraries(context, disk, profile), PACKAGED, profile);
      await assertUntouched(victim);
      assert.equal(await readFile(join(root, 'usr/include/glib-2.0/glib.h'), 'utf8'), 'of Debian');
      for (const { kind, read } of await listBelow(root)) {
        if (kind === 'symlink') assert.doesNotMatch((await read()).toString(), /^\/|\.\./);
      }
    }
  }
});

test('a sysroot has no text of the base: no header, no linker script, no library that is none', async (t) => {
  const context = await createTestContext(t);
  const root = await makeRoot(context);
  const script = 'INPUT(/home/user/.ssh/id_ed25519)';
  const texts: Root = {
    '/usr/include/stdlib.h': '__asm__(".incbin "/home/user/.ssh/id_ed25519"");',
    [`/usr/include/${TRIPLET}/stdio.h`]: 'header of the base',
    [`${LIBRARIES}/libc.so`]: script,
    [`${LIBRARIES}/libpthread.so`]: script,
    [`/usr/lib/gcc/${TRIPLET}/6/libgcc_s.so`]: script,
  };
  const disk = await makeImage(context, 'texts.img', { root: { ...root, ...texts } });
  for (const profile of [BOOKWORM, STRETCH]) {
    const folder = join(context.tmpDir, profile.codename);
    await mkdir(folder);
    await writeSysroot(folder, await readBaseLibraries(context, disk, profile), PACKAGED, profile);
    for (const { path, read } of await listBelow(folder)) {
      assert.doesNotMatch((await read()).toString('latin1'), /header of the base|id_ed25519/, path);
    }
  }
  const hostile: [Root, RegExp][] = [
    [{ [`${LIBRARIES}/libgio-2.0.so.0`]: script }, /libgio-2\.0\.so\.0 is not an ELF file/],
    [{ [`${LIBRARIES}/crt1.o`]: script }, /crt1\.o is not an object file/],
    [{ [`/usr/lib/gcc/${TRIPLET}/6/libgcc.a`]: '!<thin>\n/etc/passwd/\n' }, /libgcc\.a is not an archive/],
  ];
  for (const [index, [plant, message]] of hostile.entries()) {
    const bad = await makeImage(context, `bad-${index}.img`, { root: { ...root, ...plant } });
    await assert.rejects(readBaseLibraries(context, bad, STRETCH), (error) => {
      assert.ok(error instanceof VerificationError);
      assert.match(error.message, message);
      return true;
    });
  }
});

test("a base's own libqmi, and what else it has, makes no other sysroot", async (t) => {
  const context = await createTestContext(t);
  const root = await makeRoot(context);
  const own: Root = {
    [`${LIBRARIES}/libqmi-glib.so.5.1.0`]: 'of the base',
    [`${LIBRARIES}/libqmi-glib.so.5`]: { link: 'libqmi-glib.so.5.1.0' },
    [`${LIBRARIES}/libmbim-glib.so.4`]: 'another',
  };
  const plain = await makeImage(context, 'plain.img', { root });
  const wwanpi = await makeImage(context, 'own.img', { root: { ...root, ...own } });
  assert.deepEqual(
    await readBaseLibraries(context, wwanpi, BOOKWORM),
    await readBaseLibraries(context, plain, BOOKWORM),
  );
});

test('the scratch root of --builder qemu keeps to its folder, whatever links the base has', async (t) => {
  const context = await createTestContext(t);
  const victim = await makeVictim(context.tmpDir);
  const link = { link: victim };
  const deb = await packDeb(context, {
    'usr/include/precious.h': 'of a package',
    'lib/glib.h': 'of a package',
    'tmp/key': 'of a package',
    'etc/alternatives/key': 'of a package',
  });
  const plants: Root[] = [
    { '/tmp': link, '/usr/include': link, '/etc/alternatives': link, '/lib': { link: 'usr/lib' } },
    { '/usr': link, '/etc': { link: `../../../../../..${victim}` }, '/lib': { link: 'usr' } },
    { '/bin': link, '/etc/ld.so.preload': { link: join(victim, 'key') }, '/usr/include/precious.h': link },
  ];
  for (const [index, plant] of plants.entries()) {
    const disk = await makeImage(context, `${index}.img`, { root: plant });
    const folder = join(context.tmpDir, `scratch-${index}`);
    await mkdir(folder);
    const { path, writer } = await makeNativeRoot(context, disk, [deb], folder);
    for (const name of ['usr/include/glib-2.0/glib.h', 'tmp/key', 'etc/key']) await writer.file(name, 'x');
    await assertUntouched(victim);
    const include = index === 1 ? victim : index === 0 ? victim : '/usr/include';
    const found = join(path, include, index === 1 ? 'include/precious.h' : 'precious.h');
    assert.equal(await readFile(found, 'utf8'), 'of a package');
  }
});

test('a name that is there twice, link and file, writes nothing through the link', async (t) => {
  const context = await createTestContext(t);
  const victim = await makeVictim(context.tmpDir);
  const disk = await makeImage(context, 'a.img', {
    root: { '/usr/bin/aaa': 'hostile', '/usr/bin/aab': { link: join(victim, 'key') } },
  });
  // The same length, so that the directory's records stay as they are: the file's name becomes the link's.
  const image = await readFile(disk.path);
  for (let at = image.indexOf('aaa'); at !== -1; at = image.indexOf('aaa', at + 1)) image.write('aab', at);
  await writeFile(disk.path, image);
  const folder = join(context.tmpDir, 'scratch');
  await mkdir(folder);
  await makeNativeRoot(context, disk, [], folder);
  await assertUntouched(victim);
});

test('what a foreign compiler leaves is collected without following its links', async (t) => {
  const context = await createTestContext(t);
  const victim = await makeVictim(context.tmpDir);
  const install = join(context.tmpDir, 'install');
  await mkdir(join(install, 'usr/bin'), { recursive: true });
  await writeFile(join(install, 'usr/bin/qmi-network'), '#!/bin/sh\n');
  await symlink(victim, join(install, 'usr/lib'));
  await symlink(join(victim, 'key'), join(install, 'usr/bin/qmicli'));
  const folder = join(context.tmpDir, 'collected');
  await mkdir(folder);
  await collectInstalledFiles(context, install, folder);
  await assertUntouched(victim);
  const names = await readdir(join(folder, 'usr/bin'));
  assert.deepEqual(names.sort(), ['qmi-network', 'qmicli']);
  for (const { read } of await listBelow(folder)) assert.doesNotMatch((await read()).toString(), /SECRET/);
});

test('a compiler in its sandbox sees the source, the sysroot and programs, and no file of the user', async (t) => {
  const context = await createTestContext(t);
  const why = await explainNoSandbox(context.exec, [
    'clang',
    'make',
    'pkg-config',
    'python3',
    'glib-mkenums',
  ]);
  if (why !== undefined) return t.skip(why);
  const victim = await makeVictim(context.tmpDir);
  const { run, work, log } = await openClang(t, context);
  await writeFile(
    join(work, 'source/hostile.c'),
    `#ifdef KEY\n__asm__(".section .rodata\\n.incbin \\"${join(victim, 'key')}\\"\\n");\n#endif\nint f(void) { return 1; }\n`,
  );
  const compile = ['clang', '--target=arm-linux-gnueabihf', '-c', 'hostile.c', '-o', 'hostile.o'] as const;
  const cwd = join(work, 'source');
  await run({ argv: compile, cwd }, log);
  await assert.rejects(run({ argv: [...compile, '-DKEY'], cwd }, log), (error) => {
    assert.ok(error instanceof ToolFailedError);
    assert.match(error.detail ?? '', /Could not find incbin file/);
    return true;
  });
  // The same in the open reads the key: it is the sandbox that keeps it.
  await context.exec([...compile, '-DKEY'], { cwd });
  assert.match(await readFile(join(cwd, 'hostile.o'), 'latin1'), /SECRET-OF-THE-BUILD-HOST/);
  // Neither a network nor a home, nor the environment of the user.
  const sees = `test ! -e '${victim}' && test ! -e /etc/passwd && test ! -e /sys && test "$HOME" = /tmp`;
  await run({ argv: ['sh', '-c', sees], cwd }, log);
  await run({ argv: ['sh', '-c', '! grep -v -e lo: -e "|" /proc/net/dev'], cwd }, log);
  // A session that began outside is 0 here; with the user's terminal, it could type into that.
  const ownSession = 'set -- $(cat /proc/self/stat); test "$6" != 0';
  await run({ argv: ['sh', '-c', ownSession], cwd }, log);
  await assert.rejects(run({ argv: ['touch', join(work, 'sysroot/x')], cwd }, log), ToolFailedError);
});

test('where there is no sandbox, libqmi is compiled all the same, and one line says so', async (t) => {
  const context = await createTestContext(t);
  const warnings: string[] = [];
  const report = { ...context.report, warn: (text: string) => warnings.push(text) };
  const exec: Context['exec'] = async (argv, options) => {
    if (argv[0] === 'bwrap') throw new ToolFailedError('bwrap failed with exit code 1');
    return context.exec(argv, options);
  };
  const { run, work, log } = await openClang(t, { ...context, exec, report });
  await run({ argv: ['touch', 'made'], cwd: join(work, 'build') }, log);
  assert.deepEqual(await readdir(join(work, 'build')), ['made']);
  assert.deepEqual(warnings, ['libqmi is compiled without a sandbox: this machine allows no namespaces']);
});

/** A clang toolchain, opened in a work folder. */
async function openClang(t: TestContext, context: Context) {
  const sysroot = {
    path: join(context.tmpDir, 'sysroot'),
    id: 'x',
    glibVersion: '2.74.6',
    headersVersion: '2.74.6',
  };
  const work = join(context.tmpDir, 'work');
  for (const name of ['source', 'build', 'install', 'tools'])
    await mkdir(join(work, name), { recursive: true });
  await mkdir(sysroot.path);
  const record = { name: 'libqmi', sha256: '0', origin: 'x', pinned: false };
  const source = { path: '/none', version: '1.16.0', buildSystem: 'autotools' as const, record };
  const toolchain = await prepareClang(context, {
    source,
    disk: { path: '', layout: {} } as never,
    sysroot: sysroot as unknown as Sysroot,
    target: BOOKWORM,
  });
  const { run } = await toolchain.open(work, t.name);
  return { run, work, log: join(context.tmpDir, 'build.log') };
}

async function packDeb(context: Context, files: Readonly<Record<string, string>>) {
  const tree = join(context.tmpDir, 'deb');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(tree, path, '..'), { recursive: true });
    await writeFile(join(tree, path), text);
  }
  await mkdir(join(tree, 'DEBIAN'));
  const control =
    'Package: p\nVersion: 1\nArchitecture: armhf\nMaintainer: x <x@example.org>\nDescription: x\n';
  await writeFile(join(tree, 'DEBIAN/control'), control);
  const path = join(context.tmpDir, 'p.deb');
  await context.exec(['dpkg-deb', '--root-owner-group', '-Zxz', '-b', tree, path]);
  return { name: 'p', version: '1', sha256: '', sizeBytes: 0, fileName: 'p.deb', path };
}
