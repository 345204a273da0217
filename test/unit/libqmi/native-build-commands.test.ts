import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError, ToolFailedError } from '../../../src/core/errors.ts';
import type { Argv, Exec } from '../../../src/core/exec.ts';
import { BUILD_RECIPES, type BuildPlan } from '../../../src/libqmi/build-commands.ts';
import { findMissing } from '../../../src/libqmi/make-native-root.ts';
import { GUEST, NATIVE_RECIPES, nativeEnv } from '../../../src/libqmi/native-build-commands.ts';
import { ensureGuest, runInGuest } from '../../../src/tools/bwrap.ts';
import { createTestContext } from '../../helpers/context.ts';

const OPTIONS = ['--one', '--two'];
const PLAN = { cFlags: ['-O2', '-w'], linkFlags: ['-Wl,--as-needed'], jobs: 2, options: OPTIONS };

test("the target's own compiler is all it finds, with the flags it is given", () => {
  const env = nativeEnv(PLAN, '1467849600');
  assert.equal(env.CC, 'gcc');
  assert.equal(env.CFLAGS, '-O2 -w');
  assert.equal(env.LDFLAGS, '-Wl,--as-needed');
  assert.equal(env.PATH?.split(':')[0], GUEST.tools);
});

test('meson builds with the options it is given, and no cross file', () => {
  const [setup, ninja, install] = NATIVE_RECIPES.meson(PLAN).map(({ argv }) => argv.join(' '));
  for (const option of OPTIONS) assert.ok(setup?.includes(` ${option} `), option);
  assert.doesNotMatch(setup ?? '', /cross/);
  assert.equal(ninja, 'ninja -C /wwanpi/build -j2');
  assert.match(install ?? '', /^meson install .*--destdir=\/wwanpi\/install$/);
});

test('autotools makes the same folders as the cross build', () => {
  const commands = NATIVE_RECIPES.autotools(PLAN).map(({ argv }) => argv);
  assert.deepEqual(commands[0], ['./configure', ...OPTIONS]);
  const made = (argvs: readonly (readonly string[])[]) =>
    argvs.filter((argv) => argv[0] === 'make').map((argv) => `${argv[2]} ${argv.includes('install')}`);
  const cross = BUILD_RECIPES.autotools.commands({
    cFlags: [],
    linkFlags: [],
    options: [],
  } as unknown as BuildPlan);
  assert.deepEqual(made(commands), made(cross.map(({ argv }) => argv)));
});

test('a guest runs in its own root and environment, on the processor of the target', async () => {
  const { exec, calls } = recorder();
  const guest = { root: '/r', folders: { '/wwanpi': '/tmp/work' }, cpu: 'cortex-a7', env: { CC: 'gcc' } };
  await runInGuest(exec, guest, ['ninja', '-j2'], { cwd: '/', outputFile: '/l' });
  assert.deepEqual(calls, [
    [
      ...[
        'bwrap',
        '--unshare-all',
        '--new-session',
        '--die-with-parent',
        '--bind',
        '/r',
        '/',
        '--dev',
        '/dev',
        '--proc',
        '/proc',
      ],
      ...['--bind', '/tmp/work', '/wwanpi', '--chdir', '/', '--clearenv'],
      ...['--setenv', 'CC', 'gcc', '--setenv', 'QEMU_CPU', 'cortex-a7', 'ninja', '-j2'],
    ],
  ]);
});

test('where no namespaces can be had, that is said before any work', async (t) => {
  if (process.getuid?.() !== 0)
    return t.skip('needs root, to be past the question whether armhf programs run');
  const exec: Exec = async (argv) => {
    if (argv[0] === 'bwrap')
      throw new ToolFailedError('bwrap failed', { detail: 'No permissions to create new namespace' });
    return { exitCode: 0, stdout: '', stdoutBytes: new Uint8Array(), stderr: '' };
  };
  await assert.rejects(ensureGuest({ ...(await createTestContext(t)), exec }), (error) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /needs user namespaces or root/);
    assert.match(error.detail ?? '', /No permissions/);
    return true;
  });
});

test('a package that the base has in that version is not unpacked again', () => {
  const status = [
    'Package: libc6\nStatus: install ok installed\nArchitecture: armhf\nVersion: 2.36-9\n',
    'Package: perl-base\nStatus: hold ok installed\nVersion: 5.36.0-7\n',
    'Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n',
  ].join('\n');
  const entry = (name: string, version: string) => ({
    name,
    version,
    sha256: '',
    sizeBytes: 0,
    fileName: '',
  });
  const packages = [
    entry('libc6', '2.36-9'),
    entry('perl-base', '5.36.0-8'),
    entry('gone', '1'),
    entry('gcc', '4'),
  ];
  assert.deepEqual(
    findMissing(packages, status).map(({ name }) => name),
    ['perl-base', 'gone', 'gcc'],
  );
});

function recorder(): { exec: Exec; calls: Argv[] } {
  const calls: Argv[] = [];
  const exec: Exec = async (argv) => {
    calls.push(argv);
    return { exitCode: 0, stdout: '', stdoutBytes: new Uint8Array(), stderr: '' };
  };
  return { exec, calls };
}
