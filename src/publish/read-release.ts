import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { explainFileError, InputError, VerificationError } from '../core/errors.ts';
import { parseReleaseSums } from '../formats/release-files/checksums.ts';
import { HISTORY_NAME } from '../formats/release-files/release-history.ts';
import { formatBytes } from '../formats/units.ts';
import { formatArgv } from '../tools/exec.ts';
import { hashFile, sha256Text } from '../tools/files/hash.ts';
import {
  CHECKSUMS_NAME,
  countFiles,
  getRole,
  PAGE_NAME,
  type Release,
  type ReleaseEntry,
  type ReleaseRole,
} from './release.ts';

/** The files of an output folder, not hashed yet. */
export interface ReleaseListing {
  readonly folder: string;
  /** SHA256SUMS, its whole text. */
  readonly text: string;
  /** By name, as SHA256SUMS says. */
  readonly listed: ReadonlyMap<string, string>;
  readonly files: readonly {
    readonly name: string;
    readonly role: ReleaseRole;
    readonly sizeBytes: number;
  }[];
  readonly hasPage: boolean;
}

/**
 * Lists an output folder's files, and finds those that are missing; takes no time.
 * @throws InputError when it is not an output folder, VerificationError naming every file that is missing
 */
export async function listRelease(folder: string): Promise<ReleaseListing> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'no such folder' : explainFileError(error);
    throw new InputError(`cannot read ${folder}: ${why}`, { hint: OUTPUT_HINT });
  });
  if (!names.includes(CHECKSUMS_NAME)) {
    throw new InputError(`${folder} has no ${CHECKSUMS_NAME}`, { hint: OUTPUT_HINT });
  }
  const text = await readFile(join(folder, CHECKSUMS_NAME), 'utf8');
  const listed = readList(folder, text);
  const others = names.filter((name) => !listed.has(name));
  const wanted = [...listed.keys(), ...others].flatMap((name) => {
    const role = listed.has(name) ? 'listed' : getRole(name);
    return role === undefined ? [] : [{ name, role }];
  });
  const { files, faults } = await measureFiles(folder, wanted);
  assertNoFaults(folder, faults);
  return { folder, text, listed, files, hasPage: names.includes(PAGE_NAME) };
}

/**
 * Hashes the files of a listing and compares them with its SHA256SUMS, before anything is sent.
 * @throws VerificationError naming every file that differs
 */
export async function checkRelease(context: Context, listing: ReleaseListing): Promise<Release> {
  const { folder, listed, text } = listing;
  const entries = await hashFiles(context, listing);
  const faults = entries.flatMap(({ name, role, sha256 }) =>
    role !== 'listed' || sha256 === listed.get(name)
      ? []
      : [`${name} has SHA-256 ${sha256}; ${CHECKSUMS_NAME} says ${listed.get(name)}`],
  );
  assertNoFaults(folder, faults);
  if (listing.hasPage) await warnOfOldPage(context, folder, new Set(listed.values()));
  const order = (role: ReleaseRole) => ORDER.indexOf(role);
  return {
    folder,
    entries: entries.sort((a, b) => order(a.role) - order(b.role) || (a.name < b.name ? -1 : 1)),
    sums: sha256Text(text),
  };
}

function assertNoFaults(folder: string, faults: readonly string[]): void {
  if (faults.length === 0) return;
  throw new VerificationError(
    `${folder} does not match its ${CHECKSUMS_NAME}; nothing was sent:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    { hint: 'make it again: wwanpi build, or wwanpi fleet, into an empty folder' },
  );
}

const OUTPUT_HINT = 'give the output folder of wwanpi build or wwanpi fleet';
const ORDER: readonly ReleaseRole[] = ['listed', 'companion', 'signature', 'checksums'];

/** Warns of a page that is older than the last build: its checksums, and maybe its links, are of files that no longer exist. */
async function warnOfOldPage(context: Context, folder: string, sums: ReadonlySet<string>): Promise<void> {
  const page = await readFile(join(folder, PAGE_NAME), 'utf8');
  if ([...page.matchAll(/\b[0-9a-f]{64}\b/g)].every(([sum]) => sums.has(sum))) return;
  context.report.warn(
    `${PAGE_NAME} has checksums that are not in ${CHECKSUMS_NAME}; make it again: ${formatArgv(['wwanpi', 'catalogue', folder])}`,
  );
}

function readList(folder: string, text: string): ReadonlyMap<string, string> {
  const parsed = parseReleaseSums(text);
  const faults = 'faults' in parsed ? [...parsed.faults] : [];
  const checksums = 'checksums' in parsed ? parsed.checksums : [];
  for (const { name } of checksums) {
    const role = getRole(name);
    if (role === 'checksums' || role === 'signature' || name === HISTORY_NAME) {
      faults.push(`it lists ${name}, which it must not list`);
    }
  }
  if (faults.length > 0) {
    throw new VerificationError(
      `${join(folder, CHECKSUMS_NAME)} cannot be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    );
  }
  return new Map(checksums.map(({ name, sha256 }) => [name, sha256]));
}

/** What `names` take on the disk, and which of them cannot be sent. */
async function measureFiles(
  folder: string,
  wanted: readonly { readonly name: string; readonly role: ReleaseRole }[],
): Promise<{ readonly files: ReleaseListing['files']; readonly faults: readonly string[] }> {
  const faults: string[] = [];
  const files: ReleaseListing['files'][number][] = [];
  for (const file of wanted) {
    const found = await stat(join(folder, file.name)).catch((error: NodeJS.ErrnoException) => error);
    if (found instanceof Error) {
      faults.push(
        `${file.name} ${found.code === 'ENOENT' ? 'is missing' : `cannot be read: ${explainFileError(found)}`}`,
      );
    } else if (!found.isFile()) {
      faults.push(`${file.name} is not a file`);
    } else {
      files.push({ ...file, sizeBytes: found.size });
    }
  }
  return { files, faults };
}

async function hashFiles(context: Context, { folder, files }: ReleaseListing): Promise<ReleaseEntry[]> {
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const step = context.report.step('Local sums');
  const entries: ReleaseEntry[] = [];
  let readBytes = 0;
  for (const file of files) {
    const sha256 = await hashFile(join(folder, file.name), context.signal, (count) => {
      readBytes += count;
      step.bytes(readBytes, totalBytes);
    });
    entries.push({ ...file, sha256 });
  }
  step(`${countFiles(entries.length)}, ${formatBytes(totalBytes)}`);
  return entries;
}
