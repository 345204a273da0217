import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { InputError } from '../core/errors.ts';
import type { Architecture, Disk } from '../core/model.ts';
import { packageRoot } from '../core/package.ts';
import { replaceYields } from '../formats/arm64-kernel.ts';
import { type Ext4Operation, formatDebugfsScript } from '../formats/ext4/debugfs-script.ts';
import { withImageTree } from '../image/image-tree.ts';
import { writeExt4 } from '../tools/disk/ext4.ts';
import type { GuestKernel } from './prepare-guest-kernel.ts';

/** Kernel and initramfs that an image's firmware would start, as files of this machine. */
export interface ImageKernel {
  /** The file's name on the boot partition. */
  readonly name: string;
  readonly kernelPath: string;
  readonly initrdPath: string;
}

const MAX_BYTES = 256 * 1024 * 1024;
const OVERLAY = join(packageRoot, 'overlays/boot-test');
/** The initramfs of the boot test has it in /run, which Debian's makes a place where nothing runs. */
const FOLDER = '/usr/lib/wwanpi-probe';
const UNIT = 'wwanpi-probe.service';
const UNITS = '/etc/systemd/system';
const WANTS = `${UNITS}/sysinit.target.wants`;

/**
 * Reads the kernel and the initramfs that config.txt names (the firmware's own names otherwise) from the boot partition.
 * @throws InputError when there are none
 */
export async function readImageKernel(
  context: Context,
  disk: Disk,
  architecture: Architecture,
): Promise<ImageKernel> {
  return withImageTree(disk, async ({ fat }) => {
    const read = async (name: string) => {
      const node = await fat.root.find(name);
      if (node?.kind !== 'file') throw new InputError(`the boot partition of ${disk.path} has no ${name}`);
      return node.read(MAX_BYTES);
    };
    const { kernel, initramfs } = parseBootFiles(Buffer.from(await read('config.txt')).toString('utf8'));
    const kernelPath = join(context.tmpDir, 'image-vmlinuz');
    const initrdPath = join(context.tmpDir, 'image-initrd');
    const bytes = await read(kernel);
    await writeFile(kernelPath, architecture === 'arm64' ? replaceYields(bytes) : bytes);
    await writeFile(initrdPath, await read(initramfs));
    return { name: kernel, kernelPath, initrdPath };
  });
}

/** The files that a config.txt names; its sections ([pi4]) do not count. */
export function parseBootFiles(config: string): { readonly kernel: string; readonly initramfs: string } {
  const kernel = /^kernel=(\S+)\s*$/m.exec(config)?.[1];
  const initramfs = /^initramfs\s+(\S+)/m.exec(config)?.[1];
  if (kernel === undefined || initramfs === undefined)
    throw new InputError('config.txt names no kernel and initramfs, so the image starts no Debian kernel');
  return { kernel, initramfs };
}

/** Puts the probe onto a copy of an image: an initramfs of the image's own does not bring it. */
export async function putProbe(context: Context, copy: Disk, { busyboxPath }: GuestKernel): Promise<void> {
  const read = async (name: string) =>
    Buffer.from((await readFile(join(OVERLAY, name), 'utf8')).replaceAll('/run/wwanpi-probe', FOLDER));
  const hasWants = await withImageTree(copy, async ({ locate }) => (await locate(WANTS)).node !== undefined);
  // The driver of the port that it writes to comes with udev, so its first start may be too early.
  const unit = `${await read(UNIT)}Restart=on-failure\n`;
  const operations: Ext4Operation[] = [
    folder(FOLDER),
    file(`${FOLDER}/busybox`, 0o755, await readFile(busyboxPath)),
    file(`${FOLDER}/probe`, 0o644, await read('probe')),
    file(`${UNITS}/${UNIT}`, 0o644, Buffer.from(unit)),
    ...(hasWants ? [] : [folder(WANTS)]),
    { kind: 'symlink', path: `${WANTS}/${UNIT}`, target: `../${UNIT}` },
  ];
  const seconds = Math.floor(Date.now() / 1000);
  await writeExt4(context, copy, formatDebugfsScript(operations, seconds, true), seconds);
}

const ROOTS = { uid: 0, gid: 0 };

function folder(path: string): Ext4Operation {
  return { kind: 'mkdir', path, mode: 0o755, ...ROOTS };
}

function file(path: string, mode: number, content: Uint8Array): Ext4Operation {
  return { kind: 'write', path, mode, content, ...ROOTS };
}
