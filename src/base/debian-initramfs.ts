import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import type { Context } from '../core/context.ts';
import { VerificationError } from '../core/errors.ts';
import { formatNewc, type NewcEntry } from '../formats/newc.ts';
import { resolveModules } from '../tools/kmod.ts';
import { decompressXz } from '../tools/xz.ts';
import { findOverlayFile } from './debian-overlay.ts';
import type { DebianRecipe } from './debian-recipes.ts';

/** What an initramfs is made of. */
export interface InitramfsInputs {
  /** A root file system with the kernel's modules. */
  readonly root: string;
  /** The kernel's release, `6.1.0-50-armmp`. */
  readonly release: string;
  /** A static program. */
  readonly busybox: string;
  readonly recipe: Pick<DebianRecipe, 'initramfsModules' | 'overlays'>;
  readonly epochSeconds: number;
}

/** The image needs these to use the modem; a new kernel without one of them must fail here. */
const MODEM_MODULES = [
  ...['option', 'qmi_wwan', 'cdc_wdm', 'cdc_mbim', 'usbserial', 'usbnet', 'usb_storage'],
  ...['xhci_pci', 'vfat'],
];

/**
 * Makes a small initramfs that loads drivers for disks and hands over to the root.
 * @throws ToolFailedError when the kernel lacks a driver of the disks or the modem
 */
export async function makeInitramfs(context: Context, inputs: InitramfsInputs): Promise<Buffer> {
  const { root, release, recipe, epochSeconds } = inputs;
  await resolveModules(context, root, release, MODEM_MODULES);
  const modules = await resolveModules(context, root, release, recipe.initramfsModules);
  return gzipSync(formatNewc(await listEntries(context, inputs, modules), epochSeconds), { level: 9 });
}

async function listEntries(
  context: Context,
  { root, busybox, recipe }: InitramfsInputs,
  modules: readonly string[],
): Promise<NewcEntry[]> {
  // BusyBox's insmod does not hand over a compressed one as the kernel wants it (finit_module(2)).
  const names = modules.map((path) => basename(path, '.xz'));
  if (new Set(names).size !== names.length) {
    throw new VerificationError(`two modules of the initramfs have the same name: ${names.join(' ')}`);
  }
  const file = async (path: string, mode: number, source: string): Promise<NewcEntry> => ({
    kind: 'file',
    path,
    mode,
    content: await readFile(source),
  });
  const drivers: NewcEntry[] = [];
  for (const path of modules) {
    const content = await readModule(context, join(root, path));
    drivers.push({ kind: 'file', path: `modules/${basename(path, '.xz')}`, mode: 0o644, content });
  }
  const folders = ['bin', 'dev', 'modules', 'proc', 'root', 'sys'];
  const applets = [
    ...['basename', 'cat', 'dd', 'echo', 'findfs', 'hexdump', 'insmod', 'ls', 'mount', 'reboot', 'sh'],
    ...['sleep', 'switch_root', 'tr', 'umount', '['],
  ];
  return [
    ...folders.map((path) => ({ kind: 'directory' as const, path, mode: 0o755 })),
    await file('bin/busybox', 0o755, busybox),
    ...applets.map((name) => ({ kind: 'symlink' as const, path: `bin/${name}`, target: 'busybox' })),
    await file('init', 0o755, findOverlayFile(recipe, 'initramfs/init')),
    ...drivers,
    { kind: 'file', path: 'modules/order', mode: 0o644, content: Buffer.from(`${names.join('\n')}\n`) },
  ];
}

async function readModule(context: Context, path: string): Promise<Buffer> {
  if (!path.endsWith('.xz')) return readFile(path);
  return decompressXz(path, context.signal, buffer);
}
