import assert from 'node:assert/strict';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { chooseImage, findImages } from '../../../src/commands/choose-image.ts';
import { InputError } from '../../../src/core/errors.ts';
import { silentReporter } from '../../../src/core/reporter.ts';
import { createTestContext } from '../../helpers/context.ts';

/** A working folder with these files in out/, each newer than the one before. */
async function enterFolder(t: TestContext, names: readonly string[]): Promise<void> {
  const { tmpDir } = await createTestContext(t);
  await mkdir(join(tmpDir, 'out'));
  for (const [index, name] of names.entries()) {
    await writeFile(join(tmpDir, 'out', name), '');
    await utimes(join(tmpDir, 'out', name), index + 1, index + 1);
  }
  const before = process.cwd();
  process.chdir(tmpDir);
  t.after(() => process.chdir(before));
}

async function choose(): Promise<{ path: string; said: string[] }> {
  const said: string[] = [];
  const report = { ...silentReporter, info: (text: string) => void said.push(text) };
  const path = await chooseImage('wwanpi boot IMAGE', { report, signal: new AbortController().signal });
  return { path, said };
}

test('the only image in out/ is taken, and it is said', async (t) => {
  await enterFolder(t, ['a.img.xz', 'SHA256SUMS']);
  assert.deepEqual(await choose(), { path: 'out/a.img.xz', said: ['image: out/a.img.xz'] });
});

test('without a terminal several are listed, newest first, and none is taken', async (t) => {
  await enterFolder(t, ['b.img', 'a.img']);
  await assert.rejects(choose(), (error: InputError) => {
    assert.ok(error instanceof InputError);
    assert.equal(error.message, 'no image is named, and out/ has 2:\n  a.img\n  b.img');
    assert.equal(error.hint, 'name one: wwanpi boot IMAGE');
    return true;
  });
});

test('without an image, the message says how to make or name one', async (t) => {
  await enterFolder(t, []);
  await assert.rejects(choose(), { hint: 'build one with wwanpi build, or name one: wwanpi boot IMAGE' });
});

test('an image is offered once, raw where it is there both ways; nothing half-made or foreign', () => {
  const names = [
    'b.img.xz',
    'a.img.xz',
    'a.img',
    'c.img.gz',
    'SHA256SUMS',
    'a.bmap',
    '.d.img.partial-1',
    '.e.img',
  ];
  assert.deepEqual(findImages(names), ['a.img', 'b.img.xz', 'c.img.gz']);
});
