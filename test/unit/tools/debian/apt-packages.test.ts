import assert from 'node:assert/strict';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Exec } from '../../../../src/core/exec.ts';
import type { Apt } from '../../../../src/tools/debian/apt.ts';
import { downloadPackages, downloadSource } from '../../../../src/tools/debian/apt-packages.ts';
import { sha256Text } from '../../../../src/tools/files/hash.ts';
import { createTestContext } from '../../../helpers/context.ts';

const DEBS = { 'one_1.0_armhf.deb': 'the first package', 'two_2%3a1.0_armhf.deb': 'the second package' };
const SOURCES = {
  'libqmi_1.32.2-1.dsc': 'Source: libqmi\nVersion: 1.32.2-1\n',
  'libqmi_1.32.2.orig.tar.xz': 'the upstream tarball',
  'libqmi_1.32.2-1.debian.tar.xz': "Debian's changes",
};

const listUris = (files: Readonly<Record<string, string>>) =>
  Object.entries(files)
    .map(([name, text]) => `'http://m.test/${name}' ${name} ${text.length} SHA256:${sha256Text(text)}\n`)
    .join('');

/** An apt whose mirror has these files. */
async function fakeApt(t: Parameters<typeof createTestContext>[0]) {
  const real = await createTestContext(t);
  const warnings: string[] = [];
  let downloads = 0;
  const exec: Exec = async (argv, run) => {
    const files = argv[1] === 'source' ? SOURCES : DEBS;
    if (!argv.includes('--print-uris')) {
      downloads += 1;
      for (const [name, text] of Object.entries(files)) await writeFile(join(run?.cwd ?? '', name), text);
    }
    const stdout = argv.includes('--print-uris') ? listUris(files) : '';
    return { exitCode: 0, stdout, stdoutBytes: Buffer.from(stdout), stderr: '' };
  };
  const report = { ...real.report, warn: (text: string) => warnings.push(text) };
  const context = { ...real, exec, report };
  const apt: Apt = {
    ...{ context, architecture: 'armhf', codename: 'bookworm', sources: [], epochSeconds: 0, configPath: '' },
    ...{ configured: [], transport: [], fresh: false, answers: undefined },
  };
  return { apt, warnings, countDownloads: () => downloads };
}

async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[3] = (bytes[3] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

for (const [what, damage] of [
  ['with a bit changed', flip],
  ['cut short', (path: string) => truncate(path, 4)],
  ['gone', (path: string) => rm(path)],
] as const) {
  test(`a package ${what} is fetched again, with one warning`, async (t) => {
    const { apt, warnings, countDownloads } = await fakeApt(t);
    const [one, two] = await downloadPackages(apt, ['one', 'two']);
    await downloadPackages(apt, ['one', 'two']);
    assert.equal(countDownloads(), 1);
    await damage(one?.path ?? '');
    await downloadPackages(apt, ['one', 'two']);
    assert.equal(countDownloads(), 2);
    assert.equal(await readFile(one?.path ?? '', 'utf8'), 'the first package');
    assert.equal(await readFile(two?.path ?? '', 'utf8'), 'the second package');
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /^debs\/[0-9a-f]{64} in the cache is damaged/);
  });

  for (const [index, name] of Object.keys(SOURCES).entries()) {
    test(`a source package with ${name} ${what} is fetched again, with one warning`, async (t) => {
      const { apt, warnings, countDownloads } = await fakeApt(t);
      const { dscPath } = await downloadSource(apt, 'libqmi');
      await downloadSource(apt, 'libqmi');
      assert.equal(countDownloads(), 1);
      await damage(join(dirname(dscPath), name));
      const source = await downloadSource(apt, 'libqmi');
      assert.equal(countDownloads(), 2);
      const paths = [source.dscPath, source.tarballPath, source.debianPath ?? ''];
      assert.equal(await readFile(paths[index] ?? '', 'utf8'), Object.values(SOURCES)[index]);
      assert.equal((await readdir(dirname(dscPath))).length, 3);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? '', /^sources\/[0-9a-f]{64} in the cache is damaged/);
    });
  }
}
