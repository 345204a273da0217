import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../core/context.ts';
import { baseEnv } from '../tools/child-env.ts';
import { readSealedJson, writeSealedJson } from '../tools/files/sealed-json.ts';

const NAME = 'tool-versions.json';
/** dpkg writes it again with every package that changes: a library may tell its version through a program. */
const DPKG_STATUS = '/var/lib/dpkg/status';

const SCHEMA = z.record(z.string(), z.object({ file: z.string(), version: z.string() }));

/** Versions that earlier runs were told. */
export interface KnownVersions {
  /** The version that a program told, as long as it and the machine's packages are what they were. */
  find(program: string): Promise<string | undefined>;
  /** Keeps what it tells now. */
  keep(program: string, version: string): Promise<void>;
  /** Writes what is new. */
  save(): Promise<void>;
}

/**
 * Reads the versions of the host's programs that earlier runs were told: to ask thirty programs takes half a second of processor
 * time. Only programs of Debian's packages are known, those below /usr; any other may be a script that chooses one.
 */
export async function readKnownVersions({ cacheDir }: Pick<Context, 'cacheDir'>): Promise<KnownVersions> {
  const path = join(cacheDir, NAME);
  const known = (await readSealedJson(path, SCHEMA))?.value ?? {};
  const packages = await describe(DPKG_STATUS);
  const files = new Map<string, Promise<string | undefined>>();
  const identify = (program: string) => {
    const file = files.get(program) ?? (packages === undefined ? undefined : findFile(program, packages));
    if (file !== undefined) files.set(program, file);
    return file;
  };
  let isChanged = false;
  return {
    find: async (program) => {
      const entry = Object.hasOwn(known, program) ? known[program] : undefined;
      return entry !== undefined && entry.file === (await identify(program)) ? entry.version : undefined;
    },
    keep: async (program, version) => {
      const file = await identify(program);
      if (file === undefined) return;
      known[program] = { file, version };
      isChanged = true;
    },
    save: async () => {
      if (isChanged) await writeSealedJson(path, known);
    },
  };
}

/** The file that the shell would run, as a text that changes with it; undefined if it is none of Debian's. */
async function findFile(program: string, packages: string): Promise<string | undefined> {
  for (const folder of (baseEnv().PATH ?? '').split(':')) {
    const path = join(folder, program);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (!isThere) continue;
    const real = await realpath(path);
    if (!real.startsWith('/usr/') || real.startsWith('/usr/local/')) return undefined;
    return `${await describe(real)} ${packages}`;
  }
  return undefined;
}

async function describe(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? undefined : [path, found.ino, found.size, found.mtimeMs].join(' ');
}
