import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import test from 'node:test';
import { DiskError, explainFileError, fromSystemError } from '../../../src/core/errors.ts';

test('a disk that is full says where and what to do', async () => {
  const refused = await writeFile('/dev/full', 'x').catch((error: unknown) => error);
  const error = fromSystemError(Object.assign(refused as Error, { path: '/out/a.img' }));
  assert.ok(error instanceof DiskError);
  assert.equal(error.message, 'cannot write /out/a.img: no space left on the disk');
  assert.match(error.hint ?? '', /make room there, or take another folder: --output/);
});

test('where the system names no file, the reason is said once', async () => {
  const error = fromSystemError(await writeFile('/dev/full', 'x').catch((refused: unknown) => refused));
  assert.equal(error?.message, 'cannot write a file: no space left on the disk');
});

test('a read-only disk is not a bug; a broken assumption is', () => {
  const refused = Object.assign(new Error('EROFS'), { code: 'EROFS', path: '/c/bases' });
  const error = fromSystemError(refused);
  assert.equal(error?.message, 'cannot write /c/bases: the disk is read-only');
  assert.equal(error?.exitCode, 4);
  assert.equal(fromSystemError(new TypeError('x is undefined')), undefined);
  assert.equal(fromSystemError(undefined), undefined);
});

test('why a file cannot be read is said in words, not in a code', async () => {
  for (const [path, why] of [
    ['/nowhere/x', 'no such file'],
    ['/', 'it is a folder'],
    ['/dev/null/x', 'part of that path is a file'],
    [`/${'x'.repeat(300)}`, 'the name is too long'],
  ] as const) {
    const error = await readFile(path).catch((refused: NodeJS.ErrnoException) => refused);
    assert.equal(explainFileError(error as NodeJS.ErrnoException), why);
  }
  assert.equal(explainFileError(Object.assign(new Error('odd'), { code: 'EODD' })), 'EODD');
});
