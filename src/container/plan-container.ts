import { resolve } from 'node:path';
import { findBase } from '../base/bases.ts';
import { findScenario } from '../boot/scenarios.ts';
import { formatIssue, type Issue } from '../formats/issues.ts';
import { printable } from '../formats/printable.ts';
import type { CommandPaths } from '../options/command.ts';
import { isPackageFile, type PathKind, toKebab } from '../options/option.ts';
import type { Mount } from '../tools/container.ts';

/** The plan of a run of wwanpi in a container. */
export interface ContainerPlan {
  /** The same command with absolute paths and without secrets. */
  readonly args: readonly string[];
  /** Sorted by path, each path once. */
  readonly mounts: readonly Mount[];
  /** Options that are passed in the environment instead of the command line: variable → value. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Paths that cannot be mounted into a container. */
  readonly issues: readonly Issue[];
}

/** A mount, and the option that needs it; undefined for an argument or a path of a fleet file. */
interface NamedMount extends Mount {
  readonly option: string | undefined;
}

/** Options that choose the container; the command inside does not get them. */
const OF_THE_CONTAINER = ['in', 'containerImage'];
const OF_YARGS = ['_', '$0', 'help', 'h', 'version'];

/**
 * Plans how a command's options get into a container. Every path keeps its name, so that messages are right outside,
 * too. Each input is mounted separately and read-only; only folders for results are writable.
 * @param options as yargs parsed them, camel case
 * @param secretVariables option → variable that may hold its value instead
 * @param more further inputs, such as the files that a fleet file names
 */
export function planContainer(
  command: CommandPaths,
  options: Readonly<Record<string, unknown>>,
  secretVariables: Readonly<Record<string, string>>,
  more: readonly string[] = [],
): ContainerPlan {
  const args = [command.command];
  const secrets: Record<string, string> = {};
  const mounts: NamedMount[] = more.map((path) => ({ path, writable: false, option: undefined }));
  const flags: string[] = [];
  for (const [name, value] of Object.entries(options)) {
    const isTwin = name.includes('-');
    if (value === undefined || isTwin || OF_THE_CONTAINER.includes(name) || OF_YARGS.includes(name)) continue;
    const variable = secretVariables[name];
    if (variable !== undefined) {
      secrets[variable] = String(value);
      continue;
    }
    const isArgument = command.args.includes(name);
    const kind = isArgument ? 'read' : command.options[name];
    const values = (Array.isArray(value) ? value : [value]).map((each) => {
      const path = kind === undefined ? undefined : getPath(kind, each);
      if (kind === undefined || path === undefined) return each;
      mounts.push({ ...getMount(kind, path), option: isArgument ? undefined : toKebab(name) });
      return path;
    });
    if (isArgument) args.push(...values.map(String));
    else flags.push(...values.map((each) => formatOption(name, each)));
  }
  return { args: [...args, ...flags], mounts: mergeMounts(mounts), secrets, issues: findMountIssues(mounts) };
}

/** Formats an option so that yargs parses it to the same value: `--name=value`; a switch as `--name` or `--no-name`. */
export function formatOption(name: string, value: unknown): string {
  const flag = toKebab(name);
  if (typeof value === 'boolean') return value ? `--${flag}` : `--no-${flag}`;
  const text = String(value);
  // yargs-parser removes a pair of quotes.
  const quoted = /^(['"])[\s\S]*\1$/.test(text) && text.length > 1 ? `"${text}"` : text;
  return `--${flag}=${quoted}`;
}

function getPath(kind: PathKind, value: unknown): string | undefined {
  const text = String(value);
  // The command itself reports an empty path.
  if (text === '') return undefined;
  if (kind === 'base' && findBase(text) !== undefined) return undefined;
  if (kind === 'package' && !isPackageFile(text)) return undefined;
  if (kind === 'scenario' && findScenario(text) !== undefined) return undefined;
  return resolve(text);
}

function getMount(kind: PathKind, path: string): Mount {
  if (kind === 'write-file') return { path: resolve(path, '..'), writable: true };
  return { path, writable: kind === 'write-folder' };
}

function mergeMounts(mounts: readonly NamedMount[]): Mount[] {
  const writable = new Map<string, boolean>();
  for (const mount of mounts) writable.set(mount.path, mount.writable || writable.get(mount.path) === true);
  return [...writable]
    .map(([path, isWritable]) => ({ path, writable: isWritable }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Folders of the container that a mount must not hide. */
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
/** Nothing of the host can be mounted below these. */
const CLOSED = ['/dev', '/proc', '/sys'];

function findMountIssues(mounts: readonly NamedMount[]): Issue[] {
  const hides = (path: string) =>
    NEEDED.some((needed) => needed === path || needed.startsWith(path === '/' ? '/' : `${path}/`)) ||
    CLOSED.some((closed) => path.startsWith(`${closed}/`));
  const issues = mounts
    .filter(({ path }) => hides(path))
    .map(({ path, option }): Issue => {
      const message = 'cannot be mounted into a container, which needs its own folder of that name';
      const hint = 'use another folder';
      return option === undefined
        ? { message: `${printable(path)} ${message}`, hint }
        : { option, value: path, message, hint };
    });
  return [...new Map(issues.map((issue) => [formatIssue(issue), issue])).values()];
}
