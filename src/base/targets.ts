import { InputError } from '../core/errors.ts';
import type { Architecture, OsRelease } from '../core/model.ts';
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

/** One release of one distribution for one architecture. */
interface Release {
  readonly name: string;
  /** The Pis it boots on. */
  readonly models: readonly PiModel[];
  readonly osId: string;
  readonly codename: string;
  readonly architecture: Architecture;
}

/** A release whose own libqmi dials; wwanpi compiles nothing for it. */
export interface StockTarget extends Release {
  readonly kind: 'stock';
  /** What its processors can run, where packages of another archive would run on fewer. */
  readonly limits?: ElfLimits;
}

/** A release that images can be made from. */
export type Target = TargetProfile | StockTarget;

/** How to compile for one release of one distribution, and which code its machines can run. */
export interface TargetProfile extends Release {
  readonly kind: 'compiled';
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

/** The Pi 1 and Zero. */
const ARMV6: ElfLimits = {
  name: 'ARMv6 with VFPv2',
  cpuArchs: [1, 2, 3, 4, 5, 6, 7, 9],
  fpArchs: [0, 1, 2],
  thumb2: false,
};

/** The releases that wwanpi compiles libqmi for. */
export const COMPILED_TARGETS: readonly [TargetProfile, TargetProfile] = [
  {
    kind: 'compiled',
    name: 'Raspbian 9 (stretch)',
    // This release is older than the Pi 4.
    models: ['pi1-32bit', 'pi2-32bit', 'pi3-32bit'],
    osId: 'raspbian',
    codename: 'stretch',
    architecture: 'armhf',
    triplet: 'arm-linux-gnueabihf',
    clangFlags: ['--target=arm-linux-gnueabihf', '-march=armv6', '-mfpu=vfp', '-mfloat-abi=hard', '-marm'],
    // The ARM1176JZF-S of the Pi 1 and Zero is a v6KZ, so v6K and v6KZ run too.
    qemuCpu: 'arm1176',
    limits: ARMV6,
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
    kind: 'compiled',
    name: 'Debian 12 (bookworm)',
    models: ['pi2-32bit', 'pi3-32bit'],
    osId: 'debian',
    codename: 'bookworm',
    architecture: 'armhf',
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

/** Those that start with Debian's kernel, too. */
const ARM64_MODELS: readonly PiModel[] = ['pi3-64bit', 'pi4-64bit'];
const RASPBIAN_MODELS: readonly PiModel[] = ['pi1-32bit', 'pi2-32bit', 'pi3-32bit', 'pi4-32bit'];

/** Every release wwanpi builds for. */
export const TARGETS: readonly Target[] = [
  ...COMPILED_TARGETS,
  // Raspberry Pi OS for 64 bit calls itself debian; its packages are Debian's and some of Raspberry Pi's.
  stock('Debian 12 (bookworm), 64 bit', 'debian', 'bookworm', 'arm64', ARM64_MODELS),
  stock('Debian 13 (trixie)', 'debian', 'trixie', 'armhf', ['pi2-32bit', 'pi3-32bit']),
  stock('Debian 13 (trixie), 64 bit', 'debian', 'trixie', 'arm64', ARM64_MODELS),
  { ...stock('Raspbian 12 (bookworm)', 'raspbian', 'bookworm', 'armhf', RASPBIAN_MODELS), limits: ARMV6 },
  { ...stock('Raspbian 13 (trixie)', 'raspbian', 'trixie', 'armhf', RASPBIAN_MODELS), limits: ARMV6 },
];

/** The target for a release; undefined if wwanpi does not build for it. */
export function lookUpTarget(
  { id, codename }: Pick<OsRelease, 'id' | 'codename'>,
  architecture: Architecture,
): Target | undefined {
  return TARGETS.find(
    (each) => each.osId === id && each.codename === codename && each.architecture === architecture,
  );
}

/**
 * Finds the target for a base image.
 * @throws InputError for a release wwanpi does not build for
 */
export function findTarget(os: OsRelease, architecture: Architecture): Target {
  const target = lookUpTarget(os, architecture);
  if (target !== undefined) return target;
  throw new InputError(
    `the base image holds ${os.prettyName} for ${architecture}, which wwanpi does not build for`,
    { hint: `use a base with one of: ${TARGETS.map(({ name }) => name).join(', ')}` },
  );
}

function stock(
  name: string,
  osId: string,
  codename: string,
  architecture: Architecture,
  models: readonly PiModel[],
): StockTarget {
  return { kind: 'stock', name, osId, codename, architecture, models };
}
