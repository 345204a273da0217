import type { Context } from '../core/context.ts';
import { ToolMissingError } from '../core/errors.ts';
import type { Argv } from '../core/exec.ts';
import type { KnownVersions } from './tool-versions.ts';

/** The work that needs a program: `image` is in every build, the others only in some. */
export type Purpose =
  | 'image'
  | 'libqmi'
  | 'libqmi-autotools'
  | 'libqmi-meson'
  /** Packages of the base's own sources. */
  | 'packages'
  /** libqmi compiled by the target's own compiler. */
  | 'libqmi-qemu'
  | 'debian-base'
  | 'flash'
  | 'flash-xz'
  | 'flash-zst'
  | 'pack-zstd'
  | 'boot'
  /** Boot tests with a qmicli that sends the same bytes as libqmi 1.16.2. */
  | 'boot-broken-libqmi'
  | 'sign-gpg'
  | 'sign-minisign';

/** A program of the host that wwanpi runs. */
export interface HostTool {
  readonly program: string;
  /** The Debian package that has it. */
  readonly debianPackage: string;
  /** Completes "… is required". */
  readonly reason: string;
  readonly purposes: readonly Purpose[];
  /** Prints a version and exits 0; some print it to standard error. */
  readonly versionArgv: Argv;
}

/** Every program wwanpi runs on the host. The Makefile's package list is checked against it by a test. */
export const HOST_TOOLS: readonly HostTool[] = [
  tool('debugfs', 'e2fsprogs', 'to write into the ext4 root without mounting it', ['image'], '-V'),
  tool('e2fsck', 'e2fsprogs', 'to check the root after writing', ['image'], '-V'),
  tool('resize2fs', 'e2fsprogs', 'to grow a root that has no room left', ['image'], '-h'),
  tool('mcopy', 'mtools', 'to write into the FAT boot partition without mounting it', ['image'], '--version'),
  tool('fsck.fat', 'dosfstools', 'to check the boot partition after writing', ['image'], '-n', '/dev/null'),
  tool('openssl', 'openssl', "to hash the user's password as crypt(3) does", ['image'], 'version'),
  tool('clang', 'clang', 'to compile libqmi for the Pi', ['libqmi', 'boot-broken-libqmi'], '--version'),
  tool('ld.lld', 'lld', 'to link libqmi for the Pi', ['libqmi', 'boot-broken-libqmi'], '--version'),
  tool('llvm-strip', 'llvm', 'to strip libqmi', ['libqmi'], '--version'),
  tool('qemu-arm-static', 'qemu-user-static', 'to run the compiled qmicli once', ['libqmi'], '--version'),
  tool('pkg-config', 'pkg-config', "to find the sysroot's GLib", ['libqmi'], '--version'),
  tool('python3', 'python3', "to run libqmi's code generator", ['libqmi'], '--version'),
  tool('glib-mkenums', 'libglib2.0-dev-bin', "to generate libqmi's enumerations", ['libqmi'], '--version'),
  tool(
    'apt-get',
    'apt',
    'to fetch GLib headers and Debian packages',
    ['libqmi', 'packages', 'debian-base', 'boot'],
    '--version',
  ),
  tool('dpkg-deb', 'dpkg', 'to unpack Debian packages', ['libqmi', 'debian-base', 'boot'], '--version'),
  tool('tar', 'tar', "to unpack libqmi's source", ['libqmi'], '--version'),
  tool('xz', 'xz-utils', 'to decompress .xz files', ['libqmi', 'flash-xz', 'boot'], '--version'),
  tool('lsblk', 'util-linux', 'to see which devices there are', ['flash'], '--version'),
  tool('make', 'make', 'to build libqmi 1.16.0', ['libqmi-autotools'], '--version'),
  tool('meson', 'meson', "to build Debian's libqmi", ['libqmi-meson'], '--version'),
  tool('ninja', 'ninja-build', "to build Debian's libqmi", ['libqmi-meson'], '--version'),
  tool('bwrap', 'bubblewrap', "to run the target's own compiler", ['libqmi-qemu'], '--version'),
  tool('mmdebstrap', 'mmdebstrap', 'to make a Debian base', ['debian-base'], '--version'),
  tool('sfdisk', 'fdisk', 'to partition a Debian base', ['debian-base'], '--version'),
  tool('mke2fs', 'e2fsprogs', 'to make the root of a Debian base', ['debian-base'], '-V'),
  tool('mkfs.fat', 'dosfstools', 'to make the boot partition of a Debian base', ['debian-base'], '--help'),
  tool('modprobe', 'kmod', 'to pick the modules of the initramfs', ['debian-base', 'boot'], '--version'),
  tool('depmod', 'kmod', "to index the kernel's modules", ['debian-base', 'boot'], '--version'),
  tool('unshare', 'util-linux', "to keep mmdebstrap's mounts private", ['debian-base'], '--version'),
  tool('update-binfmts', 'binfmt-support', "to let the Pi's programs run here", ['debian-base'], '--version'),
  tool('arch-test', 'arch-test', "to see whether the Pi's programs run here", ['debian-base'], '--version'),
  tool('zstd', 'zstd', 'to compress or decompress a .img.zst', ['pack-zstd', 'flash-zst'], '--version'),
  tool('qemu-system-arm', 'qemu-system-arm', 'to boot an armhf image', ['boot'], '--version'),
  tool('qemu-system-aarch64', 'qemu-system-arm', 'to boot an arm64 image', ['boot'], '--version'),
  tool('gpg', 'gnupg', 'to sign with a gpg key', ['sign-gpg'], '--version'),
  tool('minisign', 'minisign', 'to sign with a minisign key', ['sign-minisign'], '-v'),
  tool(
    'setpriv',
    'util-linux',
    'to end every program when wwanpi ends, even if it is killed',
    ['image', 'boot'],
    '--version',
  ),
];

