import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../../../src/core/errors.ts';
import { cutXzBlock, encodeXzHeader, encodeXzIndex } from '../../../src/formats/release-files/xz.ts';
import { decodeInteger, encodeInteger } from '../../../src/formats/release-files/xz-integer.ts';
import { createExec } from '../../../src/tools/exec.ts';
import { compressBlock } from '../../../src/tools/lzma.ts';

const exec = createExec({ signal: new AbortController().signal });

/** A block of 1 to 70,000 bytes: of one byte, of noise, or of something in between. */
const block = fc
  .record({
    bytes: fc.uint8Array({ minLength: 1, maxLength: 700 }),
    repeat: fc.integer({ min: 1, max: 100 }),
  })
  .map(({ bytes, repeat }) => Buffer.concat(Array.from({ length: repeat }, () => bytes)));

describe('an .xz put together from Blocks', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-xz-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('any list of blocks, at any level, comes back through xz(1), which sees one stream of as many', async () => {
    const path = join(folder, 'any.xz');
    await fc.assert(
      fc.asyncProperty(
        fc.array(block, { maxLength: 12 }),
        fc.integer({ min: 0, max: 3 }),
        async (list, level) => {
          const blocks = await Promise.all(list.map((bytes) => compressBlock(bytes, level)));
          const parts = [encodeXzHeader(), ...blocks.map(({ bytes }) => bytes), encodeXzIndex(blocks)];
          await writeFile(path, Buffer.concat(parts));
          const { stdoutBytes } = await exec(['xz', '-d', '-c', '--threads=2', path]);
          assert.ok(Buffer.concat(list).equals(stdoutBytes));
          const { stdout } = await exec(['xz', '--robot', '--list', '-vv', path]);
          const rows = stdout.split('\n').map((line) => line.split('\t'));
          const [, streams, count, packedBytes, bytes, , check] =
            rows.find(([kind]) => kind === 'file') ?? [];
          assert.deepEqual(
            [streams, count, check],
            ['1', String(list.length), list.length === 0 ? check : 'CRC64'],
          );
          assert.equal(Number(packedBytes), Buffer.concat(parts).length);
          assert.equal(Number(bytes), Buffer.concat(list).length);
          // The flags of each Block's header: c and u, the sizes a decoder with threads needs (xz(1), -vv).
          assert.ok(rows.filter(([kind]) => kind === 'block').every((row) => row.includes('cu')));
        },
      ),
      { numRuns: 40 },
    );
  });

  test("a Block of xz(1)'s own, with and without sizes in its header, is cut out the same", async () => {
    const path = join(folder, 'own');
    await writeFile(path, 'wwanpi\n'.repeat(10_000));
    const files = await Promise.all(
      ['--threads=1', '--threads=2'].map((threads) => exec(['xz', '-k', '-c', '-1', threads, path])),
    );
    const [one, two] = files.map(({ stdoutBytes }) => cutXzBlock(Buffer.from(stdoutBytes)));
    assert.ok(one !== undefined && two !== undefined);
    assert.deepEqual(one.uncompressedBytes, 70_000);
    // xz(1) with threads leaves room in the header; ours does not, so both are the same bytes.
    assert.ok(one.bytes.equals(two.bytes));
    assert.equal(one.unpaddedBytes, two.unpaddedBytes);
  });

  test('anything but an .xz of one block with CRC64 is refused', async () => {
    const path = join(folder, 'own');
    await writeFile(path, 'wwanpi\n'.repeat(10_000));
    const { stdoutBytes: crc32 } = await exec(['xz', '-k', '-c', '--check=crc32', path]);
    const { stdoutBytes: many } = await exec(['xz', '-k', '-c', '--block-size=20000', path]);
    for (const bytes of [crc32, many, Buffer.alloc(0), Buffer.alloc(100)]) {
      assert.throws(() => cutXzBlock(Buffer.from(bytes)), InputError);
    }
    const { stdoutBytes } = await exec(['xz', '-k', '-c', path]);
    const whole = Buffer.from(stdoutBytes);
    for (let length = 0; length < whole.length; length += 1) {
      assert.throws(() => cutXzBlock(whole.subarray(0, length)), InputError, `cut to ${length}`);
    }
    // Any byte changed: it is refused, or cut out with the damage in it, which its Check tells.
    for (let at = 0; at < whole.length; at += 1) {
      for (const value of [0x00, 0x7f, 0x80, 0xff]) {
        const bytes = Buffer.from(whole);
        bytes[at] = value;
        try {
          cutXzBlock(bytes);
        } catch (error) {
          assert.ok(error instanceof InputError, `byte ${at} as ${value}: ${String(error)}`);
        }
      }
    }
  });
});

test('integers of the format (§1.2) come back, up to 2^53', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      const bytes = encodeInteger(value);
      assert.deepEqual(decodeInteger(Buffer.concat([bytes, Buffer.from([1])]), 0), [value, bytes.length]);
    }),
  );
  assert.throws(() => decodeInteger(Buffer.alloc(10, 0x80), 0), InputError);
});
