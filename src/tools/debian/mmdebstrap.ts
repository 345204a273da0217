import { join } from 'node:path';
import { ToolFailedError } from '../../core/errors.ts';
import type { Argv, Exec } from '../../core/exec.ts';
import { packageRoot } from '../../core/package.ts';
import { countOf, type Step } from '../../core/reporter.ts';
import { formatDeb822Sources } from '../../formats/debian/apt-sources.ts';
import { baseEnv } from '../child-env.ts';
import { findTimeLimit } from '../time-limits.ts';
import type { Apt } from './apt.ts';

/** The root that `makeRoot` installs. */
export interface MakeRootOptions {
  /** The new root; must not exist. */
  readonly folder: string;
  readonly packages: readonly string[];
  /** Options of dpkg that leave files out, as `LEFT_OUT`. */
  readonly leftOut: readonly string[];
  /** Programs run with the root as their argument: after extraction, and after the essential packages. */
  readonly extractHook: string;
  readonly essentialHook: string;
  readonly epochSeconds: number;
  /** How many packages there will be in all. */
  readonly totalPackages: number;
  /** Told how far it is. */
  readonly step: Pick<Step, 'update'>;
}

/** Part of mmdebstrap. */
const MERGED_USR_HOOKS = '/usr/share/mmdebstrap/hooks/merged-usr';

/** Not installed: the image has no pager for manuals, and one language. Licences are kept. */
export const LEFT_OUT = [
  'path-exclude=/usr/share/man/*',
  'path-exclude=/usr/share/info/*',
  'path-exclude=/usr/share/locale/*',
  'path-exclude=/usr/share/doc/*',
  'path-include=/usr/share/doc/*/copyright',
  'path-exclude=/usr/share/lintian/*',
  'path-exclude=/usr/share/bug/*',
];

/**
 * Hooks that let programs of this machine do what does not depend on the processor, such as unpacking. With all of it
 * emulated an installation takes more than twice as long. Debian's and Ubuntu's programs for x86-64 have their libraries
 * in folders that no Pi has.
 */
const NATIVE = join(packageRoot, 'overlays/native-programs');
const NATIVE_PATH = '/.wwanpi-native/bin';

const isAccelerated = (): boolean => process.arch === 'x64';

function listNativeOptions(): string[] {
  if (!isAccelerated()) return [];
  return [
    ...['extract', 'essential', 'customize'].map((name) => `--${name}-hook=${join(NATIVE, name)}.sh`),
    // apt's own value (apt.conf(5)), with that folder before it.
    `--aptopt=DPkg::Path "${NATIVE_PATH}:/usr/sbin:/usr/bin:/sbin:/bin"`,
  ];
}

/**
 * New mount and process namespaces: when mmdebstrap is stopped, none of its processes keep running and nothing is
 * still mounted in the folder, which is then deleted. mmdebstrap in mode root ensures neither by itself.
 */
const OWN_NAMESPACES: Argv = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Installs a foreign Debian into a folder (mmdebstrap(1), mode root). Needs root and qemu-user binfmt. */
export async function makeRoot(apt: Apt, options: MakeRootOptions): Promise<void> {
  await apt.context.exec(
    [
      ...((await canUnshare(apt.context.exec)) ? OWN_NAMESPACES : (['env'] as const)),
      'mmdebstrap',
      '--mode=root',
      '--format=directory',
      // What apt and dpkg do, line by line; without a terminal there is no other way to follow them.
      '--verbose',
      '--variant=apt',
      `--architectures=${apt.architecture}`,
      `--include=${options.packages.join(',')}`,
      ...apt.transport.map((line) => `--aptopt=${line.replace(/;$/, '')}`),
      '--aptopt=Apt::Install-Recommends "false"',
      // A power cut here costs a rebuild, but no data.
      '--dpkgopt=force-unsafe-io',
      ...options.leftOut.map((option) => `--dpkgopt=${option}`),
      // Merges /usr by links; otherwise the package usrmerge does so, slowly, and brings in perl.
      `--hook-dir=${MERGED_USR_HOOKS}`,
      `--extract-hook=${options.extractHook}`,
      `--essential-hook=${options.essentialHook}`,
      ...listNativeOptions(),
      apt.codename,
      options.folder,
      '-',
    ],
    {
      input: formatDeb822Sources(apt.sources, 'deb'),
      env: {
        SOURCE_DATE_EPOCH: String(options.epochSeconds),
        // The essential packages' dpkg has the path of mmdebstrap itself; the folder is in the new root only.
        PATH: [...(isAccelerated() ? [NATIVE_PATH] : []), baseEnv().PATH].join(':'),
      },
      // The first word is the program that starts it.
      timeoutMs: findTimeLimit(['mmdebstrap']),
      onLine: followPackages(options.step, options.totalPackages),
    },
  );
}

/** dpkg unpacks and sets up the essential packages first, then the others; it names each in a line of its own. */
function followPackages({ update }: Pick<Step, 'update'>, total: number): (line: string) => void {
  const counts = { Unpacking: 0, 'Setting up': 0 };
  return (line) => {
    const did = /^(Unpacking|Setting up) \S/.exec(line)?.[1] as keyof typeof counts | undefined;
    if (did !== undefined) {
      counts[did] += 1;
      const [count, fields] = countOf(Math.min(counts[did], total), total, 'packages');
      update(`${did === 'Unpacking' ? 'unpacking' : 'setting up'} ${count}`, fields);
    } else if (/^I: (?:downloading|extracting|installing) [\w ]+/.test(line)) {
      update(line.replace(/^I: |\.\.\.$/g, ''), {});
    }
  };
}

/**
 * False for root in a container without CAP_SYS_ADMIN, the default of Docker and Podman. There mmdebstrap detects that
 * it cannot mount either, and the container's process namespace ends its processes.
 */
async function canUnshare(exec: Exec): Promise<boolean> {
  try {
    await exec([...OWN_NAMESPACES, 'true']);
    return true;
  } catch (error) {
    if (error instanceof ToolFailedError) return false;
    throw error;
  }
}
