import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { BaseFile, FileChange } from '../../../../src/core/model.ts';
import { DPKG_STATUS } from '../../../../src/formats/config/base-text.ts';
import { getDpkgFiles, registerPackages } from '../../../../src/formats/debian/dpkg-database.ts';
import { createExec } from '../../../../src/tools/exec.ts';
import { BASE_STATUS, samplePackages } from '../../../helpers/packages.ts';
import { baseFile } from '../../../helpers/stretch-files.ts';

const exec = createExec({ signal: new AbortController().signal });
const NAMES = samplePackages.map(({ name }) => name);
const INFO = '/var/lib/dpkg/info';

/** Debian's own libqmi of Stretch, as dpkg would have it. */
const DEBIANS = `Package: libqmi-glib5
Status: install ok installed
Architecture: armhf
Multi-Arch: same
Version: 1.16.2-1
Maintainer: x <x@example.org>
Description: Support library

`;

describe('registerPackages', () => {
  it('leaves the other packages as they stand, byte for byte', () => {
    const { changes, faults } = register({ [DPKG_STATUS]: BASE_STATUS });
    assert.deepEqual(faults, []);
    const status = getText(changes, DPKG_STATUS);
    assert.ok(status.startsWith(BASE_STATUS));
    assert.match(status, /^Package: libqmi-utils\nStatus: hold ok installed\n/m);
    assert.ok(status.endsWith('\n\n'));
  });

  it('makes a database that dpkg is content with: installed, held, unaltered, its files owned', async (t) => {
    const root = await layOut(t, register({ [DPKG_STATUS]: BASE_STATUS }).changes);
    const dpkg = async (...args: string[]) => (await exec(['dpkg', `--root=${root}`, ...args])).stdout;
    const query = await exec([
      'dpkg-query',
      `--admindir=${root}/var/lib/dpkg`,
      '--show',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own syntax
      '--showformat=${db:Status-Abbrev} ${Package} ${Version}\n',
    ]);
    assert.deepEqual(query.stdout.trim().split('\n'), [
      'ii  libc6 2.24-11+deb9u1',
      'ii  libglib2.0-0 2.50.3-2',
      'hi  libqmi-glib5 1.16.0-1+wwanpi1',
      'hi  libqmi-utils 1.16.0-1+wwanpi1',
    ]);
    assert.equal(await dpkg('--verify', ...NAMES), '');
    assert.doesNotMatch(await dpkg('--audit'), /qmi/);
    assert.match(await dpkg('--get-selections'), /libqmi-utils\S*\s+hold/);
    assert.match(await dpkg('--search', '/usr/bin/qmicli'), /^libqmi-utils/);
    assert.match(await dpkg('--listfiles', 'libqmi-glib5:armhf'), /^\/\.\n\/usr\n\/usr\/lib\n/);
    await writeFile(join(root, 'usr/bin/qmicli'), 'altered');
    const verify = await exec(['dpkg', `--root=${root}`, '--verify', 'libqmi-utils'], { okExitCodes: [1] });
    assert.match(verify.stdout, /5.* \/usr\/bin\/qmicli/);
  });

  it("holds what wwanpi made, and leaves Debian's own packages to apt", () => {
    const theirs = samplePackages.map((built) => ({ ...built, maker: 'debian' as const }));
    const files = new Map(
      getDpkgFiles(samplePackages).map((path) => [path, undefined] as [string, BaseFile | undefined]),
    );
    files.set(DPKG_STATUS, baseFile(BASE_STATUS));
    const status = getText(registerPackages(files, theirs, 'libqmi').changes, DPKG_STATUS);
    assert.match(status, /^Package: libqmi-utils\nStatus: install ok installed\n/m);
    assert.doesNotMatch(status, /hold/);
  });

  it('replaces an installed libqmi, with the files ours do not have', () => {
    const { changes, faults } = register({
      [DPKG_STATUS]: BASE_STATUS + DEBIANS,
      [`${INFO}/libqmi-glib5:armhf.list`]: [
        '/.',
        '/usr',
        '/usr/lib',
        '/usr/lib/arm-linux-gnueabihf',
        '/usr/lib/arm-linux-gnueabihf/libqmi-glib.so.5.2.0',
        '/usr/lib/arm-linux-gnueabihf/libqmi-glib.so.5',
        '',
      ].join('\n'),
      [`${INFO}/libqmi-glib5:armhf.symbols`]: 'old',
      [`${INFO}/libqmi-glib5:armhf.md5sums`]: 'old',
    });
    assert.deepEqual(faults, []);
    assert.deepEqual(
      changes.filter(({ kind }) => kind === 'remove').map(({ path }) => path),
      ['/usr/lib/arm-linux-gnueabihf/libqmi-glib.so.5.2.0', `${INFO}/libqmi-glib5:armhf.symbols`],
    );
    const status = getText(changes, DPKG_STATUS);
    assert.equal(status.match(/^Package: libqmi-glib5$/gm)?.length, 1);
    assert.doesNotMatch(status, /1\.16\.2/);
    assert.equal(new Set(changes.map(({ path }) => path)).size, changes.length);
  });

  it('says what the base lacks, and which package would break', () => {
    const modemManager = `Package: modemmanager
Status: install ok installed
Architecture: armhf
Version: 1.6.4-1
Depends: libqmi-glib5 (>= 1.16.2), libc6
Description: x

`;
    const old = BASE_STATUS.replace('2.50.3-2', '2.36.0-1') + modemManager;
    assert.deepEqual(register({ [DPKG_STATUS]: old }).faults, [
      'libqmi-glib5 needs libglib2.0-0 (>= 2.37.3), which the base does not have installed',
      "the base's modemmanager needs libqmi-glib5 (>= 1.16.2); remove it from the base or use a stock image",
    ]);
    assert.match(register({}).faults[0] ?? '', /not a Debian or Raspbian system/);
  });
});

function register(texts: Record<string, string>) {
  const files = new Map<string, BaseFile | undefined>(
    getDpkgFiles(samplePackages).map((path) => [
      path,
      texts[path] === undefined ? undefined : baseFile(texts[path]),
    ]),
  );
  return registerPackages(files, samplePackages, 'libqmi');
}

function getText(changes: readonly FileChange[], path: string): string {
  const change = changes.find((candidate) => candidate.path === path);
  assert.ok(change?.kind === 'file');
  return Buffer.from(change.content).toString();
}

/** A folder with the changes applied, as far as dpkg looks at it. */
async function layOut(t: TestContext, changes: readonly FileChange[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'wwanpi-dpkg-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const folder of ['updates', 'triggers', 'info']) {
    await mkdir(join(root, 'var/lib/dpkg', folder), { recursive: true });
  }
  await writeFile(join(root, 'var/lib/dpkg/info/format'), '1\n');
  await writeFile(join(root, 'var/lib/dpkg/arch'), 'armhf\n');
  for (const name of ['libc6', 'libglib2.0-0']) {
    await writeFile(join(root, `var/lib/dpkg/info/${name}:armhf.list`), '/.\n');
    await writeFile(join(root, `var/lib/dpkg/info/${name}:armhf.md5sums`), '');
  }
  for (const change of changes) {
    const path = join(root, change.path);
    await mkdir(dirname(path), { recursive: true });
    if (change.kind === 'file') await writeFile(path, change.content, { mode: change.mode });
    if (change.kind === 'symlink') await symlink(change.target, path);
  }
  return root;
}
