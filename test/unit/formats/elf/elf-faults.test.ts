import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { COMPILED_TARGETS as TARGETS } from '../../../../src/base/targets.ts';
import { parseElf } from '../../../../src/formats/elf/elf.ts';
import { type ElfLibrary, findElfErrors } from '../../../../src/formats/elf/elf-faults.ts';
import { createExec } from '../../../../src/tools/exec.ts';
import { ARMV6, compileArm } from '../../../helpers/arm-elf.ts';

const exec = createExec({ signal: new AbortController().signal });
const STRETCH = TARGETS[0];
const BOOKWORM = TARGETS[1];
assert.ok(STRETCH && BOOKWORM);

describe('findElfFaults', () => {
  let folder: string;
  let base: Map<string, ElfLibrary>;
  const compile = async (name: string, options: Parameters<typeof compileArm>[3]): Promise<ElfLibrary> => ({
    name,
    elf: parseElf(await compileArm(exec, folder, name, options), name),
  });
  const faults = (file: ElfLibrary, target = STRETCH) => findElfErrors([file], base, target.limits);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-faults-'));
    // A base whose C library ends at 2.24, and what a host's newer one of the same name would offer.
    const old = await compile('libc.so.6', {
      source: 'int puts(void) { return 0; } int getrandom(void) { return 0; }',
      versions: 'GLIBC_2.4 { global: puts; local: *; }; GLIBC_2.24 { global: getrandom; } GLIBC_2.4;',
    });
    base = new Map([['libc.so.6', old]]);
    await compile('newer', {
      soname: 'libc.so.6',
      source: 'int puts(void) { return 0; } int start(void) { return 0; }',
      versions: 'GLIBC_2.4 { global: puts; local: *; }; GLIBC_2.34 { global: start; } GLIBC_2.4;',
    });
    await compile('libextra.so.1', { source: 'int extra(void) { return 0; }' });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('finds none in a library that fits', async () => {
    const file = await compile('fits', {
      source: 'int puts(void); int f(void) { return puts(); }',
      against: ['libc.so.6'],
    });
    assert.deepEqual(faults(file), []);
  });

  it('refuses ARMv7 Thumb-2 and its floating point on ARMv6, and takes them on ARMv7', async () => {
    const file = await compile('v7', {
      source: 'double f(double x) { return x * 2; }',
      flags: ['-march=armv7-a', '-mfpu=vfpv3-d16', '-mfloat-abi=hard', '-mthumb'],
    });
    assert.deepEqual(faults(file), [
      'v7: built for ARMv7, the target has ARMv6 with VFPv2',
      'v7: uses Thumb-2, the target has ARMv6 with VFPv2',
      'v7: uses VFPv3-D16, the target has ARMv6 with VFPv2',
    ]);
    assert.deepEqual(faults(file, BOOKWORM), []);
  });

  it('refuses NEON on both', async () => {
    const file = await compile('neon', {
      source: 'int f(void) { return 1; }',
      flags: ['-march=armv7-a', '-mfpu=neon', '-mfloat-abi=hard', '-mthumb'],
    });
    assert.match(faults(file, BOOKWORM).join('\n'), /neon: uses NEON/);
  });

  it('refuses the soft-float ABI', async () => {
    const file = await compile('soft', {
      source: 'float f(float x) { return x * 2; }',
      flags: ['-march=armv6', '-mfpu=vfp', '-mfloat-abi=softfp', '-marm'],
    });
    assert.deepEqual(faults(file), ['soft: not built for the hard-float ABI']);
  });

  it("refuses a symbol version above the base's", async () => {
    const file = await compile('new', {
      source: 'int start(void); int f(void) { return start(); }',
      against: ['newer'],
    });
    assert.deepEqual(faults(file), ['new: needs GLIBC_2.34 of libc.so.6, the base goes up to GLIBC_2.24']);
  });

  it('refuses a missing library, once', async () => {
    const file = await compile('lost', {
      source: 'int extra(void); int f(void) { return extra(); }',
      against: ['libextra.so.1'],
    });
    assert.deepEqual(faults(file), ['lost: needs libextra.so.1, which the base has not']);
  });

  it('takes a library that comes in the same package', async () => {
    const user = await compile('user', {
      source: 'int extra(void); int f(void) { return extra(); }',
      against: ['libextra.so.1'],
    });
    const extra = await compile('libextra.so.1', { source: 'int extra(void) { return 0; }' });
    assert.deepEqual(findElfErrors([user, extra], base, STRETCH.limits), []);
  });

  it('refuses a symbol nobody has, but not a weak one', async () => {
    const file = await compile('open', {
      source:
        'int nobody(void); __attribute__((weak)) int maybe(void); int f(void) { return nobody() + (maybe ? maybe() : 0); }',
    });
    assert.deepEqual(faults(file), ['open: uses nobody, which no library of the base or the package has']);
  });

  it('refuses a run path and a foreign dynamic linker', async () => {
    const file = await compile('odd', {
      source: 'int entry(void) { return 0; }',
      program: true,
      flags: [...ARMV6, '-Wl,-rpath,/opt', '-Wl,--dynamic-linker=/lib/ld-musl.so.1'],
    });
    assert.match(faults(file).join('\n'), /wants the dynamic linker|has a run path \(\/opt\)/);
  });
});
