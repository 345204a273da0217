import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VerificationError } from '../../../../src/core/errors.ts';
import { parseElf } from '../../../../src/formats/elf/elf.ts';

/** One section, by the numbers of its header. */
interface SectionSpec {
  readonly type: number;
  readonly bytes: Uint8Array;
  readonly link?: number;
}

const STRINGS = 3;
const DYNAMIC = 6;
const SYMBOLS = 11;
const VERSION_NEEDS = 0x6ffffffe;
const VERSION_DEFINITIONS = 0x6ffffffd;

/** An ARM library of these sections, the null section before them. */
function makeElf(sections: readonly SectionSpec[]): Uint8Array {
  const all = [{ type: 0, bytes: new Uint8Array() }, ...sections];
  const contentBytes = all.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const elf = new Uint8Array(52 + contentBytes + all.length * 40);
  const view = new DataView(elf.buffer);
  elf.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  view.setUint16(18, 40, true);
  view.setUint32(32, 52 + contentBytes, true);
  view.setUint16(46, 40, true);
  view.setUint16(48, all.length, true);
  let offset = 52;
  for (const [index, { type, bytes, link = 0 }] of all.entries() as Iterable<[number, SectionSpec]>) {
    const header = 52 + contentBytes + index * 40;
    view.setUint32(header + 4, type, true);
    view.setUint32(header + 16, offset, true);
    view.setUint32(header + 20, bytes.length, true);
    view.setUint32(header + 24, link, true);
    elf.set(bytes, offset);
    offset += bytes.length;
  }
  return elf;
}

function words(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}

function assertDamaged(sections: readonly SectionSpec[], reason: RegExp): void {
  assert.throws(
    () => parseElf(makeElf(sections), 'bomb'),
    (error) => error instanceof VerificationError && reason.test(error.message),
  );
}

const strings: SectionSpec = { type: STRINGS, bytes: Buffer.from('\0libx.so\0'.padEnd(64, '\0')) };

test('the sections of a sound file are read', () => {
  const needs = words(0x10001, 1, 16, 0, /* aux: hash, flags and index, name, next */ 0, 0x20000, 1, 0);
  const elf = parseElf(makeElf([strings, { type: VERSION_NEEDS, bytes: needs, link: 1 }]));
  assert.deepEqual(elf.needed, []);
});

test('lists of versions that share their entries are refused, not read again and again', () => {
  // Each need's list of versions begins at the next need: as many steps as the square of their number.
  const count = 2000;
  const entries = Array.from({ length: count }, (_, index) => [
    1,
    1,
    16,
    index === count - 1 ? 0 : 16,
  ]).flat();
  const bytes = words(...entries, 0, 0, 0, 0);
  assertDamaged([strings, { type: VERSION_NEEDS, bytes, link: 1 }], /lists of versions overlap/);
});

test('a list of definitions that stands still or goes on in small steps is refused', () => {
  const bytes = new Uint8Array(40_000);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 20 < bytes.length; at += 1) view.setUint8(at + 16, 1);
  bytes.fill(0, bytes.length - 64);
  assertDamaged([strings, { type: VERSION_DEFINITIONS, bytes, link: 1 }], /damaged ELF/);
});

test('a name longer than any is refused, as are names that are so together', () => {
  const long = { type: STRINGS, bytes: Buffer.concat([Buffer.alloc(400_000, 'x'), Buffer.alloc(1)]) };
  const symbol = [0, 0, 0, 0x10 | 0x10000];
  assertDamaged(
    [long, { type: SYMBOLS, bytes: words(0, 0, 0, 0, ...symbol), link: 1 }],
    /a name is too long/,
  );
  const fitting = { type: STRINGS, bytes: Buffer.concat([Buffer.alloc(4000, 'x'), Buffer.alloc(1)]) };
  const many = words(0, 0, 0, 0, ...Array.from({ length: 20_000 }, () => symbol).flat());
  assertDamaged([fitting, { type: SYMBOLS, bytes: many, link: 1 }], /too long together/);
});

test('more libraries or symbols than any file has are refused', () => {
  const needed = words(...Array.from({ length: 1001 }, () => [1, 1]).flat(), 0, 0);
  assertDamaged([strings, { type: DYNAMIC, bytes: needed, link: 1 }], /needs too many libraries/);
  const symbols = new Uint8Array(500_001 * 16);
  assertDamaged([strings, { type: SYMBOLS, bytes: symbols, link: 1 }], /too many symbols/);
});
