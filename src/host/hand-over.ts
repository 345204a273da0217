import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { ToolFailedError } from '../core/errors.ts';
import type { Argv } from '../core/exec.ts';
import { makePartialName } from '../tools/files/partial.ts';
import type { Owner } from './foreign-cache.ts';

/** Sections that the user's next run needs; apt rebuilds its package cache. */
const SECTIONS = [
  ...['apt', 'bases', 'debs', 'disks', 'downloads'],
  ...['libqmi', 'libqmi-sources', 'sources', 'sysroots'],
];
const LEFT_OUT = '--exclude=apt/*/cache/*.bin';

/**
 * Copies root's own cache into the cache `cacheDir` of another user. Programs that run as that user write it, from a
 * pipe: links in the cache can lead them only where that user can write anyway. Existing entries are kept.
 * @param context of the run whose cache is root's own
 * @throws ToolFailedError if the user cannot write there, or the disk is full
 */
export async function handOverCache(context: Context, cacheDir: string, owner: Owner): Promise<void> {
  const { exec, cacheDir: from, tmpDir } = context;
  const sections = (await readdir(from)).filter((name) => SECTIONS.includes(name));
  if (sections.length === 0) return;
  const asOwner = (argv: Argv, options: { inputFile?: string; okExitCodes?: number[] } = {}) =>
    exec([...dropTo(owner), ...argv], { ...options, cwd: '/' });
  const archive = join(tmpDir, 'hand-over.tar');
  await exec([
    'tar',
    '--create',
    '--sparse',
    LEFT_OUT,
    `--file=${archive}`,
    `--directory=${from}`,
    ...sections,
  ]);
  const partial = join(cacheDir, makePartialName());
  await asOwner(['mkdir', '-p', partial]);
  try {
    await asOwner(['tar', '--extract', '--no-same-owner', '--file=-', `--directory=${partial}`], {
      inputFile: archive,
    });
    for (const section of sections) {
      await asOwner(['mkdir', '-p', join(cacheDir, section)]);
      for (const name of await readdir(join(from, section))) {
        if (name.startsWith('.')) continue;
        const moved = await asOwner(
          ['mv', '-T', join(partial, section, name), join(cacheDir, section, name)],
          { okExitCodes: [1] },
        );
        if (moved.exitCode !== 0 && !/: Directory not empty$/m.test(moved.stderr)) {
          throw new ToolFailedError(`cannot give ${section}/${name} to the cache's owner`, {
            detail: moved.stderr,
          });
        }
      }
    }
  } finally {
    await asOwner(['rm', '-rf', partial]);
  }
}

/** setpriv(1). The kernel clears PR_SET_PDEATHSIG when the user changes (prctl(2)), so it is set again. */
function dropTo({ uid, gid }: Owner): Argv {
  const rights = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs'];
  return ['setpriv', ...rights, '--pdeathsig', 'KILL', '--'];
}
