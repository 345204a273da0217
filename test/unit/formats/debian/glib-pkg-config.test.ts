import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  formatGlibPkgConfig,
  getGlibVersion,
  glibVersionMacro,
} from '../../../../src/formats/debian/glib-pkg-config.ts';
import { createExec } from '../../../../src/tools/exec.ts';

const exec = createExec({ signal: new AbortController().signal });

describe('glibVersionOf', () => {
  it("reads the version from the library's name", () => {
    assert.equal(getGlibVersion('libglib-2.0.so.0.5000.3'), '2.50.3');
    assert.equal(getGlibVersion('libglib-2.0.so.0.7400.6'), '2.74.6');
    assert.equal(getGlibVersion('libglib-2.0.so.0.4200.1'), '2.42.1');
    assert.equal(getGlibVersion('libglib-2.0.so.0'), undefined);
  });

  it('names the API level', () => {
    assert.equal(glibVersionMacro('2.50.3'), 'GLIB_VERSION_2_50');
    assert.equal(glibVersionMacro('2.51.1'), 'GLIB_VERSION_2_50');
  });
});

describe('formatGlibPkgConfig', () => {
  it("makes files that pkg-config resolves inside a sysroot, at the base's version", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'wwanpi-pc-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    for (const [name, text] of formatGlibPkgConfig('2.50.3', 'arm-linux-gnueabihf')) {
      await writeFile(join(folder, name), text);
    }
    const env = { PKG_CONFIG_LIBDIR: folder, PKG_CONFIG_SYSROOT_DIR: '/root-of-base' };
    const run = async (...args: string[]) => (await exec(['pkg-config', ...args], { env })).stdout.trim();
    assert.equal(await run('--modversion', 'gio-unix-2.0'), '2.50.3');
    const flags = (await run('--cflags', 'gio-unix-2.0')).split(' ');
    assert.ok(flags.includes('-I/root-of-base/usr/include/glib-2.0'));
    assert.ok(flags.includes('-I/root-of-base/usr/lib/arm-linux-gnueabihf/glib-2.0/include'));
    assert.ok(flags.includes('-I/root-of-base/usr/include/gio-unix-2.0'));
    assert.match(await run('--libs', 'gio-unix-2.0'), /-lgio-2\.0 -lgobject-2\.0 -lglib-2\.0$/);
  });
});
