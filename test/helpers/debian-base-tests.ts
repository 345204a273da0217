import assert from 'node:assert/strict';
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { BASES } from '../../src/base/bases.ts';
import type { BuiltBase } from '../../src/base/named-base.ts';
import { installedPackages } from '../../src/formats/debian/installed-packages.ts';
import { type ImageTree, readText, withImageTree } from '../../src/image/image-tree.ts';
import { openDisk } from '../../src/image/open-disk.ts';
import { readSystem } from '../../src/image/read-system.ts';
import { createTestContext } from './context.ts';
import { findBaseDisk } from './find-base.ts';

/** The built bases that `make test` makes before its tests (Makefile); `make test-long` makes all. */
export const MADE_BASES: readonly string[] = ['debian-bookworm', 'debian-trixie-arm64'];

/** Every base that is built from Debian's packages. */
export const BUILT_BASES: readonly BuiltBase[] = BASES.filter((base) => base.kind === 'built');

/** Registers the tests that a built base passes; one whose kernel is dpkg's has more of them. */
export function testDebianBase(base: BuiltBase): void {
  describe(`the base ${base.name}`, () => {
    test('is what its entry says', async () => {
      const { stack, architecture, recipe } = base;
      const { bootFolder } = recipe;
      assert.deepEqual(await readSystem(await openBase(base)), { stack, architecture, bootFolder });
    });

    test('is nobody yet: no machine id, no host keys, no password, and nothing of the machine that built it', async () => {
      await withImageTree(await openBase(base), async (tree) => {
        assert.equal((await read(tree, '/etc/machine-id')).length, 0);
        assert.match((await readText(tree, '/etc/shadow')) ?? '', /^pi:!:/m);
        const ssh = (await (await tree.locate('/etc/ssh')).node?.children())?.map(({ name }) => name) ?? [];
        assert.deepEqual(
          ssh.filter((name) => name.startsWith('ssh_host_')),
          [],
        );
        const diversions = (await readText(tree, '/var/lib/dpkg/diversions')) ?? '';
        assert.doesNotMatch(diversions, /update-initramfs|ischroot|update-ca-certificates/);
        assert.equal((await tree.locate('/usr/bin/ischroot')).node?.kind, 'file');
        // Programs of that machine stood in for them.
        for (const path of ['/usr/bin/perl', '/usr/bin/dash'])
          assert.equal(getMachine(await read(tree, path)), base.architecture, path);
        for (const path of ['/.wwanpi-native', '/usr/lib/x86_64-linux-gnu'])
          assert.equal((await tree.locate(path)).node, undefined, path);
      });
    });
    if (base.recipe.unpacked === undefined) testKernel(base);
  });
}

/** By e_machine of elf(5): EM_ARM or EM_AARCH64. */
function getMachine(program: Uint8Array): string | undefined {
  return { 40: 'armhf', 183: 'arm64' }[Buffer.from(program).readUInt16LE(18)];
}

/** Debian's kernel as dpkg has it, and what raspi-firmware's hook does with it. */
function testKernel(base: BuiltBase): void {
  test('has a kernel of dpkg, and the same one on the FAT volume', async () => {
    await withImageTree(await openBase(base), async (tree) => {
      const status = (await readText(tree, '/var/lib/dpkg/status')) ?? '';
      const release = /^Package: linux-image-(\d\S+)\nStatus: install ok installed$/m.exec(status)?.[1];
      assert.ok(release !== undefined);
      const installed = installedPackages(status);
      for (const name of ['raspi-firmware', 'initramfs-tools', base.recipe.kernel, 'login'])
        assert.ok(installed.has(name), name);
      for (const name of [`vmlinuz-${release}`, `initrd.img-${release}`]) {
        const root = await read(tree, `/boot/${name}`);
        assert.ok(root.length > 1_000_000, name);
        assert.ok(root.equals(await read(tree, `/boot/firmware/${name}`)), name);
      }
      const config = (await read(tree, '/boot/firmware/config.txt')).toString();
      for (const line of [`kernel=vmlinuz-${release}`, `initramfs initrd.img-${release}`])
        assert.ok(config.split('\n').includes(line), line);
      assert.equal(config.includes('arm_64bit=1'), base.architecture === 'arm64');
      const dtbs = base.architecture === 'arm64' ? 'bcm2711-rpi-4-b.dtb' : 'bcm2836-rpi-2-b.dtb';
      assert.ok((await read(tree, `/boot/firmware/${dtbs}`)).length > 10_000);
    });
  });

  test("a new kernel of apt keeps the root's PARTUUID", async (t) => {
    if (process.getuid?.() !== 0) return t.skip('needs root to enter the root file system');
    const context = await createTestContext(t);
    const disk = await openBase(base);
    const root = join(context.tmpDir, 'root');
    await mkdir(root);
    const volume = `${disk.path}?offset=${disk.layout.root.offsetBytes}`;
    await context.exec(['debugfs', '-R', `rdump / ${root}`, volume]);
    const before = await withImageTree(disk, (tree) => read(tree, '/boot/firmware/cmdline.txt'));
    // What dpkg and initramfs-tools have done when the hook runs.
    for (const name of ['vmlinuz-99.0-test', 'initrd.img-99.0-test'])
      await writeFile(join(root, 'boot', name), name);
    await writeFile(join(root, 'dev/null'), '');
    await appendFile(join(root, 'etc/default/raspi-extra-cmdline'), 'own=word\n');
    const hook = ['env', 'DEB_MAINT_PARAMS=configure', '/etc/kernel/postinst.d/z50-raspi-firmware'] as const;
    await context.exec(['unshare', `--mount-proc=${root}/proc`, 'chroot', root, ...hook]);
    const firmware = join(root, 'boot/firmware');
    const after = await readFile(join(firmware, 'cmdline.txt'), 'utf8');
    assert.equal(after, before.toString().replace('rootwait ', 'rootwait own=word'));
    assert.match(
      after,
      new RegExp(`console=ttyS1,115200 console=tty0 root=PARTUUID=${disk.layout.diskId}-02 rw `),
    );
    assert.match(await readFile(join(firmware, 'config.txt'), 'utf8'), /^kernel=vmlinuz-99\.0-test$/m);
    assert.ok((await readdir(firmware)).includes('initrd.img-99.0-test'));
  });
}

/** Takes it from the cache, where `make` has put it. */
async function openBase({ name }: BuiltBase) {
  return openDisk(await findBaseDisk(name));
}

async function read(tree: ImageTree, path: string): Promise<Buffer> {
  const bytes = await (await tree.locate(path)).node?.read();
  assert.ok(bytes !== undefined, path);
  return Buffer.from(bytes);
}
