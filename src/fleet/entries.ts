import type { Issue } from '../formats/issues.ts';
import { toCamel } from '../options/option.ts';
import { listFleetOptions } from '../options/options.ts';
import type { FleetDocument, FleetPath } from './fleet-document.ts';
import type { FleetFile, FleetOptions } from './fleet-schema.ts';

/** One image of a fleet, with its own options and the defaults merged. */
export interface FleetEntry {
  readonly name: string;
  /** Position in the file's list. */
  readonly index: number;
  /** Options of `wwanpi build`, camel case; without secrets from the environment. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Options whose value is in an environment variable: option (camel case) → variable. */
  readonly variables: Readonly<Record<string, string>>;
  /** The place of each option in the file, by its name on the command line. */
  readonly paths: ReadonlyMap<string, FleetPath>;
  /** Some of its options are left out, because the file's schema refuses them. */
  readonly isIncomplete: boolean;
}

/**
 * Lists the images of a fleet file, in its order. An image's own options override the defaults: its `carrier` overrides
 * their `apn` and credentials, its `apn` their `carrier`, its `password-env` their `password` and so on.
 */
export function listEntries(file: FleetFile, incomplete: ReadonlySet<number> = new Set()): FleetEntry[] {
  return file.images.map((image, index) => {
    const { name: given, ...own } = image;
    const kept = dropOverruled(file.defaults ?? {}, own);
    const merged: FleetOptions = { ...kept, ...own };
    const name = given ?? (merged.carrier ?? merged.apn ?? '').replaceAll(/[^A-Za-z0-9._-]+/g, '-');
    const paths = new Map<string, FleetPath>([
      ...Object.keys(kept).map((key) => [key, ['defaults', key]] as const),
      ...Object.keys(image).map((key) => [key, ['images', index, key]] as const),
    ]);
    const options: Record<string, unknown> = {};
    const variables: Record<string, string> = {};
    for (const [key, value] of Object.entries(merged)) {
      if (value === undefined) continue;
      if (key.endsWith('-env')) variables[toCamel(key.slice(0, -4))] = String(value);
      else options[toCamel(key)] = LISTS.has(key) && typeof value === 'string' ? [value] : value;
    }
    if (typeof options.hostname === 'string') options.hostname = fillName(options.hostname, name);
    const isIncomplete = incomplete.has(index);
    return { name, index, options: { ...options, name }, variables, paths, isIncomplete };
  });
}

/** Checks the entries themselves: names that are missing or used twice, an option given in two ways. */
export function checkEntries(
  file: FleetFile,
  entries: readonly FleetEntry[],
  locate: FleetDocument['locate'],
): Issue[] {
  const issues: Issue[] = [];
  const add = (path: FleetPath, issue: Issue) => issues.push({ ...issue, place: locate(path) });
  const seen = new Map<string, number>();
  for (const { name, index, isIncomplete } of entries) {
    // A name that is not given may be among what is left out, or be made from it.
    if (isIncomplete && file.images[index]?.name === undefined) continue;
    const path: FleetPath = ['images', index, 'name'];
    if (name === '') add(path, { message: 'an image needs a carrier, an apn or a name' });
    // On many disks, two names that differ only in case are one file.
    const first = seen.get(name.toLowerCase());
    if (first !== undefined && name !== '') {
      const message = `is already the name of image ${first + 1}`;
      add(path, { option: 'name', value: name, message, hint: 'give each image its own' });
    }
    seen.set(name.toLowerCase(), first ?? index);
  }
  const places: [FleetPath, FleetOptions][] = [
    [['defaults'], file.defaults ?? {}],
    ...file.images.map((image, index): [FleetPath, FleetOptions] => [['images', index], image]),
  ];
  for (const [path, options] of places) {
    for (const key of Object.keys(options).filter((name) => name.endsWith('-env'))) {
      const plain = key.slice(0, -4);
      if (plain in options) {
        const message = `and ${plain} are both given`;
        add([...path, key], { option: key, message, hint: 'give one of them' });
      }
    }
  }
  return issues;
}

/** Part `index` of `count`, from 1: `--shard 2/5`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * The entries of one shard. The same file always gives the same shards; every entry is in exactly one; their sizes
 * differ by at most one; and entries of one base are kept together, so that a shard needs few bases.
 */
export function takeShard<T extends Pick<FleetEntry, 'index' | 'options'>>(
  entries: readonly T[],
  { index, count }: Shard,
): T[] {
  const base = (entry: T) => String(entry.options.base ?? '');
  const sorted = entries.toSorted((a, b) =>
    base(a) === base(b) ? a.index - b.index : base(a) < base(b) ? -1 : 1,
  );
  const start = Math.floor(((index - 1) * sorted.length) / count);
  const end = Math.floor((index * sorted.length) / count);
  return sorted.slice(start, end).toSorted((a, b) => a.index - b.index);
}

/** Parses `2/5`; undefined for anything else. */
export function parseShard(text: string): Shard | undefined {
  const [, index, count] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  return shard.index <= shard.count ? shard : undefined;
}

/** The options of `defaults` that those of `own` do not override; both by their names in the file. */
export function dropOverruled(defaults: FleetOptions, own: FleetOptions): FleetOptions {
  const overruled = OVERRULES.filter(({ keys }) => keys.some((key) => key in own));
  const dropped = overruled.flatMap((rule) => rule.dropped);
  return Object.fromEntries(Object.entries(defaults).filter(([key]) => !dropped.includes(key)));
}

const LISTS = new Set(listFleetOptions().flatMap(({ name, type }) => (type === 'list' ? [name] : [])));

/** For each option: its keys, and the keys of the defaults that an image's key overrides. */
const OVERRULES = listFleetOptions().map(({ name, fleet }) => ({
  keys: listKeys(name),
  dropped: [name, ...(fleet?.replaces ?? [])].flatMap(listKeys),
}));

function listKeys(name: string): string[] {
  return [name, `${name}-env`];
}

/** Replaces `{name}` in a host name with as much of the name as fits (RFC 1123). */
function fillName(pattern: string, name: string): string {
  const label = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return pattern.replaceAll('{name}', () => label);
}
