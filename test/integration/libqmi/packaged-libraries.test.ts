import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMPILED_TARGETS } from '../../../src/base/targets.ts';
import type { PackageFile } from '../../../src/core/model.ts';
import { identifySysroot } from '../../../src/libqmi/prepare-sysroot.ts';
import { readBaseLibraries } from '../../../src/libqmi/read-base-libraries.ts';
import { readPackagedLibraries } from '../../../src/libqmi/read-packaged-libraries.ts';
import { compileArm } from '../../helpers/arm-elf.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeImage } from '../../helpers/image.ts';

const [, BOOKWORM] = COMPILED_TARGETS;
const FOLDER = `lib/${BOOKWORM.triplet}`;
const SYMBOLS = 'libc.so.6 libc6 #MINVER#\n f@GLIBC_2.4 2.4\n';

test('packages give the same sysroot as the base that is made of them, and other packages another', async (t) => {
  const context = await createTestContext(t);
  const compile = (name: string, source: string) =>
    compileArm(context.exec, context.tmpDir, name, { source });
  const library = await compile('lib.so', 'int f(void) { return 1; }');
  const other = await compile('other.so', 'int f(void) { return 2; }');
  const file = (path: string, content: Uint8Array): PackageFile => ({
    kind: 'file',
    path,
    mode: 0o644,
    content,
  });
  // Debian 12's libc6 has its files in /lib, which is a link to usr/lib in the base.
  const libc = (content: Uint8Array) => ({
    files: [file(`/${FOLDER}/libc.so.6`, content)],
    controlFiles: new Map([['symbols', Buffer.from(SYMBOLS)]]),
  });
  const names = ['libgobject-2.0.so.0', 'libgio-2.0.so.0'].map((name) => `/usr/${FOLDER}/${name}`);
  const version = `/usr/${FOLDER}/libglib-2.0.so.0`;
  const glib = {
    files: [
      { kind: 'symlink' as const, path: version, target: 'libglib-2.0.so.0.7400.6' },
      ...[`${version}.7400.6`, ...names].map((path) => file(path, library)),
    ],
    controlFiles: new Map<string, Uint8Array>(),
  };
  const disk = await makeImage(context, 'base.img', {
    root: {
      '/lib': { link: 'usr/lib' },
      [`/usr/${FOLDER}/libc.so.6`]: library,
      [version]: { link: 'libglib-2.0.so.0.7400.6' },
      ...Object.fromEntries([`${version}.7400.6`, ...names].map((path) => [path, library])),
      '/var/lib/dpkg/info/libc6:armhf.symbols': SYMBOLS,
    },
  });
  const ofDebs = async (content: Uint8Array) => {
    const debs = new Map([
      ['libc6', libc(content)],
      ['libglib2.0-0', glib],
    ]);
    return identifySysroot(await readPackagedLibraries(debs, BOOKWORM), BOOKWORM);
  };
  const ofBase = identifySysroot(await readBaseLibraries(context, disk, BOOKWORM), BOOKWORM);
  assert.equal(await ofDebs(library), ofBase);
  assert.notEqual(await ofDebs(other), ofBase);
});
