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
}

/** How to run one build system. */
export interface BuildRecipe {
  /** libqmi's own options. */
  readonly options: readonly string[];
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

/** libqmi's options for autotools, with every compiler. */
export const AUTOTOOLS_OPTIONS: readonly string[] = [
  '--prefix=/usr',
  // With the multiarch folder, libtool would add an RPATH. The package moves the library there.
  '--libdir=/usr/lib',
  '--libexecdir=/usr/libexec',
  '--disable-static',
  // The default is -Werror, and GLib 2.74's headers cause warnings.
  '--enable-more-warnings=no',
  '--disable-mbim-qmux',
  '--disable-gtk-doc',
  '--disable-dependency-tracking',
];

/** libqmi up to 1.28: ./configure && make, in the source folder. */
const autotools: BuildRecipe = {
  options: AUTOTOOLS_OPTIONS,
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
          ...AUTOTOOLS_OPTIONS,
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

/** libqmi's options for Meson, with every compiler. */
export const MESON_OPTIONS: readonly string[] = [
  '--prefix=/usr',
  '--libdir=lib',
  '--libexecdir=libexec',
  '--buildtype=plain',
  '--wrap-mode=nodownload',
  '-Dintrospection=false',
  '-Dgtk_doc=false',
  '-Dman=false',
  '-Dmbim_qmux=false',
  '-Dqrtr=false',
  '-Dudev=false',
  '-Dbash_completion=false',
  '-Dfirmware_update=false',
];

/** libqmi from 1.30 on. */
const meson: BuildRecipe = {
  options: MESON_OPTIONS,
  files: (plan) => [{ name: 'cross.ini', text: formatCrossFile(plan) }],
  commands: (plan) => [
    {
      argv: [
        'meson',
        'setup',
        `--cross-file=${plan.toolsFolder}/cross.ini`,
        ...MESON_OPTIONS,
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
