import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Context } from '../../src/core/context.ts';
import { silentReporter } from '../../src/core/reporter.ts';
import { DPKG_STATUS } from '../../src/formats/config/base-text.ts';
import { parseDeb } from '../../src/formats/debian/deb.ts';
import { installedPackages } from '../../src/formats/debian/installed-packages.ts';
import { parseElf } from '../../src/formats/elf/elf.ts';
import { defaultCacheDir } from '../../src/host/with-run.ts';
import { readText, withImageTree } from '../../src/image/image-tree.ts';
import { openDisk } from '../../src/image/open-disk.ts';
import { makeNativeRoot } from '../../src/libqmi/make-native-root.ts';
import { ensureGuest, runInGuest } from '../../src/tools/bwrap.ts';
import { type Apt, runApt, withApt } from '../../src/tools/debian/apt.ts';
import { downloadPackages, resolvePackages } from '../../src/tools/debian/apt-packages.ts';
import { createExec } from '../../src/tools/exec.ts';
import { findPlainImage, PLAIN_NAME } from '../helpers/plain-image.ts';

const OURS = ['libqmi-glib5', 'libqmi-proxy', 'libqmi-utils'];
const LIBRARY = '/usr/lib/arm-linux-gnueabihf/libqmi-glib.so.5';

/**
 * What stands in for Debian's libqmi has its version and its name, so it has to be what other packages take it for.
 * test/long/other-software.test.ts installs ModemManager by apt and boots it.
 */
describe("Debian's own software on an image of debian-bookworm", () => {
  const exec = createExec({ signal: new AbortController().signal });
  let folder = '';
  let root = '';
  let context: Context;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-other-'));
    context = {
      ...{ exec, report: silentReporter, signal: new AbortController().signal },
      ...{ cacheDir: defaultCacheDir(), tmpDir: folder },
    };
    const disk = await openDisk(join(await findPlainImage(), `${PLAIN_NAME}.img`));
    const status = (await withImageTree(disk, (tree) => readText(tree, DPKG_STATUS))) ?? '';
    await writeFile(join(folder, 'status'), status);
    const installed = installedPackages(status);
    const packages = await debian(async (apt) => {
      const wanted = await resolvePackages(apt, ['modemmanager']);
      const missing = wanted.filter(({ name }) => !installed.has(name));
      return downloadPackages(
        apt,
        missing.map(({ name, version }) => `${name}=${version}`),
      );
    });
    assert.ok(packages.every(({ name }) => !OURS.includes(name)));
    root = (await makeNativeRoot(context, disk, packages, folder)).path;
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const debian = <T>(fn: (apt: Apt) => Promise<T>): Promise<T> =>
    withApt(context, { architecture: 'armhf', codename: 'bookworm', components: ['main'] }, fn);

  test('finds every symbol of the library that was replaced', async () => {
    const [original] = await debian((apt) => downloadPackages(apt, ['libqmi-glib5']));
    const { files } = await parseDeb(await readFile(original?.path ?? ''));
    const library = files.find(({ kind, path }) => kind === 'file' && path.startsWith(`${LIBRARY}.`));
    assert.ok(library?.kind === 'file');
    const theirs = listExports(library.content);
    const ours = new Set(listExports(await readFile(join(root, LIBRARY))));
    assert.ok(theirs.length > 5000, `${theirs.length}`);
    assert.deepEqual(
      theirs.filter((name) => !ours.has(name)),
      [],
    );
  });

  test('is installed by apt, which neither replaces nor removes libqmi, and finds nothing broken', async () => {
    const image = ['-o', `Dir::State::status=${join(folder, 'status')}`];
    const plan = await debian(async (apt) => {
      await runApt(apt, ['apt-get', ...image, '-o', 'Debug::NoLocking=true', 'check']);
      return runApt(apt, ['apt-get', ...image, '--simulate', 'install', 'modemmanager']);
    });
    assert.match(plan, /^Inst modemmanager \(/m);
    assert.doesNotMatch(plan, /^(?:Inst|Remv) libqmi-/m);
  });

  test('runs: ModemManager', async (t) => {
    const why = await ensureGuest(context).catch((error: Error) => error.message);
    if (why !== undefined) return t.skip(why);
    // Every symbol, not those alone that --version comes to.
    const env = { LD_BIND_NOW: '1', PATH: '/usr/sbin:/usr/bin' };
    const log = join(folder, 'log');
    const guest = { root, folders: {}, cpu: 'cortex-a7', env };
    await runInGuest(exec, guest, ['ModemManager', '--version'], { cwd: '/', outputFile: log }).catch(
      async (error: unknown) => assert.fail(`${error}: ${await readFile(log, 'utf8')}`),
    );
    assert.match(await readFile(log, 'utf8'), /^ModemManager 1\.\d+\.\d+$/m);
  });
});

function listExports(bytes: Uint8Array): string[] {
  return parseElf(bytes, 'libqmi-glib.so.5')
    .symbols.filter(({ defined }) => defined)
    .map(({ name }) => name);
}
