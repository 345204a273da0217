import assert from 'node:assert/strict';
import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createExec } from '../../src/tools/exec.ts';
import { hashFile } from '../../src/tools/files/hash.ts';
import { type CliOptions, runCli } from '../helpers/cli.ts';
import { copyCache } from '../helpers/linked-cache.ts';

/** A damaged cache, by the built command. Each kind of entry by itself, and lists and packages: the unit tests. */
describe('a build of debian-bookworm with a damaged cache', () => {
  const exec = createExec({ signal: new AbortController().signal });
  let folder = '';
  let cache = '';
  let reference = '';
  const build = (args: readonly string[], options: CliOptions = {}) =>
    runCli(
      [
        'build',
        '--base',
        'debian-bookworm',
        '--apn',
        'internet',
        '--name',
        'a',
        '--cache-dir',
        cache,
        ...args,
      ],
      options,
    );

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-damaged-'));
    cache = join(folder, 'cache');
    await exec(['chmod', '755', folder]);
    await copyCache(exec, cache);
    const { exitCode, stderr } = await build(['--output', join(folder, 'reference')]);
    assert.equal(exitCode, 0, stderr);
    reference = await hashFile(join(folder, 'reference/a.img'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** The paths in all entries of a section that match. */
  async function find(section: string, pattern: RegExp): Promise<string[]> {
    const entries = await readdir(join(cache, section), { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => pattern.test(path));
    assert.ok(paths.length > 0, `${section}: ${pattern}`);
    return paths;
  }

  async function assertMadeAgain(sections: readonly string[]): Promise<void> {
    const { exitCode, stderr } = await build(['--output', join(folder, 'out')]);
    assert.equal(exitCode, 0, stderr);
    assert.equal(await hashFile(join(folder, 'out/a.img')), reference);
    for (const section of sections) {
      const warning = new RegExp(
        `${section}/[0-9a-f]+ in the cache is damaged \\(.*\\); wwanpi makes it again`,
      );
      assert.match(stderr, warning);
    }
  }

  test('one bit changed in each: the same image comes out, with a warning each', async () => {
    await flip(await find('libqmi', /\/libqmi-glib\.so\.[\d.]+$/));
    await flip(await find('libqmi-sources', /\/meson\.build$/));
    await flip(await find('sysroots', /\/libglib-2\.0\.so\.0[\d.]*$/));
    await assertMadeAgain(['libqmi', 'libqmi-sources', 'sysroots']);
  });

  test('facts that are no JSON, and files gone: the same', async () => {
    for (const path of await find('sysroots', /\/sysroot\.json$/)) await writeFile(path, '{');
    for (const path of await find('libqmi-sources', /\/meson\.build$/)) await rm(path);
    await assertMadeAgain(['libqmi-sources', 'sysroots']);
  });

  test('a base that only root can make again: the error says so, and no image comes out', async (t) => {
    if (process.getuid?.() !== 0) return t.skip('needs root to become nobody');
    await flip(await find('bases', /\/disk\.img$/));
    await exec(['chown', '-R', '65534:65534', cache]);
    const { exitCode, stderr } = await build(['--output', join(cache, 'none'), '--dry-run'], {
      uid: 65534,
      cwd: '/',
      env: { HOME: folder },
    });
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, /bases\/debian-bookworm-\w+ in the cache is damaged \(the disk has changed\)/);
    assert.match(stderr, /debian-bookworm is not in the cache, and only root can build it/);
    assert.match(stderr, /sudo .*fetch --base debian-bookworm/);
  });
});

/** One bit, in the middle of each file. */
async function flip(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const file = await open(path, 'r+');
    const at = Math.floor((await file.stat()).size / 2);
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
    await file.write(Buffer.of((buffer[0] ?? 0) ^ 1), 0, 1, at);
    await file.close();
  }
}
