import assert from 'node:assert/strict';
import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createExec } from '../../src/tools/exec.ts';
import { type CliOptions, runCli } from '../helpers/cli.ts';
import { findBaseDisk } from '../helpers/find-base.ts';
import { copyAptLists, copyBaseEntry, copySections } from '../helpers/linked-cache.ts';
import { findPlainImage, PLAIN_NAME } from '../helpers/plain-image.ts';

const UID = process.getuid?.() === 0 ? 65534 : undefined;

/**
 * A damaged cache, by the built command, and as root for another user, whose image is then the same without anything that was
 * compiled before. Each kind of entry by itself, and lists and packages: the unit tests. A cache that is empty: container.test.ts.
 */
describe('a build of debian-bookworm with a damaged cache', () => {
  const exec = createExec({ signal: new AbortController().signal });
  let folder = '';
  let cache = '';
  let disk = '';
  let reference = '';
  const build = (base: string, args: readonly string[], options: CliOptions = {}) =>
    runCli(['build', '--base', base, '--apn', 'internet', '--name', PLAIN_NAME, ...args], options);
  /** By the owner of the cache, who has nothing else. */
  const buildAsOwner = (base: string, args: readonly string[]) =>
    build(base, ['--cache-dir', cache, ...args], {
      ...(UID === undefined ? {} : { uid: UID }),
      cwd: '/',
      env: { HOME: folder },
    });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-damaged-'));
    cache = join(folder, 'cache');
    // What is copied then has all that this build needs.
    reference = await findPlainImage();
    await copySections(exec, ['debs', 'libqmi', 'libqmi-sources', 'sources', 'sysroots'], cache);
    await copyAptLists(exec, cache);
    await copyBaseEntry(exec, await findBaseDisk('debian-bookworm'), cache);
    const [entry = ''] = await readdir(join(cache, 'bases'));
    disk = join(cache, 'bases', entry, 'disk.img');
    if (UID !== undefined) await exec(['chown', '-R', `${UID}:${UID}`, folder]);
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

  async function assertMadeAgain(base: string, sections: readonly string[]): Promise<void> {
    const out = join(folder, 'out');
    const { exitCode, stderr } = await buildAsOwner(base, ['--output', out]);
    assert.equal(exitCode, 0, stderr);
    for (const end of ['img', 'bmap']) {
      const files = [join(reference, `${PLAIN_NAME}.${end}`), join(out, `${PLAIN_NAME}.${end}`)] as const;
      const compared = await exec(['cmp', ...files], { okExitCodes: [1] });
      assert.equal(compared.stdout, '');
    }
    for (const section of sections) {
      const warning = new RegExp(
        `${section}/[0-9a-f]+ in the cache is damaged \\(.*\\); wwanpi makes it again`,
      );
      assert.match(stderr, warning);
    }
    await rm(out, { recursive: true });
  }

  test('one bit changed in each: the same image comes out byte for byte, for another user too, with a warning each', async () => {
    await flip(await find('libqmi', /\/libqmi-glib\.so\.[\d.]+$/));
    await flip(await find('libqmi-sources', /\/meson\.build$/));
    await flip(await find('sysroots', /\/libglib-2\.0\.so\.0[\d.]*$/));
    await assertMadeAgain(disk, ['libqmi', 'libqmi-sources', 'sysroots']);
  });

  test('facts that are no JSON, and files gone: the same', async () => {
    for (const path of await find('sysroots', /\/sysroot\.json$/)) await writeFile(path, '{');
    for (const path of await find('libqmi-sources', /\/meson\.build$/)) await rm(path);
    await assertMadeAgain('debian-bookworm', ['libqmi-sources', 'sysroots']);
  });

  test('a base that only root can make again: the error says so, and no image comes out', async (t) => {
    if (UID === undefined) return t.skip('needs root to become nobody');
    await flip([disk]);
    const { exitCode, stderr } = await buildAsOwner('debian-bookworm', [
      '--output',
      join(cache, 'none'),
      '--dry-run',
    ]);
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
