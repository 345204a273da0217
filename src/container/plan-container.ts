import { resolve } from 'node:path';
import { findBase } from '../base/bases.ts';
import { findScenario } from '../boot/scenarios.ts';
import type { Mount } from '../tools/container.ts';

/**
 * What an option of a command is to a container: a file or folder to read, a folder to write into, a file to write (its
 * folder is mounted), or the name of a base or scenario, which is a file to read where none has that name.
 */
export type PathKind = 'read' | 'write-folder' | 'write-file' | 'base' | 'scenario';

/** What the container planner must know of a command. */
export interface CommandPaths {
  readonly command: string;
  /** A path given as a word of its own, before the options. */
  readonly positional?: string;
  /** Options that are paths, camel case; all others go on as they are. */
  readonly options: Readonly<Record<string, PathKind>>;
}

/** A run of wwanpi in a container, decided. */
export interface ContainerPlan {
  /** The same command, every path absolute; secrets are not in it. */
  readonly args: readonly string[];
  /** Sorted by path, each path once. */
  readonly mounts: readonly Mount[];
  /** Options that were moved out of the command line: variable → value. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly faults: readonly string[];
}

/** Options that choose the container; the command inside does not get them. */
const OF_THE_CONTAINER = ['in', 'containerImage'];
const OF_YARGS = ['_', '$0', 'help', 'h', 'version'];

/**
 * Plans how a command's options get into a container. Every path keeps its name, so that messages hold outside as well;
 * inputs are mounted each by itself and read-only, and only folders that get results can be written.
 * @param options as yargs parsed them, camel case
 * @param secretVariables option → variable that may hold it in its place
 * @param more inputs that no option names, such as what a fleet file names
 */
export function planContainer(
  command: CommandPaths,
  options: Readonly<Record<string, unknown>>,
  secretVariables: Readonly<Record<string, string>>,
  more: readonly string[] = [],
): ContainerPlan {
  const args = [command.command];
  const secrets: Record<string, string> = {};
  const mounts: Mount[] = more.map((path) => ({ path, writable: false }));
  const flags: string[] = [];
  for (const [name, value] of Object.entries(options)) {
    const isTwin = name.includes('-');
    if (value === undefined || isTwin || OF_THE_CONTAINER.includes(name) || OF_YARGS.includes(name)) continue;
    const variable = secretVariables[name];
    if (variable !== undefined) {
      secrets[variable] = String(value);
      continue;
    }
    const kind = name === command.positional ? 'read' : command.options[name];
    const values = (Array.isArray(value) ? value : [value]).map((each) => {
      const path = kind === undefined ? undefined : pathOf(kind, each);
      if (kind === undefined || path === undefined) return each;
      mounts.push(mountOf(kind, path));
      return path;
    });
    if (name === command.positional) args.push(...values.map(String));
    else flags.push(...values.map((each) => formatOption(name, each)));
  }
  return { args: [...args, ...flags], mounts: mergeMounts(mounts), secrets, faults: findMountFaults(mounts) };
}

/** `--name=value` as yargs reads it back; switches as `--name` and `--no-name`. */
export function formatOption(name: string, value: unknown): string {
  const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (typeof value === 'boolean') return value ? `--${flag}` : `--no-${flag}`;
  const text = String(value);
  // yargs-parser takes a pair of quotes off.
  const quoted = /^(['"])[\s\S]*\1$/.test(text) && text.length > 1 ? `"${text}"` : text;
  return `--${flag}=${quoted}`;
}

function pathOf(kind: PathKind, value: unknown): string | undefined {
  const text = String(value);
  // An empty one is a fault, which the command itself tells of.
  if (text === '') return undefined;
  if (kind === 'base' && findBase(text) !== undefined) return undefined;
  if (kind === 'scenario' && findScenario(text) !== undefined) return undefined;
  return resolve(text);
}

function mountOf(kind: PathKind, path: string): Mount {
  if (kind === 'write-file') return { path: resolve(path, '..'), writable: true };
  return { path, writable: kind === 'write-folder' };
}

function mergeMounts(mounts: readonly Mount[]): Mount[] {
  const writable = new Map<string, boolean>();
  for (const mount of mounts) writable.set(mount.path, mount.writable || writable.get(mount.path) === true);
  return [...writable]
    .map(([path, isWritable]) => ({ path, writable: isWritable }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Folders of the container itself that what is mounted must not hide. */
const NEEDED = [
  ...[
    '/bin',
    '/dev',
    '/etc',
    '/lib',
    '/opt/wwanpi',
    '/proc',
    '/sbin',
    '/sys',
    '/usr/bin',
    '/usr/lib',
    '/usr/local',
  ],
  ...['/usr/sbin', '/usr/share', '/var/lib'],
];
/** Below these nothing of the host can be mounted in a sensible way. */
const CLOSED = ['/dev', '/proc', '/sys'];

function findMountFaults(mounts: readonly Mount[]): string[] {
  const hides = (path: string) =>
    NEEDED.some((needed) => needed === path || needed.startsWith(path === '/' ? '/' : `${path}/`)) ||
    CLOSED.some((closed) => path.startsWith(`${closed}/`));
  const faults = mounts
    .filter(({ path }) => hides(path))
    .map(
      ({ path }) =>
        `${path} can't be mounted into a container, which has one of its own; take another folder`,
    );
  return [...new Set(faults)];
}
