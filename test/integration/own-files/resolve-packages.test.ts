import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Context } from '../../../src/core/context.ts';
import { InputError, NetworkError } from '../../../src/core/errors.ts';
import { silentReporter } from '../../../src/core/reporter.ts';
import { openDisk } from '../../../src/image/open-disk.ts';
import { readBaseSources } from '../../../src/own-files/read-base-sources.ts';
import { readOwnFiles } from '../../../src/own-files/read-own-files.ts';
import { resolvePackages } from '../../../src/own-files/resolve-packages.ts';
import { resolveOnce } from '../../../src/own-files/share-packages.ts';
import { makeDeb, serveArchive } from '../../helpers/archive.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeImage } from '../../helpers/image.ts';
import { makeSigningKeys } from '../../helpers/signing-keys.ts';

const os = { id: 'raspbian', codename: 'stretch', prettyName: 'Raspbian GNU/Linux 9 (stretch)' };
const STATUS = `Package: libc6
Status: install ok installed
Architecture: armhf
Version: 2.24
Provides: libc6-2.24

Package: held
Status: hold ok installed
Architecture: armhf
Version: 1.0
`;

/** A base with sources of its own, an archive behind them, and the warnings of the run. */
async function makeBase(t: TestContext, { signer = 'archive', more = '' } = {}) {
  const plain = await createTestContext(t);
  const warnings: string[] = [];
  const context: Context = { ...plain, report: { ...silentReporter, warn: (text) => warnings.push(text) } };
  const keys = await makeSigningKeys(t, context);
  const trusted = await keys.gpg('archive');
  const fingerprint = signer === 'archive' ? trusted : await keys.gpg(signer);
  const debs = await Promise.all([
    makeDeb(context, 'app', { Depends: 'libapp (>= 1), libc6 (>= 2.24)', Recommends: 'docs' }),
    makeDeb(context, 'libapp', { Architecture: 'all', Version: '1:1.2-3' }),
    makeDeb(context, 'docs', { Architecture: 'all' }),
    makeDeb(context, 'clash', { Depends: 'held (>= 2)' }),
    makeDeb(context, 'held', { Version: '2.0' }),
  ]);
  const archive = await serveArchive(t, context, keys, fingerprint, debs);
  const disk = await makeImage(context, 'base.img', {
    root: {
      '/etc/apt/sources.list': `# the archive\ndeb ${archive.url}/ stretch main\n${more}`,
      '/etc/apt/trusted.gpg.d/archive.gpg': await keys.exportGpg(trusted),
    },
  });
  const resolve = async (names: readonly string[], paths: readonly string[] = []) => {
    const request = { trees: [], packageFiles: paths, packageNames: names, scripts: [] };
    const { packages } = await readOwnFiles(context, request);
    return resolvePackages(context, { disk, os, architecture: 'armhf', status: STATUS }, names, packages);
  };
  return { context, archive, disk, resolve, warnings };
}

test('a package by its name, with what it needs beyond what the base has, and no more', async (t) => {
  const { resolve, archive } = await makeBase(t);
  const packages = await resolve(['app']);
  assert.deepEqual(
    packages.map(({ fileName, from }) => [fileName, from]),
    [
      ['app_1.0_armhf.deb', 'archive'],
      ['libapp_1%3a1.2-3_all.deb', 'archive'],
    ],
  );
  assert.ok(packages.every(({ installedBytes }) => installedBytes > 1000));
  assert.ok(archive.asked().includes('/dists/stretch/InRelease'));
});

test('what a package file needs comes from the archive; if the base has it, nothing is asked', async (t) => {
  const { resolve, archive, context } = await makeBase(t);
  const easy = await makeDeb(context, 'easy', { Depends: 'libc6-2.24, nothing | libc6 (>= 2)' });
  assert.deepEqual(
    (await resolve([], [easy])).map(({ name }) => name),
    ['easy'],
  );
  assert.deepEqual(archive.asked(), []);
  const own = await makeDeb(context, 'own', { Depends: 'libapp' });
  assert.deepEqual(
    (await resolve([], [own])).map(({ name, from }) => [name, from]),
    [
      ['own', 'file'],
      ['libapp', 'archive'],
    ],
  );
});

