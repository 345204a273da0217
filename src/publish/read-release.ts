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

/**
 * Reads an output folder and checks every file against its SHA256SUMS, before anything is sent.
 * @throws InputError when it is not an output folder, VerificationError naming every file that is missing or differs
 */
export async function readRelease(context: Context, folder: string): Promise<Release> {
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
  const files = [...listed.keys(), ...others].flatMap((name) => {
    const role = listed.has(name) ? 'listed' : getRole(name);
    return role === undefined ? [] : [{ name, role }];
  });
  const entries = await hashEntries(context, folder, files);
  const wrong = entries.faults.concat(
    entries.found.flatMap(({ name, role, sha256 }) =>
      role !== 'listed' || sha256 === listed.get(name)
        ? []
        : [`${name} has SHA-256 ${sha256}; ${CHECKSUMS_NAME} says ${listed.get(name)}`],
    ),
  );
  if (wrong.length > 0) {
    throw new VerificationError(
      `${folder} does not match its ${CHECKSUMS_NAME}; nothing was sent:\n${wrong.map((fault) => `  - ${fault}`).join('\n')}`,
      { hint: 'make it again: wwanpi build, or wwanpi fleet, into an empty folder' },
    );
  }
  if (names.includes(PAGE_NAME)) await warnOfOldPage(context, folder, new Set(listed.values()));
  const order = (role: ReleaseRole) => ORDER.indexOf(role);
  return {
    folder,
    entries: entries.found.sort((a, b) => order(a.role) - order(b.role) || (a.name < b.name ? -1 : 1)),
    sums: sha256Text(text),
  };
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

async function hashEntries(
  context: Context,
  folder: string,
  files: readonly { name: string; role: ReleaseRole }[],
): Promise<{ found: ReleaseEntry[]; faults: string[] }> {
  const faults: string[] = [];
  const there: { name: string; role: ReleaseRole; sizeBytes: number }[] = [];
  for (const file of files) {
    const found = await stat(join(folder, file.name)).catch((error: NodeJS.ErrnoException) => error);
    if (found instanceof Error) {
      faults.push(
        `${file.name} ${found.code === 'ENOENT' ? 'is missing' : `cannot be read: ${explainFileError(found)}`}`,
      );
    } else if (!found.isFile()) {
      faults.push(`${file.name} is not a file`);
    } else {
      there.push({ ...file, sizeBytes: found.size });
    }
  }
  const totalBytes = there.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const step = context.report.step('Local sums');
  const entries: ReleaseEntry[] = [];
  let readBytes = 0;
  for (const file of there) {
    const sha256 = await hashFile(join(folder, file.name), context.signal, (count) => {
      readBytes += count;
      step.bytes(readBytes, totalBytes);
    });
    entries.push({ ...file, sha256 });
  }
  if (faults.length === 0) step(`${countFiles(entries.length)}, ${formatBytes(totalBytes)}`);
  return { found: entries, faults };
}
