import type { TargetProfile } from '../base/targets.ts';
import type { Argv } from '../core/exec.ts';
import type { BuildCommand } from './toolchain.ts';

/** The folders and flags of one build. All paths are absolute. */
export interface BuildPlan {
  readonly sourceFolder: string;
  readonly buildFolder: string;
  readonly installFolder: string;
  /** First on PATH: `python`, and the recipe's files. */
  readonly toolsFolder: string;
  readonly sysroot: string;
  readonly pkgConfigFolder: string;
  readonly triplet: string;
  /** The cross compiler as an argv. */
  readonly clang: readonly string[];
  readonly cFlags: readonly string[];
  readonly linkFlags: readonly string[];
  readonly jobs: number;
  /** libqmi's own, see `BuildRecipe`. */
  readonly options: readonly string[];
}

/** How to run one build system. */
export interface BuildRecipe {
  /** libqmi's own options, whoever compiles. */
  readonly options: (target: Pick<TargetProfile, 'runtimePackages'>) => readonly string[];
  /** Executables and configuration put into the tools folder first. */
  readonly files: (plan: BuildPlan) => { readonly name: string; readonly text: string }[];
  readonly commands: (plan: BuildPlan) => readonly BuildCommand[];
}

const LLVM = {
  AR: 'llvm-ar',
  RANLIB: 'llvm-ranlib',
  NM: 'llvm-nm',
  STRIP: 'llvm-strip',
  OBJDUMP: 'llvm-objdump',
};

/**
 * The libraries that Debian's libqmi of a release links besides GLib. They decide which symbols it exports, and programs
 * compiled against Debian's libqmi need all of them.
 */
function findFeatures({ runtimePackages }: Pick<TargetProfile, 'runtimePackages'>) {
  const has = (prefix: string) => runtimePackages.some((name) => name.startsWith(prefix));
  return { mbim: has('libmbim-glib'), qrtr: has('libqrtr-glib') };
}

const AUTOTOOLS_OPTIONS: readonly string[] = [
  '--prefix=/usr',
  // With the multiarch folder, libtool would add an RPATH. The package moves the library there.
  '--libdir=/usr/lib',
  '--libexecdir=/usr/libexec',
  '--disable-static',
  // The default is -Werror, and GLib 2.74's headers cause warnings.
  '--enable-more-warnings=no',
  '--disable-gtk-doc',
  '--disable-dependency-tracking',
];

/** libqmi up to 1.28: ./configure && make, in the source folder. */
const autotools: BuildRecipe = {
  // From 1.26 on, configure turns QRTR on by itself if it finds the .pc file.
  options: (target) => [
    ...AUTOTOOLS_OPTIONS,
    findFeatures(target).mbim ? '--enable-mbim-qmux' : '--disable-mbim-qmux',
  ],
  // A wrapper instead of CC="clang --target=…", because libtool drops unknown flags when it links.
  files: ({ clang }) => [
    { name: 'wwanpi-cc', text: `#!/bin/sh\nexec ${clang.map(shellQuote).join(' ')} "$@"\n` },
  ],
  commands: (plan) => {
    // The host's glib-mkenums; the path in the .pc file is inside the sysroot.
    const variables = ['GLIB_MKENUMS=glib-mkenums'];
    const make = (folder: string, ...args: string[]): Argv => ['make', '-C', folder, ...variables, ...args];
    const folders = ['src', 'utils', 'docs/man'];
    return [
      {
        argv: [
          './configure',
          `--host=${plan.triplet}`,
          ...plan.options,
          'CC=wwanpi-cc',
          `CFLAGS=${plan.cFlags.join(' ')}`,
          `LDFLAGS=${plan.linkFlags.join(' ')}`,
          ...Object.entries(LLVM).map(([name, program]) => `${name}=${program}`),
          ...variables,
        ],
        cwd: plan.sourceFolder,
      },
      // A user's source tree may have objects and generated sources of another configuration.
      { argv: make('src', 'clean'), cwd: plan.sourceFolder },
      ...folders.map((folder) => ({
        argv: make(folder, `--jobs=${plan.jobs}`),
        cwd: plan.sourceFolder,
      })),
      ...folders.map((folder) => ({
        argv: make(folder, 'install', `DESTDIR=${plan.installFolder}`),
        cwd: plan.sourceFolder,
      })),
    ];
  },
};

const MESON_OPTIONS: readonly string[] = [
  '--prefix=/usr',
  '--libdir=lib',
  '--libexecdir=libexec',
  '--buildtype=plain',
  '--wrap-mode=nodownload',
  '-Dintrospection=false',
  '-Dgtk_doc=false',
  '-Dman=false',
  '-Dudev=false',
  '-Dbash_completion=false',
  // A program of its own, which no other uses.
  '-Dfirmware_update=false',
];

/** libqmi from 1.30 on. */
const meson: BuildRecipe = {
  options: (target) => {
    const { mbim, qrtr } = findFeatures(target);
    return [...MESON_OPTIONS, `-Dmbim_qmux=${mbim}`, `-Dqrtr=${qrtr}`];
  },
  files: (plan) => [{ name: 'cross.ini', text: formatCrossFile(plan) }],
  commands: (plan) => [
    {
      argv: [
        'meson',
        'setup',
        `--cross-file=${plan.toolsFolder}/cross.ini`,
        ...plan.options,
        plan.buildFolder,
        plan.sourceFolder,
      ],
      cwd: plan.buildFolder,
    },
    { argv: ['ninja', '-C', plan.buildFolder, `-j${plan.jobs}`], cwd: plan.buildFolder },
    {
      argv: ['meson', 'install', '-C', plan.buildFolder, '--no-rebuild', `--destdir=${plan.installFolder}`],
      cwd: plan.buildFolder,
    },
  ],
};

/** The two build systems of libqmi; its source tree decides which one is used. */
export const BUILD_RECIPES: Readonly<Record<'autotools' | 'meson', BuildRecipe>> = { autotools, meson };

/** https://mesonbuild.com/Cross-compilation.html */
function formatCrossFile(plan: BuildPlan): string {
  const list = (items: readonly string[]) => `[${items.map(mesonQuote).join(', ')}]`;
  return [
    '[binaries]',
    `c = ${list(plan.clang)}`,
    "ar = 'llvm-ar'",
    "strip = 'llvm-strip'",
    "pkgconfig = 'pkg-config'",
    '[properties]',
    `sys_root = ${mesonQuote(plan.sysroot)}`,
    `pkg_config_libdir = ${mesonQuote(plan.pkgConfigFolder)}`,
    '[built-in options]',
    `c_args = ${list(plan.cFlags)}`,
    `c_link_args = ${list(plan.linkFlags)}`,
    '[host_machine]',
    "system = 'linux'",
    "cpu_family = 'arm'",
    "cpu = 'arm'",
    "endian = 'little'",
    '',
  ].join('\n');
}

function mesonQuote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