test('lists that another key has signed are refused, whatever this machine trusts', async (t) => {
  const { resolve } = await makeBase(t, { signer: 'stranger' });
  await assert.rejects(resolve(['app']), (error: unknown) => {
    assert.ok(error instanceof NetworkError);
    assert.match(error.message, /package lists of the base's own sources, http/);
    assert.match(error.hint ?? '', /--package FILE\.deb/);
    return true;
  });
});

test('an archive that has moved: what is missing is said, and that files do', async (t) => {
  const { resolve, context, warnings } = await makeBase(t, {
    more: 'deb http://localhost:1/gone stretch main\ndeb ftp://127.0.0.1/old stretch main\n',
  });
  assert.equal((await resolve(['app'])).length, 2);
  assert.match(warnings.join('\n'), /ftp:\/\/127\.0\.0\.1\/old" is left out: wwanpi fetches from http/);
  assert.match(warnings.join('\n'), /the base's http:\/\/localhost:1\/gone stretch is left out/);
  const disk = await makeImage(context, 'moved.img', {
    root: { '/etc/apt/sources.list': 'deb [trusted=yes] http://localhost:1/gone stretch main\n' },
  });
  const base = { disk, os, architecture: 'armhf', status: STATUS } as const;
  await assert.rejects(resolvePackages(context, base, ['app'], []), (error: unknown) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /has no source that packages could come from/);
    return true;
  });
});

test('an unknown package, and one that cannot stand beside what is held', async (t) => {
  const { resolve } = await makeBase(t);
  await assert.rejects(resolve(['app', 'ap', 'a.p']), /no package ap and no package a\.p/);
  await assert.rejects(resolve(['clash']), (error: unknown) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /apt finds no way to install clash/);
    assert.match(error.detail ?? '', /held/);
    return true;
  });
});

test('files that are no packages for this Pi are refused before any work', async (t) => {
  const { resolve, context } = await makeBase(t);
  const wrong = await makeDeb(context, 'wrong', { Architecture: 'amd64' });
  const zstd = await makeDeb(context, 'packed', {}, 'zstd');
  const bad = await makeDeb(context, 'own', { Version: '2' });
  const other = await makeDeb(context, 'own', { Version: '3' });
  await assert.rejects(
    resolve([], [wrong, zstd, `${wrong}/x`.replace('/x', ''), bad, other]),
    (error: unknown) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, /architecture amd64, and a Pi's is armhf or arm64/);
      assert.match(error.message, /control\.tar\.zst is compressed in a way/);
      assert.match(error.message, /another own than own_2_armhf\.deb/);
      return true;
    },
  );
});

test("a mirror stands in for Raspbian's own address, with the base's keys", async (t) => {
  const { archive, context } = await makeBase(t);
  process.env.WWANPI_RASPBIAN_MIRROR = `${archive.url}/`;
  t.after(() => {
    delete process.env.WWANPI_RASPBIAN_MIRROR;
  });
  const key = (await readBaseSources(await openDisk(join(context.tmpDir, 'base.img')))).keyrings.get(
    '/etc/apt/trusted.gpg.d/archive.gpg',
  );
  for (const host of ['mirrordirector.raspbian.org', 'raspbian.raspberrypi.com']) {
    const disk = await makeImage(context, `${host}.img`, {
      root: {
        '/etc/apt/sources.list': `deb http://${host}/raspbian/ stretch main\n`,
        '/etc/apt/trusted.gpg': key ?? '',
      },
    });
    const base = { disk, os, architecture: 'armhf', status: STATUS } as const;
    assert.equal((await resolvePackages(context, base, ['app'], [])).length, 2, host);
  }
});

