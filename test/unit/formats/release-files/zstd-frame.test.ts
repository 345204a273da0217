import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readZstdContentSize } from '../../../../src/formats/release-files/zstd-frame.ts';
import { createTestContext } from '../../../helpers/context.ts';

test('the size in the header is the size of the input, in each width of the field', async (t) => {
  const { exec, tmpDir } = await createTestContext(t);
  const path = join(tmpDir, 'x');
  for (const size of [1, 255, 256, 65_791, 65_792, 5_000_000]) {
    await writeFile(path, Buffer.alloc(size, 7));
    const { stdoutBytes } = await exec(['zstd', '-q', '-c', path]);
    assert.equal(readZstdContentSize(stdoutBytes.subarray(0, 18)), size);
  }
});

test('an 8-byte size, and a header with a dictionary', () => {
  const header = (descriptor: number, rest: string) =>
    Buffer.concat([
      Buffer.from('28b52ffd', 'hex'),
      Buffer.from([descriptor]),
      Buffer.from(rest, 'hex'),
      Buffer.alloc(16),
    ]);
  assert.equal(readZstdContentSize(header(0xc0, '58' + '0000000002000000')), 2 ** 33);
  assert.equal(readZstdContentSize(header(0x81, '58' + 'aa' + '00001000')), 1 << 20);
  assert.equal(readZstdContentSize(header(0xc0, '58' + 'ffffffffffffffff')), undefined);
});

test('where the header has no size there is none', async (t) => {
  const { exec } = await createTestContext(t);
  const { stdoutBytes } = await exec(['zstd', '-q', '-c'], { input: Buffer.alloc(100_000, 7) });
  assert.equal(readZstdContentSize(stdoutBytes.subarray(0, 18)), undefined);
  for (const head of [Buffer.alloc(0), Buffer.alloc(18), Buffer.from('28b52ffd', 'hex')]) {
    assert.equal(readZstdContentSize(head), undefined);
  }
});
