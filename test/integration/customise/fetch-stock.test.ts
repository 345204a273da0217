import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { findTarget } from '../../../src/base/targets.ts';
import type { Context } from '../../../src/core/context.ts';
import { InputError, VerificationError } from '../../../src/core/errors.ts';
import type { Architecture } from '../../../src/core/model.ts';
import { fetchStock } from '../../../src/customise/fetch-stock.ts';
import { makeDeb, serveArchive } from '../../helpers/archive.ts';
import { compileArm } from '../../helpers/arm-elf.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeImage } from '../../helpers/image.ts';
import { makeSigningKeys } from '../../helpers/signing-keys.ts';

const STATUS = 'Package: libc6\nStatus: install ok installed\nArchitecture: armhf\nVersion: 2.41-12\n';
const ARMV7 = ['-march=armv7-a', '-mfpu=vfpv3-d16', '-mfloat-abi=hard', '-mthumb'];

/** A base whose sources have a modemmanager with this library in it. */
async function makeBase(
  t: TestContext,
  { id, architecture, library }: { id: string; architecture: Architecture; library: Uint8Array },
) {
  const context = await createTestContext(t);
  const keys = await makeSigningKeys(t, context);
  const fingerprint = await keys.gpg('archive');
  const fields = { Architecture: architecture };
  const files = { 'usr/lib/libcaller.so.0': library };
  const debs = await Promise.all([
    makeDeb(context, 'modemmanager', { ...fields, Depends: 'libcaller0, libc6', Recommends: 'docs' }),
    makeDeb(context, 'libcaller0', fields, 'xz', files),
    makeDeb(context, 'docs', fields),
  ]);
  const archive = await serveArchive(t, context, keys, fingerprint, debs, architecture);
  const disk = await makeImage(context, 'base.img', {
    root: {
      '/etc/apt/sources.list': `deb ${archive.url}/ stretch main\n`,
      '/etc/apt/trusted.gpg.d/archive.gpg': await keys.exportGpg(fingerprint),
      '/etc/dpkg/dpkg.cfg.d/small': 'path-exclude=/usr/share/libcaller0/*\n',
    },
  });
  const os = { id, codename: 'trixie', prettyName: `${id} 13` };
  const status = STATUS.replaceAll('armhf', architecture);
  const fetch = (name: string) =>
    fetchStock(context, { disk, os, architecture, status }, findTarget(os, architecture), name);
  return { context, fetch };
}

async function compile(context: Context, flags?: readonly string[]): Promise<Uint8Array> {
  const source = 'double twice(double a) { return a * 2; }';
  return compileArm(context.exec, context.tmpDir, 'libcaller.so.0', { source, ...(flags && { flags }) });
}

test('what the base lacks comes from its own sources, with what it needs, and nothing recommended', async (t) => {
  const library = await compile(await createTestContext(t));
  const { fetch } = await makeBase(t, { id: 'raspbian', architecture: 'armhf', library });
  const found = await fetch('modemmanager');
  assert.deepEqual(
    found.map(({ built }) => [built.maker, built.name, built.architecture]),
    [
      ['debian', 'libcaller0', 'armhf'],
      ['debian', 'modemmanager', 'armhf'],
    ],
  );
  assert.deepEqual([...(found[0]?.built.leftOut ?? [])], ['/usr/share/libcaller0/file']);
  await assert.rejects(fetch('caller'), (error: unknown) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /lacks caller, and so do its sources/);
    return true;
  });
});

test("code that a Pi 1 cannot run is refused for Raspbian, and taken for Debian's armhf", async (t) => {
  const library = await compile(await createTestContext(t), ARMV7);
  const { fetch } = await makeBase(t, { id: 'raspbian', architecture: 'armhf', library });
  await assert.rejects(fetch('modemmanager'), (error: unknown) => {
    assert.ok(error instanceof VerificationError);
    assert.match(error.message, /libcaller0 1\.0 .* does not run on every Pi of Raspbian 13/);
    assert.match(error.detail ?? '', /libcaller\.so\.0: (built for ARMv7|uses)/);
    return true;
  });
  const debian = await makeBase(t, { id: 'debian', architecture: 'armhf', library });
  assert.equal((await debian.fetch('modemmanager')).length, 2);
});

test('code for another machine is refused', async (t) => {
  const library = await readFile('/bin/true');
  const { fetch } = await makeBase(t, { id: 'debian', architecture: 'arm64', library });
  await assert.rejects(fetch('modemmanager'), (error: unknown) => {
    assert.ok(error instanceof VerificationError);
    assert.match(error.detail ?? '', /libcaller\.so\.0: not built for arm64/);
    return true;
  });
});
