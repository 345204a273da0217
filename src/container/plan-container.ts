import { resolve } from 'node:path';
import { findBase } from '../base/bases.ts';
import { findScenario } from '../boot/scenarios.ts';
import { formatIssue, type Issue } from '../formats/issues.ts';
import { printable } from '../formats/printable.ts';
import type { CommandPaths } from '../options/command.ts';
import { type PathKind, toKebab } from '../options/option.ts';
import type { Mount } from '../tools/container.ts';

/** A run of wwanpi in a container, decided. */
export interface ContainerPlan {
  /** The same command, every path absolute; secrets are not in it. */
  readonly args: readonly string[];
  /** Sorted by path, each path once. */
  readonly mounts: readonly Mount[];
  /** Options that were moved out of the command line: variable → value. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Paths that a container cannot be given. */
  readonly issues: readonly Issue[];
}

/** A mount, and the option that asks for it; undefined where an argument or a fleet file does. */
interface NamedMount extends Mount {
  readonly option: string | undefined;
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

/** `--name=value` as yargs reads it back; switches as `--name` and `--no-name`. */
export function formatOption(name: string, value: unknown): string {
  const flag = toKebab(name);
  if (typeof value === 'boolean') return value ? `--${flag}` : `--no-${flag}`;
  const text = String(value);
  // yargs-parser takes a pair of quotes off.
  const quoted = /^(['"])[\s\S]*\1$/.test(text) && text.length > 1 ? `"${text}"` : text;
  return `--${flag}=${quoted}`;
}

function getPath(kind: PathKind, value: unknown): string | undefined {
  const text = String(value);
  // An empty one is an issue that the command itself names.
  if (text === '') return undefined;
  if (kind === 'base' && findBase(text) !== undefined) return undefined;
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

function findMountIssues(mounts: readonly NamedMount[]): Issue[] {
  const hides = (path: string) =>
    NEEDED.some((needed) => needed === path || needed.startsWith(path === '/' ? '/' : `${path}/`)) ||
    CLOSED.some((closed) => path.startsWith(`${closed}/`));
  const issues = mounts
    .filter(({ path }) => hides(path))
    .map(({ path, option }): Issue => {
      const message = 'cannot be mounted into a container, which has a folder of that name itself';
      const hint = 'take another folder';
      return option === undefined
        ? { message: `${printable(path)} ${message}`, hint }
        : { option, value: path, message, hint };
    });
  return [...new Map(issues.map((issue) => [formatIssue(issue), issue])).values()];
}
