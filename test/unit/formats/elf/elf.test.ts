import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { VerificationError } from '../../../../src/core/errors.ts';
import { isElf, parseElf } from '../../../../src/formats/elf/elf.ts';
import { cpuArchName, fpArchName, parseArmAttributes } from '../../../../src/formats/elf/elf-attributes.ts';
import { createExec } from '../../../../src/tools/exec.ts';

const exec = createExec({ signal: new AbortController().signal });

/** A library of our own making: two symbols, one version, one NEEDED. */
async function compileSample(): Promise<{ bytes: Uint8Array; readelf: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-elf-'));
  try {
    const at = (name: string) => join(folder, name);
    await writeFile(at('dep.c'), 'int helper(void) { return 1; }');
    await writeFile(at('dep.map'), 'DEP_1.0 { global: helper; local: *; };');
    await writeFile(
      at('own.c'),
      'int helper(void); __attribute__((weak)) int maybe(void); int own(void) { return helper() + (maybe ? maybe() : 0); }',
    );
    await writeFile(at('own.map'), 'OWN_1.0 { global: own; local: *; };');
    const clang = [
      '--target=arm-linux-gnueabihf',
      '-march=armv6',
      '-mfpu=vfp',
      '-mfloat-abi=hard',
      '-marm',
      '-fPIC',
      '-O2',
      '-shared',
      '-nostdlib',
      '-fuse-ld=lld',
    ];
    await exec([
      'clang',
      ...clang,
      at('dep.c'),
      '-Wl,-soname,libdep.so.1',
      `-Wl,--version-script=${at('dep.map')}`,
      '-o',
      at('libdep.so'),
    ]);
    await exec([
      'clang',
      ...clang,
      at('own.c'),
      at('libdep.so'),
      '-Wl,-soname,libown.so.2',
      '-Wl,-rpath,/opt',
      `-Wl,--version-script=${at('own.map')}`,
      '-o',
      at('libown.so'),
    ]);
    const readelf = await exec(['llvm-readelf', '-A', '-d', at('libown.so')]);
    return { bytes: await readFile(at('libown.so')), readelf: readelf.stdout };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('parseElf', () => {
  let sample: { bytes: Uint8Array; readelf: string };
  before(async () => {
    sample = await compileSample();
  });

  it('reads what the dynamic linker and the processor ask for', () => {
    const elf = parseElf(sample.bytes);
    assert.equal(elf.kind, 'library');
    assert.equal(elf.flags, 0x05000400);
    assert.equal(elf.soname, 'libown.so.2');
    assert.equal(elf.rpath, '/opt');
    assert.deepEqual(elf.needed, ['libdep.so.1']);
    assert.deepEqual(elf.versionsDefined, ['OWN_1.0']);
    assert.deepEqual(
      elf.symbols.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      [
        { name: 'helper', defined: false, weak: false, version: 'DEP_1.0', library: 'libdep.so.1' },
        { name: 'maybe', defined: false, weak: true, version: undefined, library: undefined },
        { name: 'own', defined: true, weak: false, version: 'OWN_1.0', library: undefined },
      ],
    );
  });

  it('agrees with llvm-readelf about the build attributes', () => {
    const { attributes } = parseElf(sample.bytes);
    assert.ok(attributes);
    assert.match(sample.readelf, /ARM v6$/m);
    assert.equal(cpuArchName(attributes.cpuArch), 'v6');
    assert.match(sample.readelf, /VFPv2/);
    assert.equal(fpArchName(attributes.fpArch), 'VFPv2');
    assert.equal(attributes.thumbIsaUse, 1);
    assert.equal(attributes.advancedSimdArch, 0);
  });

  it('refuses what is no ARM ELF, saying so', () => {
    assert.throws(() => parseElf(new Uint8Array(), 'a'), { message: 'a is not an ELF file' });
    const x86 = sample.bytes.slice();
    x86[18] = 3;
    assert.throws(() => parseElf(x86, 'b'), /b is an ELF file, but not a 32-bit little-endian ARM one/);
  });

  it('answers any damage with a VerificationError or a value, in finite time', () => {
    const edit = fc.record({ at: fc.nat(sample.bytes.length - 1), value: fc.nat(255) });
    fc.assert(
      fc.property(
        fc.array(edit, { minLength: 1, maxLength: 30 }),
        fc.nat(sample.bytes.length),
        (edits, keep) => {
          const bytes = sample.bytes.slice(0, Math.max(keep, edits.length > 15 ? 0 : sample.bytes.length));
          for (const { at, value } of edits) bytes[at] = value;
          attempt(bytes);
        },
      ),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (tail) =>
        attempt(Uint8Array.of(...sample.bytes.slice(0, 52), ...tail)),
      ),
    );
  });
});

describe('parseArmAttributes', () => {
  it('skips strings, other vendors and tags it does not know', () => {
    const aeabi = Uint8Array.of(
      ...text('A'),
      10,
      0,
      0,
      0,
      ...text('gnu\0'),
      1,
      9,
      40,
      0,
      0,
      0,
      ...text('aeabi\0'),
      1,
      30,
      0,
      0,
      0,
      5,
      ...text('6\0'),
      6,
      6,
      32,
      1,
      ...text('x\0'),
      67,
      ...text('2.09\0'),
      10,
      2,
      28,
      1,
    );
    const { cpuArch, fpArch, abiVfpArgs } = parseArmAttributes(aeabi);
    assert.deepEqual({ cpuArch, fpArch, abiVfpArgs }, { cpuArch: 6, fpArch: 2, abiVfpArgs: 1 });
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        (bytes) => void parseArmAttributes(Uint8Array.of(0x41, ...bytes)),
      ),
    );
  });
});

function attempt(bytes: Uint8Array): void {
  try {
    parseElf(bytes);
  } catch (error) {
    assert.ok(error instanceof VerificationError, `${error}`);
  }
  isElf(bytes);
}

function text(value: string): Uint8Array {
  return Buffer.from(value, 'latin1');
}
