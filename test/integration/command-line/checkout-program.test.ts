import assert from 'node:assert/strict';
import { chmod, chown, cp, mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { packageRoot } from '../../../src/core/package.ts';
import { createTestContext } from '../../helpers/context.ts';

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
/** Prints what it is called with. */
const CLI = 'console.log(JSON.stringify([process.env.WWANPI_CALLED_AS, ...process.argv.slice(2)]))';
/** Builds as the real one does, and leaves what it built with. */
const MAKEFILE = `build:\n\t@mkdir -p dist/src\n\t@cp cli.js dist/src/cli.js\n\t@echo ${process.execPath} > dist/.built\n`;

/** A checkout with the real ./wwanpi and a small program. */
async function makeCheckout(t: TestContext) {
  const { exec, tmpDir } = await createTestContext(t);
  const root = join(tmpDir, 'check out');
  for (const folder of ['src', 'stage', 'scripts']) await mkdir(join(root, folder), { recursive: true });
  const sources = ['package.json', 'package-lock.json', 'tsconfig.json', 'scripts/bundle-program.ts'];
  for (const name of [...sources, 'scripts/bundle-page.ts'])
    await writeFile(join(root, name), '{"type":"commonjs"}');
  await cp(join(packageRoot, 'wwanpi'), join(root, 'wwanpi'));
  await writeFile(join(root, 'cli.js'), CLI);
  await writeFile(join(root, 'Makefile'), MAKEFILE);
  const run = async (program: string, words: readonly string[] = [], options: RunOptions = {}) => {
    const { cwd = root, env = {}, exitCode = 0 } = options;
    const line = Object.entries({ PATH, ...env }).map(([name, value]) => `${name}=${value}`);
    const argv = ['env', '-i', `--chdir=${cwd}`, ...line, program, ...words] as const;
    const { stdout, stderr } = await exec(argv, { okExitCodes: [exitCode] });
    return { stderr, said: stdout === '' ? undefined : (JSON.parse(stdout) as string[]) };
  };
  return { exec, tmpDir, root, run };
}

interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly exitCode?: number;
}

test('./wwanpi builds what is missing or old, says so in one line, and passes every word on', async (t) => {
  const { root, run } = await makeCheckout(t);
  const words = ['build', 'a b', '', '"$(id)"', '*'];
  const first = await run('./wwanpi', words);
  assert.match(first.stderr, /^wwanpi: building wwanpi first; [^\n]*\n$/);
  assert.deepEqual(first.said, ['./wwanpi', ...words]);
  const second = await run('./wwanpi', ['version']);
  assert.equal(second.stderr, '');
  // A changed source is newer than the build.
  await writeFile(join(root, 'src/new.ts'), '');
  const soon = new Date(Date.now() + 5000);
  await utimes(join(root, 'src/new.ts'), soon, soon);
  assert.match((await run('./wwanpi', ['version'])).stderr, /building/);
});

test('./wwanpi works from any folder, through symbolic links, and hints name it as it was called', async (t) => {
  const { tmpDir, root, run } = await makeCheckout(t);
  await run('./wwanpi');
  const bin = join(tmpDir, 'bin');
  await mkdir(bin);
  await symlink('../check out/wwanpi', join(bin, 'wwanpi-link'));
  await symlink('wwanpi-link', join(bin, 'wwanpi'));
  assert.deepEqual((await run(join(root, 'wwanpi'), ['x'], { cwd: '/' })).said, [join(root, 'wwanpi'), 'x']);
  assert.deepEqual((await run('../bin/wwanpi', ['x'])).said, ['../bin/wwanpi', 'x']);
  const env = { PATH: `${bin}:${PATH}` };
  assert.deepEqual((await run('wwanpi', ['x'], { cwd: '/', env })).said, [join(bin, 'wwanpi'), 'x']);
  assert.deepEqual((await run('sh', ['wwanpi', 'x'])).said, ['./wwanpi', 'x']);
  const called = { WWANPI_CALLED_AS: 'make' };
  assert.deepEqual((await run('./wwanpi', ['x'], { env: called })).said, ['make', 'x']);
});

test('under sudo, whose PATH may have no node or an old one, ./wwanpi runs the node it was built with', async (t) => {
  const { tmpDir, run } = await makeCheckout(t);
  await run('./wwanpi');
  const old = join(tmpDir, 'node');
  await writeFile(old, '#!/bin/sh\necho an old node >&2\nexit 9\n');
  await chmod(old, 0o755);
  const sudo = { SUDO_UID: '1000', PATH: `${tmpDir}:${PATH}` };
  assert.deepEqual((await run('./wwanpi', ['flash'], { env: sudo })).said, ['./wwanpi', 'flash']);
});

test('root does not build in the checkout of a user, and is told what to do', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs root');
  const { root, run } = await makeCheckout(t);
  await chown(root, 12345, 12345);
  const { stderr } = await run('./wwanpi', [], { exitCode: 3 });
  assert.match(
    stderr,
    /^wwanpi: it is not built, or older than its source\n→ as yourself, without sudo: make -C .* build\n$/,
  );
});

test('shellcheck and dash find nothing wrong with ./wwanpi', async (t) => {
  const { exec } = await createTestContext(t);
  const path = join(packageRoot, 'wwanpi');
  await exec(['shellcheck', path]);
  await exec(['dash', '-n', path]);
});
