import { copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GUEST_MODULES } from '../../src/boot/make-boot-initrd.ts';
import type { GuestKernel } from '../../src/boot/prepare-guest-kernel.ts';
import type { Context } from '../../src/core/context.ts';
import { resolveModules } from '../../src/tools/kmod.ts';
import { describeDeb, packDeb } from './archive.ts';

/** A kernel module's signature stands behind it (linux, include/linux/module_signature.h). */
const SIGNED = '~Module signature appended~\n';
const SIGNATURE_HEAD_BYTES = 12;

/**
 * Makes a local repository of apt in `folder`, which has a newer kernel than Debian's: the same one under another release,
 * with the modules that a boot in QEMU needs, and the package linux-image-arm64 that depends on it. Its maintainer script
 * does what Debian's does.
 * @returns the new kernel's release
 */
export async function makeNextKernel(
  context: Context,
  { rootDir, version }: GuestKernel,
  folder: string,
): Promise<string> {
  // As long as the old one, since it stands in the kernel's own bytes.
  const release = version.replace(/\+deb\d\d/, '+deb99');
  if (release === version) throw new Error(`${version} is not the release of a stable Debian's kernel`);
  const rename = (bytes: Buffer) =>
    Buffer.from(bytes.toString('latin1').replaceAll(version, release), 'latin1');
  const tree = join(context.tmpDir, 'next-kernel');
  const place = async (path: string) => {
    const to = join(tree, path.replaceAll(version, release));
    await mkdir(dirname(to), { recursive: true });
    return to;
  };
  const image = `boot/vmlinuz-${version}`;
  await writeFile(await place(image), rename(await readFile(join(rootDir, image))));
  await copyFile(join(rootDir, `boot/config-${version}`), await place(`boot/config-${version}`));
  const trees = `usr/lib/linux-image-${version}/broadcom`;
  await cp(join(rootDir, trees), await place(trees), { recursive: true });
  for (const path of await resolveModules(context, rootDir, version, GUEST_MODULES)) {
    const to = await place(path.replace(/^lib/, 'usr/lib'));
    await copyFile(join(rootDir, path), to);
    if (to.endsWith('.xz')) await context.exec(['xz', '--decompress', to]);
    const module = to.replace(/\.xz$/, '');
    await writeFile(module, rename(withoutSignature(await readFile(module))));
  }
  for (const name of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo']) {
    const path = `lib/modules/${version}/${name}`;
    await copyFile(join(rootDir, path), await place(`usr/${path}`));
  }
  const name = `linux-image-${release}`;
  const script = [
    '#!/bin/sh -e',
    '[ "$1" = configure ] || exit 0',
    `depmod ${release}`,
    `linux-update-symlinks install ${release} /boot/vmlinuz-${release}`,
    `linux-run-hooks image postinst ${release} /boot/vmlinuz-${release} -- "$@"`,
    '',
  ].join('\n');
  const postinst = await place('DEBIAN/postinst');
  await writeFile(postinst, script, { mode: 0o755 });
  await mkdir(folder, { recursive: true });
  const fields = { Version: '99.0-1', Architecture: 'arm64' };
  const depends = 'kmod, linux-base, initramfs-tools';
  // Not compressed: the emulated processor unpacks them.
  const debs = [
    await packDeb(context, tree, folder, { ...fields, Package: name, Depends: depends }, 'none'),
    await packDeb(
      context,
      join(context.tmpDir, 'next-meta'),
      folder,
      { ...fields, Package: 'linux-image-arm64', Depends: name },
      'none',
    ),
  ];
  const stanzas = await Promise.all(debs.map((deb) => describeDeb(context, deb, `./${basename(deb)}`)));
  await writeFile(join(folder, 'Packages'), stanzas.join('\n'));
  return release;
}

function withoutSignature(module: Buffer): Buffer {
  if (!module.subarray(-SIGNED.length).equals(Buffer.from(SIGNED))) return module;
  const head = module.length - SIGNED.length - SIGNATURE_HEAD_BYTES;
  return module.subarray(0, head - module.readUInt32BE(head + SIGNATURE_HEAD_BYTES - 4));
}
