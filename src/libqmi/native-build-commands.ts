import type { BuildCommand } from './toolchain.ts';

/** The folders of a build, as paths inside the target's root. */
export const GUEST = {
  source: '/wwanpi/source',
  build: '/wwanpi/build',
  install: '/wwanpi/install',
  tools: '/wwanpi/tools',
} as const;

/** Compiler and flags, which both build systems read from CC, CFLAGS and LDFLAGS. */
export interface NativePlan {
  readonly cFlags: readonly string[];
  readonly linkFlags: readonly string[];
  readonly jobs: number;
  /** libqmi's own, the same as when it is cross-compiled. */
  readonly options: readonly string[];
}

/** The environment of every command: only the target's own compiler, nothing of the host. */
export function nativeEnv(plan: NativePlan, epoch: string): Record<string, string> {
  return {
    PATH: `${GUEST.tools}:/usr/bin:/bin:/usr/sbin:/sbin`,
    HOME: '/tmp',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    CC: 'gcc',
    CFLAGS: plan.cFlags.join(' '),
    LDFLAGS: plan.linkFlags.join(' '),
    SOURCE_DATE_EPOCH: epoch,
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONHASHSEED: '0',
  };
}

/** The commands that build libqmi as on the Pi itself. */
export const NATIVE_RECIPES: Readonly<
  Record<'autotools' | 'meson', (plan: NativePlan) => readonly BuildCommand[]>
> = {
  autotools: ({ jobs, options }) => {
    const make = (...args: string[]): BuildCommand => ({ argv: ['make', '-C', ...args], cwd: GUEST.source });
    const folders = ['src', 'utils', 'docs/man'];
    return [
      { argv: ['./configure', ...options], cwd: GUEST.source },
      make('src', 'clean'),
      ...folders.map((folder) => make(folder, `--jobs=${jobs}`)),
      ...folders.map((folder) => make(folder, 'install', `DESTDIR=${GUEST.install}`)),
    ];
  },
  meson: ({ jobs, options }) => [
    { argv: ['meson', 'setup', ...options, GUEST.build, GUEST.source], cwd: '/' },
    { argv: ['ninja', '-C', GUEST.build, `-j${jobs}`], cwd: '/' },
    { argv: ['meson', 'install', '-C', GUEST.build, '--no-rebuild', `--destdir=${GUEST.install}`], cwd: '/' },
  ],
};
