import { InputError } from '../core/errors.ts';
import type { OsRelease } from '../core/model.ts';
import type { ElfLimits } from '../formats/elf/elf-faults.ts';
import type { PiModel } from '../formats/release-files/os-list.ts';

/** Where a target's libqmi comes from without --libqmi-source. */
export type LibqmiOrigin =
  | {
      readonly kind: 'tarball';
      readonly version: string;
      /** Official address first, then mirrors. */
      readonly urls: readonly string[];
      readonly sha256: string;
      readonly sizeBytes: number;
    }
  | { readonly kind: 'debian-source'; readonly packageName: string };

/** Where `--builder qemu` gets a compiler that runs on the target itself. */
export type NativeCompiler =
  | {
      readonly kind: 'packages';
      /** armhf packages of `debianCodename`, unpacked over a copy of the base. */
      readonly packages: readonly string[];
    }
  | {
      readonly kind: 'own';
      /** Absolute paths of the files that the base needs to compile by itself. GLib's headers come from the sysroot. */
      readonly files: readonly string[];
    };

/** How to compile for one release of one distribution, and which code its machines can run. */
export interface TargetProfile {
  readonly name: string;
  /** The Pis it boots on. */
  readonly models: readonly PiModel[];
  readonly osId: string;
  readonly codename: string;
  /** GNU triplet, as in /usr/lib/arm-linux-gnueabihf. */
  readonly triplet: 'arm-linux-gnueabihf';
  /** clang's target and code generation flags, apart from the sysroot. */
  readonly clangFlags: readonly string[];
  /** The oldest processor of the target, for qemu-arm -cpu. */
  readonly qemuCpu: string;
  readonly limits: ElfLimits;
  /** The release of Debian whose headers are used. */
  readonly debianCodename: string;
  /** armhf packages of that release that complete the sysroot; the base has the rest. */
  readonly devPackages: readonly string[];
  /**
   * Origin of the start files, the C library's static part and libgcc: the `devPackages`, or the base. With `base`, the
   * `devPackages` give only headers.
   */
  readonly startFiles: 'packages' | 'base';
  /** armhf packages of that release that libqmi links as Debian's does; they go into the image with it. */
  readonly runtimePackages: readonly string[];
  readonly native: NativeCompiler;
  readonly libqmi: LibqmiOrigin;
}

/** Every release wwanpi builds for. */
export const TARGETS: readonly TargetProfile[] = [
  {
    name: 'Raspbian 9 (stretch)',
    // This release is older than the Pi 4.
    models: ['pi1-32bit', 'pi2-32bit', 'pi3-32bit'],
    osId: 'raspbian',
    codename: 'stretch',
    triplet: 'arm-linux-gnueabihf',
    clangFlags: ['--target=arm-linux-gnueabihf', '-march=armv6', '-mfpu=vfp', '-mfloat-abi=hard', '-marm'],
    // The ARM1176JZF-S of the Pi 1 and Zero is a v6KZ, so v6K and v6KZ run too.
    qemuCpu: 'arm1176',
    limits: {
      name: 'ARMv6 with VFPv2',
      cpuArchs: [1, 2, 3, 4, 5, 6, 7, 9],
      fpArchs: [0, 1, 2],
      thumb2: false,
    },
    debianCodename: 'bookworm',
    devPackages: ['libc6-dev', 'linux-libc-dev', 'libglib2.0-dev'],
    // Lite has libc6-dev and gcc-6, and Debian's code is ARMv7. The headers are of a newer C library; the linker and the
    // ELF check refuse functions that the base lacks.
    startFiles: 'base',
    // Debian's libmbim is ARMv7. libqmi 1.16 exports the same without it.
    runtimePackages: [],
    // Many mirrors no longer have Raspbian's archive, and Debian's compiler is built for ARMv7.
    native: {
      kind: 'own',
      files: [
        '/usr/bin/gcc',
        '/usr/lib/gcc/arm-linux-gnueabihf/6/cc1',
        '/usr/bin/as',
        '/usr/bin/ld',
        '/usr/include/stdio.h',
        '/usr/lib/arm-linux-gnueabihf/crt1.o',
        '/usr/bin/make',
        '/usr/bin/pkg-config',
        '/usr/bin/python3',
      ],
    },
    libqmi: {
      kind: 'tarball',
      version: '1.16.0',
      urls: [
        'https://www.freedesktop.org/software/libqmi/libqmi-1.16.0.tar.xz',
        'https://ftp.osuosl.org/pub/blfs/conglomeration/libqmi/libqmi-1.16.0.tar.xz',
        'https://ftp.lfs-matrix.net/pub/blfs/conglomeration/libqmi/libqmi-1.16.0.tar.xz',
      ],
      sha256: '7ab6bb47fd23bf4d3fa17424e40ea5552d08b19e5ee4f125f21f316c8086ba2a',
      sizeBytes: 734_280,
    },
  },
  {
    name: 'Debian 12 (bookworm)',
    models: ['pi2-32bit', 'pi3-32bit'],
    osId: 'debian',
    codename: 'bookworm',
    triplet: 'arm-linux-gnueabihf',
    clangFlags: [
      '--target=arm-linux-gnueabihf',
      '-march=armv7-a',
      '-mfpu=vfpv3-d16',
      '-mfloat-abi=hard',
      '-mthumb',
    ],
    qemuCpu: 'cortex-a7',
    limits: {
      name: 'ARMv7-A with VFPv3-D16',
      cpuArchs: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      fpArchs: [0, 1, 2, 4],
      thumb2: true,
    },
    debianCodename: 'bookworm',
    devPackages: [
      ...['libc6-dev', 'linux-libc-dev', 'libgcc-12-dev', 'libglib2.0-dev'],
      ...['libmbim-glib-dev', 'libqrtr-glib-dev'],
    ],
    runtimePackages: ['libmbim-glib4', 'libmbim-proxy', 'libqrtr-glib0'],
    startFiles: 'packages',
    native: {
      kind: 'packages',
      packages: [
        'gcc',
        'libc6-dev',
        'libglib2.0-dev',
        'libmbim-glib-dev',
        'libqrtr-glib-dev',
        'make',
        'meson',
        'ninja-build',
        'pkg-config',
        'python3',
      ],
    },
    libqmi: { kind: 'debian-source', packageName: 'libqmi' },
  },
];

/**
 * Finds the profile for a base image.
 * @throws InputError for a release wwanpi does not build for
 */
export function findTarget(os: OsRelease): TargetProfile {
  const target = TARGETS.find(({ osId, codename }) => osId === os.id && codename === os.codename);
  if (target !== undefined) return target;
  throw new InputError(`the base image holds ${os.prettyName}, which wwanpi does not build for`, {
    hint: `use a base with one of: ${TARGETS.map(({ name }) => name).join(', ')}`,
  });
}
