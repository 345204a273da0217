import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from './cli.ts';
import { waitFor } from './wait-for.ts';

/** What its files are called. */
export const PLAIN_NAME = 'wwanpi-debian-bookworm-internet';
/** The command that makes it, but for the folder. */
export const PLAIN_BUILD: readonly string[] = ['build', '--base', 'debian-bookworm', '--apn', 'internet'];

let made: Promise<string> | undefined;

/**
 * The folder of an image that several test files look at, and none writes to: `make test` builds it once, a file that is run alone for
 * itself.
 */
export function findPlainImage(): Promise<string> {
  const { WWANPI_TEST_RUN } = process.env;
  made ??= WWANPI_TEST_RUN === undefined ? makeOwn() : makeOnce(join(WWANPI_TEST_RUN, 'plain-image'));
  return made;
}

async function makeOwn(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'wwanpi-plain-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return build(folder);
}

/** Whoever makes the folder builds; the others wait. */
async function makeOnce(folder: string): Promise<string> {
  const exists = (name: string) =>
    access(join(folder, name)).then(
      () => true,
      () => false,
    );
  const isFirst = await mkdir(folder).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
      return false;
    },
  );
  if (isFirst) {
    try {
      await build(folder);
      await writeFile(join(folder, 'done'), '');
    } catch (error) {
      await writeFile(join(folder, 'failed'), '');
      throw error;
    }
  } else {
    await waitFor(
      'the plain image of another process',
      async () => (await exists('done')) || exists('failed'),
    );
    assert.ok(await exists('done'), 'another process could not build the plain image');
  }
  return join(folder, 'out');
}

async function build(folder: string): Promise<string> {
  const out = join(folder, 'out');
  const { exitCode, stderr } = await runCli([...PLAIN_BUILD, '--output', out]);
  assert.equal(exitCode, 0, stderr);
  return out;
}
