import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { InputError } from '../core/errors.ts';
import type { FileKind } from '../fleet/fleet-document.ts';
import { PROJECT_FILE } from '../fleet/project-file.ts';
import { FLEET_START, PROJECT_START } from '../fleet/start-texts.ts';
import { printable } from '../formats/printable.ts';
import { spellCommands } from '../options/spell-commands.ts';
import { formatArgv } from '../tools/exec.ts';

const FLEET_FILE = 'fleet.yaml';

/**
 * Writes a project file or a fleet file to start from, and returns what to do next.
 * @throws InputError when a file of that name is there
 */
export async function writeStart(kind: FileKind, file?: string): Promise<string> {
  const path = file ?? (kind === 'fleet' ? FLEET_FILE : PROJECT_FILE);
  try {
    await writeFile(path, kind === 'fleet' ? FLEET_START : PROJECT_START, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new InputError(`${printable(path)} exists, and wwanpi init writes over no file`, {
      hint: `edit it, or name another one: wwanpi init${kind === 'fleet' ? ' --fleet' : ''} FILE`,
      cause: error,
    });
  }
  const next =
    kind === 'fleet'
      ? `then run: ${formatArgv(['wwanpi', 'fleet', path])}`
      : basename(path) === PROJECT_FILE
        ? 'then run in its folder: wwanpi build'
        : `name it ${PROJECT_FILE}, and run in its folder: wwanpi build`;
  return spellCommands(`Wrote ${printable(path)}. Edit it, ${next}\n`);
}
