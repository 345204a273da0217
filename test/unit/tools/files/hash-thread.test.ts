import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { fingerprint } from '../../../../src/tools/files/fingerprint.ts';
import { allocateShared, type HashThread, openHashThread } from '../../../../src/tools/files/hash-thread.ts';

const PIECE_BYTES = 1000;
const pieces = Array.from({ length: 6 }, () => randomBytes(PIECE_BYTES));

/** The hash of a file of these pieces, by a thread that may know them. */
async function hashPieces(thread: HashThread, parts: readonly Buffer[], withIds = true): Promise<string> {
  const memory = allocateShared(PIECE_BYTES);
  for (const part of parts) {
    part.copy(memory);
    const bytes = memory.subarray(0, part.length);
    await thread.update(bytes, withIds ? await thread.identify(bytes) : undefined);
  }
  return thread.digest();
}

const sha256 = (parts: readonly Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest('hex');

/** The pieces, with another one at a place. */
const changed = (at: number) => pieces.with(at, randomBytes(PIECE_BYTES));

describe('a thread that knows the file before', () => {
  const [short, other, first] = [pieces.slice(0, 3), changed(2), changed(0)];
  const files: readonly (readonly [name: string, parts: readonly Buffer[], withIds?: boolean])[] = [
    ['a file', pieces],
    ['the same', pieces],
    ['one that differs in the middle', other],
    ['the first again', pieces],
    ['one that differs at the end', changed(5)],
    ['one that differs at the beginning', first],
    ['a shorter one that begins as an earlier one did', short],
    ['a longer one', [...pieces, ...pieces]],
    ['the same without its last piece', [...pieces, ...pieces.slice(0, 5)]],
    ['one without fingerprints', pieces, false],
    ['one with, after it', pieces],
    ['one with a short last piece', [...pieces.slice(0, 5), pieces[5]?.subarray(0, 7) ?? Buffer.alloc(0)]],
    ['an empty one', []],
    ['one after the empty one', other],
  ];
  test('hashes each file as if it were the first', async () => {
    const thread = openHashThread();
    for (const [name, parts, withIds] of files)
      assert.equal(await hashPieces(thread, parts, withIds), sha256(parts), name);
    await thread.close();
  });

  test('does not hash what it knows: a file is found by its fingerprints alone', async () => {
    const thread = openHashThread();
    await hashPieces(thread, pieces);
    const memory = allocateShared(PIECE_BYTES);
    // Other bytes under the known fingerprints show whether they are read.
    for (const piece of pieces) await thread.update(memory, fingerprint(piece));
    assert.equal(await thread.digest(), sha256(pieces));
    await thread.close();
  });

  test('has lost nothing when it was closed half way', async () => {
    const thread = openHashThread();
    await hashPieces(thread, pieces);
    await thread.update(allocateShared(3), 'half a file');
    await thread.close();
    const again = openHashThread();
    assert.equal(await hashPieces(again, pieces), sha256(pieces));
    await again.close();
  });
});

test('the fingerprint is the same in the thread and here, and another one for each other content', async () => {
  const thread = openHashThread();
  const [bytes = Buffer.alloc(0)] = pieces;
  const shared = allocateShared(PIECE_BYTES);
  bytes.copy(shared);
  assert.equal(await thread.identify(shared), fingerprint(bytes));
  const others = [
    ...[0, 1, PIECE_BYTES].map((length) => Buffer.alloc(length)),
    ...[0, 500, 999].map((at) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))),
    bytes.subarray(1),
    bytes,
  ].map((content) => fingerprint(Buffer.from(content)));
  assert.equal(new Set(others).size, others.length);
  await thread.close();
});
