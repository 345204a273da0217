import assert from 'node:assert/strict';
import { access, cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/core/package.ts';
import { createTestContext } from '../helpers/context.ts';
import { BUILT_BASES, MADE_BASES } from '../helpers/debian-base-tests.ts';

const SHOW = `show:\n\t@printf '%s\\n' "$$APN" "$$BASE" "$$OUTPUT"\n`;

test("what make is given for APN, BASE and OUTPUT is neither make's language nor a shell's", async (t) => {
  const { exec, tmpDir } = await createTestContext(t);
  await writeFile(join(tmpDir, 'show.mk'), SHOW);
  const mark = join(tmpDir, 'mark');
  const makefiles = ['-f', join(packageRoot, 'Makefile'), '-f', join(tmpDir, 'show.mk')];
  const values = [`$(shell touch ${mark})`, `\`touch ${mark}\``, `"; touch ${mark}; $(PATH) $$(id)`];
  for (const value of values) {
    const given = ['APN', 'BASE', 'OUTPUT'].map((name) => `${name}=${value}`);
    const { stdout } = await exec(['make', '--no-print-directory', ...makefiles, 'show', ...given]);
    assert.equal(stdout, `${value}\n${value}\n${value}\n`);
    await assert.rejects(access(mark), { code: 'ENOENT' }, value);
  }
  const plain = await exec(['make', '--no-print-directory', ...makefiles, 'show', 'APN=fast.metropcs.com']);
  assert.equal(plain.stdout, 'fast.metropcs.com\nraspbian-stretch\nout\n');
});

/** Programs of a machine where nothing is installed; those that change it only note that they were called. */
async function makeBin(folder: string, user: number): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  for (const name of ['grep', 'find', 'sh']) await symlink(`/usr/bin/${name}`, join(bin, name));
  const scripts = { id: `echo ${user}`, 'dpkg-query': 'exit 1', 'apt-get': NOTE, npm: NOTE };
  for (const [name, text] of Object.entries(scripts))
    await writeFile(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return bin;
}

const NOTE = 'echo "$0" >>"$NOTES"; exit 1';

/** A checkout in which nothing is installed. */
async function makeCheckout(folder: string): Promise<void> {
  await cp(join(packageRoot, 'Makefile'), join(folder, 'Makefile'));
  for (const name of ['src', 'stage', 'scripts']) await mkdir(join(folder, name));
  for (const name of [
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'scripts/bundle-program.ts',
    'scripts/bundle-page.ts',
  ])
    await writeFile(join(folder, name), '{}');
}

test('lzma-native is compiled for whatever compresses, and not for an image that is not compressed', async (t) => {
  const { exec, tmpDir } = await createTestContext(t);
  await makeCheckout(tmpDir);
  const bin = await makeBin(tmpDir, 0);
  const compiles = async (...words: string[]) => {
    const environment = [`PATH=${bin}`, `NOTES=${join(tmpDir, 'notes')}`];
    const { stdout } = await exec([
      'env',
      '-i',
      ...environment,
      '/usr/bin/make',
      '-n',
      '-C',
      tmpDir,
      ...words,
    ]);
    assert.match(stdout, /npm ci --ignore-scripts/);
    return stdout.includes('npm run --silent rebuild-lzma');
  };
  assert.equal(await compiles('image', 'APN=x', 'BASE=debian-bookworm'), false);
  assert.equal(await compiles('image', 'APN=x', 'ARGS=--ssh --compress xz'), true);
  for (const goal of ['build', 'test', 'bench', 'pictures']) assert.equal(await compiles(goal), true, goal);
});

test('make asks for the APN, the key and sudo before it installs or compiles anything', async (t) => {
  const { exec, tmpDir } = await createTestContext(t);
  await makeCheckout(tmpDir);
  const bin = await makeBin(tmpDir, 1000);
  const notes = join(tmpDir, 'notes');
  const cases: [string[], RegExp][] = [
    [[], /^name the APN, as the letter with your SIM card has it: make image APN=internet\n/],
    [['image'], /^name the APN/],
    [['-j4', 'image'], /^name the APN/],
    [
      ['image', 'APN=x', `ARGS=--ssh --ssh-key ${tmpDir}/none.pub`],
      /^cannot read .*none\.pub: no such file; if you have no key yet, make one: ssh-keygen -t ed25519\n/,
    ],
    [['image', 'APN=x'], /^sudo is not installed: run this as root \(needed to install apt .* zstd .*\)\n/],
    [['-j4', 'image', 'APN=x'], /^sudo is not installed/],
  ];
  for (const [words, message] of cases) {
    const argv = [
      'env',
      '-i',
      `PATH=${bin}`,
      `NOTES=${notes}`,
      '/usr/bin/make',
      '-C',
      tmpDir,
      ...words,
    ] as const;
    const { stderr } = await exec(argv, { okExitCodes: [2] });
    assert.match(stderr, message, words.join(' '));
    await assert.rejects(access(notes), { code: 'ENOENT' }, words.join(' '));
  }
});

test('make knows every base that is built, and makes those of its tests first', async () => {
  const makefile = await readFile(join(packageRoot, 'Makefile'), 'utf8');
  const wordsOf = (pattern: RegExp) => pattern.exec(makefile)?.[1]?.split(' ') ?? [];
  assert.deepEqual(wordsOf(/^BUILT_BASES = (.*)$/m).sort(), BUILT_BASES.map(({ name }) => name).sort());
  for (const name of MADE_BASES) assert.ok(wordsOf(/^test: (.*)$/m).includes(name), name);
  assert.ok(wordsOf(/^test-long: (.*)$/m).includes('$(BUILT_BASES)'));
});
