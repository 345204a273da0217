import assert from 'node:assert/strict';
import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { COMPILED_TARGETS as TARGETS, type TargetProfile } from '../../../src/base/targets.ts';
import type { Context } from '../../../src/core/context.ts';
import { InputError } from '../../../src/core/errors.ts';
import type { Argv } from '../../../src/core/exec.ts';
import { checkBuilder } from '../../../src/libqmi/check-builder.ts';
import { prepareNativeToolchain } from '../../../src/libqmi/native-toolchain.ts';
import type { Sysroot } from '../../../src/libqmi/prepare-sysroot.ts';
import type { CompileInputs } from '../../../src/libqmi/toolchain.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeImage } from '../../helpers/image.ts';

const STRETCH = TARGETS.find(({ codename }) => codename === 'stretch') as TargetProfile;
const OWN = STRETCH.native.kind === 'own' ? STRETCH.native.files : [];
const CC1 = '/usr/lib/gcc/arm-linux-gnueabihf/6/cc1';

/** A root with the compiler of a Raspbian Lite, as far as wwanpi looks: gcc is a link, as there. */
function compiler(less: readonly string[] = []): Record<string, string | { readonly link: string }> {
  const files = OWN.filter((path) => !less.includes(path)).map((path) => [path, `of ${path}`]);
  return { ...Object.fromEntries(files), '/usr/bin/gcc': { link: 'gcc-6' }, '/usr/bin/gcc-6': 'gcc' };
}

/** A context that runs everything but bubblewrap, whose calls it notes. */
async function withoutBwrap(t: TestContext): Promise<{ context: Context; guestCalls: Argv[] }> {
  const context = await createTestContext(t);
  const guestCalls: Argv[] = [];
  const exec: Context['exec'] = async (argv, options) => {
    if (argv[0] !== 'bwrap' && argv[0] !== 'arch-test') return context.exec(argv, options);
    if (argv[0] === 'bwrap') guestCalls.push(argv);
    return { exitCode: 0, stdout: '', stdoutBytes: new Uint8Array(), stderr: '' };
  };
  return { context: { ...context, exec }, guestCalls };
}

test('a base without cc1 is refused by name, before anything runs', async (t) => {
  const { context, guestCalls } = await withoutBwrap(t);
  const disk = await makeImage(context, 'a.img', { root: compiler([CC1, '/usr/bin/make']) });
  await assert.rejects(checkBuilder(context, disk, STRETCH, 'qemu'), (error) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, new RegExp(`cannot compile by itself, it lacks ${CC1}, /usr/bin/make$`));
    assert.match(error.hint ?? '', /stock image of Raspbian 9 .*clang compiles for every base/);
    return true;
  });
  assert.deepEqual(guestCalls, []);
  await checkBuilder(context, disk, STRETCH, 'clang');
});

test("Stretch's own gcc gets GLib's headers of the sysroot, and runs on an ARM1176", async (t) => {
  const { context, guestCalls } = await withoutBwrap(t);
  const triplet = STRETCH.triplet;
  const disk = await makeImage(context, 'a.img', {
    root: {
      ...compiler(),
      '/etc/ld.so.preload': '/usr/lib/arm-linux-gnueabihf/libarmmem.so\n',
      '/tmp/x': '',
      '/home/pi/notes': 'private',
    },
  });
  const inputs = { ...(await makeInputs(context)), disk };
  const toolchain = await prepareNativeToolchain(context, inputs);
  assert.deepEqual(toolchain.inputs, []);
  assert.equal((toolchain.key.at(-1) as string[]).length, OWN.length);

  const work = join(context.tmpDir, 'work');
  const scratch = join(context.tmpDir, 'scratch');
  for (const folder of [join(work, 'tools'), scratch]) await mkdir(folder, { recursive: true });
  const { commands, run } = await toolchain.open(work, scratch);
  const root = join(scratch, 'root');
  assert.equal(await readFile(join(root, 'usr/include/glib-2.0/glib.h'), 'utf8'), 'header');
  assert.equal(await readFile(join(root, `usr/lib/${triplet}/pkgconfig/glib-2.0.pc`), 'utf8'), 'pc');
  for (const name of ['glib', 'gobject', 'gio']) {
    assert.equal(await readFile(join(root, `usr/lib/${triplet}/lib${name}-2.0.so`), 'utf8'), name);
  }
  assert.equal(await readFile(join(root, 'etc/ld.so.preload'), 'utf8'), '');
  assert.deepEqual((await readdir(root)).sort(), ['etc', 'tmp', 'usr'], 'programs, and nothing of the users');
  assert.deepEqual(await readdir(join(root, 'tmp')), []);
  assert.equal((await lstat(join(root, 'tmp'))).mode & 0o7777, 0o1777);
  assert.match(await readFile(join(work, 'tools/glib-mkenums'), 'utf8'), /^#! ?\/usr\/bin\/.*python3/);

  const [configure] = commands;
  assert.ok(configure !== undefined);
  await run(configure, join(work, 'build.log'));
  const argv = guestCalls[0]?.join(' ') ?? '';
  assert.match(argv, new RegExp(`^bwrap --unshare-all --new-session --die-with-parent --bind ${root} / `));
  assert.match(argv, new RegExp(`--bind ${work} /wwanpi --chdir /wwanpi/source --clearenv `));
  assert.match(argv, / --setenv CC gcc /);
  assert.match(argv, / --setenv CFLAGS -O2 -w -DGLIB_VERSION_MIN_REQUIRED=GLIB_VERSION_2_50 /);
  assert.doesNotMatch(argv, /file-prefix-map/, 'gcc 6 does not know it');
  assert.match(argv, / --setenv QEMU_CPU arm1176 \.\/configure --prefix=\/usr /);
});

test('a libqmi that needs meson is refused for a base that has none', async (t) => {
  const { context } = await withoutBwrap(t);
  const inputs = await makeInputs(context);
  const source = { ...inputs.source, version: '1.32.2', buildSystem: 'meson' as const };
  await assert.rejects(prepareNativeToolchain(context, { ...inputs, source }), (error) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /Raspbian 9 \(stretch\) has no meson, which libqmi 1\.32\.2 needs/);
    return true;
  });
});

async function makeInputs(context: Context): Promise<CompileInputs> {
  const path = join(context.tmpDir, 'sysroot');
  const sysroot: Sysroot = {
    path,
    id: 'sysroot',
    cacheHit: false,
    glibVersion: '2.50.3',
    headersVersion: '2.74.6',
    symbols: new Map(),
    packages: [],
    inputs: [],
  };
  for (const [name, text] of [
    ['usr/include/glib-2.0/glib.h', 'header'],
    ['usr/include/gio-unix-2.0/gio.h', 'header'],
    [`usr/lib/${STRETCH.triplet}/glib-2.0/include/glibconfig.h`, 'header'],
    [`usr/lib/${STRETCH.triplet}/pkgconfig/glib-2.0.pc`, 'pc'],
    [`usr/lib/${STRETCH.triplet}/libglib-2.0.so.0`, 'glib'],
    [`usr/lib/${STRETCH.triplet}/libgobject-2.0.so.0`, 'gobject'],
    [`usr/lib/${STRETCH.triplet}/libgio-2.0.so.0`, 'gio'],
  ] as const) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  const record = { name: 'libqmi', sha256: '0', origin: 'x', pinned: false };
  const source = { path: '/none', version: '1.16.0', buildSystem: 'autotools' as const, record };
  return { source, disk: {} as CompileInputs['disk'], sysroot, target: STRETCH };
}