test('keys are found by the names that Raspberry Pi OS gives them, binary and armored', async (t) => {
  const { archive, context } = await makeBase(t);
  const binary = (await readBaseSources(await openDisk(join(context.tmpDir, 'base.img')))).keyrings.get(
    '/etc/apt/trusted.gpg.d/archive.gpg',
  );
  assert.ok(binary !== undefined);
  const { stdout: armored } = await context.exec(['gpg', '--enarmor'], { input: Buffer.from(binary) });
  const keys = { binary, armored: armored.replaceAll('ARMORED FILE', 'PUBLIC KEY BLOCK') };
  for (const [name, key] of Object.entries(keys)) {
    const path = '/usr/share/keyrings/archive.pgp';
    const source = `Types: deb\nURIs: ${archive.url}/\nSuites: stretch\nComponents: main\nSigned-By: ${path}\n`;
    const disk = await makeImage(context, `${name}.img`, {
      root: { '/etc/apt/sources.list.d/archive.sources': source, [path]: key },
    });
    const base = { disk, os, architecture: 'armhf', status: STATUS } as const;
    assert.equal((await resolvePackages(context, base, ['app'], [])).length, 2, name);
  }
});

test('a base for arm64 gets packages for arm64, with relations to packages of any architecture', async (t) => {
  const context = await createTestContext(t);
  const keys = await makeSigningKeys(t, context);
  const fingerprint = await keys.gpg('archive');
  const fields = { Architecture: 'arm64' };
  const debs = await Promise.all([
    makeDeb(context, 'app', { ...fields, Depends: 'libapp, python3:any (>= 3)' }),
    makeDeb(context, 'libapp', { ...fields, 'Multi-Arch': 'same' }),
  ]);
  const archive = await serveArchive(t, context, keys, fingerprint, debs, 'arm64');
  const disk = await makeImage(context, 'arm64.img', {
    root: {
      '/etc/apt/sources.list': `deb ${archive.url}/ stretch main\n`,
      '/etc/apt/trusted.gpg.d/archive.gpg': await keys.exportGpg(fingerprint),
    },
  });
  const status =
    'Package: python3\nStatus: install ok installed\nArchitecture: arm64\nMulti-Arch: allowed\nVersion: 3.13\n';
  const base = { disk, os, architecture: 'arm64', status } as const;
  const packages = await resolvePackages(context, base, ['app'], []);
  assert.deepEqual(
    packages.map(({ fileName }) => fileName),
    ['app_1.0_arm64.deb', 'libapp_1.0_arm64.deb'],
  );
  const [app] = packages;
  assert.ok(app !== undefined);
  const alone = await resolvePackages(context, base, [], [app]);
  assert.deepEqual(
    alone.map(({ name }) => name),
    ['app', 'libapp'],
  );
});

test('images of one base that ask the same ask apt once, and each gets the warnings', async (t) => {
  const { context, disk } = await makeBase(t, { more: 'deb ftp://127.0.0.1/old stretch main\n' });
  let plans = 0;
  const exec: Context['exec'] = (argv, options) => {
    if (argv.includes('install')) plans += 1;
    return context.exec(argv, options);
  };
  const ask = async (names: readonly string[], status = STATUS) => {
    const warnings: string[] = [];
    const report = { ...silentReporter, warn: (text: string) => warnings.push(text) };
    const packages = await resolveOnce(
      { ...context, exec, report },
      { disk, os, architecture: 'armhf', status },
      names,
      [],
    );
    return { packages, warnings };
  };
  await assert.rejects(ask(['ap']), /no package ap/);
  const [one, two] = await Promise.all([ask(['app']), ask(['app'])]);
  assert.equal(plans, 1);
  assert.equal(one.packages.length, 2);
  assert.deepEqual(two, one);
  assert.match(two.warnings.join(), /ftp:.* is left out/);
  await ask(['libapp']);
  await ask(['app'], STATUS.replace('2.24', '2.25'));
  assert.equal(plans, 3);
  await assert.rejects(ask(['ap']), /no package ap/);
});