/** Whether one host tool is installed, and its version. */
export interface ToolStatus {
  readonly tool: HostTool;
  /** First line with a digit of its version output; undefined if it is not installed. */
  readonly version: string | undefined;
}

/**
 * Finds the version of every tool of the given purposes.
 * @param known what need not be asked again
 */
export async function probeHostTools(
  context: Context,
  purposes: ReadonlySet<Purpose>,
  known?: KnownVersions,
): Promise<ToolStatus[]> {
  const wanted = HOST_TOOLS.filter((entry) => entry.purposes.some((purpose) => purposes.has(purpose)));
  return Promise.all(
    wanted.map(async (entry) => {
      const before = await known?.find(entry.program);
      if (before !== undefined) return { tool: entry, version: before };
      const version = await probeVersion(context, entry);
      if (version !== undefined) await known?.keep(entry.program, version);
      return { tool: entry, version };
    }),
  );
}

/** @throws ToolMissingError naming every missing program, why it is needed and the packages to install. */
export function requireHostTools(statuses: readonly ToolStatus[]): void {
  const missing = statuses.filter((status) => status.version === undefined).map((status) => status.tool);
  if (missing.length === 0) return;
  throw new ToolMissingError(
    missing.map((entry) => `${entry.program} is required ${entry.reason}`).join('\n'),
    { hint: `apt-get install ${packagesOfMissing(statuses).join(' ')}` },
  );
}

/** The Debian packages of the tools that are not installed, sorted. */
export function packagesOfMissing(statuses: readonly ToolStatus[]): string[] {
  const missing = statuses.filter((status) => status.version === undefined);
  return [...new Set(missing.map((status) => status.tool.debianPackage))].sort();
}

function tool(
  program: string,
  debianPackage: string,
  reason: string,
  purposes: readonly Purpose[],
  ...versionArguments: string[]
): HostTool {
  return { program, debianPackage, reason, purposes, versionArgv: [program, ...versionArguments] };
}

async function probeVersion(context: Context, entry: HostTool): Promise<string | undefined> {
  try {
    // fsck.fat, mkfs.fat and resize2fs have no version option; they print their version, then fail.
    const { stdout, stderr } = await context.exec(entry.versionArgv, {
      okExitCodes: [1, 2],
      timeoutMs: 120_000,
    });
    const lines = `${stdout}\n${stderr}`.split('\n').map((text) => text.trim());
    return lines.find((text) => /\d/.test(text)) ?? lines.find((text) => text !== '') ?? 'version unknown';
  } catch (error) {
    if (error instanceof ToolMissingError) return undefined;
    throw error;
  }
}
