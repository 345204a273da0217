import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { mergeChecksums, outputPaths, writeOutput } from '../../../src/steps/write-output.ts';

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'out');
}

test('the three files appear under their names, and nothing else', async (t) => {
  const paths = outputPaths(await makeFolder(t), 'a');
  await writeOutput(paths, async (image) => {
    await writeFile(image, 'image');
    return { sha256: '0'.repeat(64), manifest: '{}\n' };
  });
  assert.deepEqual((await readdir(paths.folder)).sort(), ['SHA256SUMS', 'a.img', 'a.manifest.json']);
  const sums = await readFile(paths.checksums, 'utf8');
  assert.match(sums, /^0{64} {2}a\.img\n[0-9a-f]{64} {2}a\.manifest\.json\n$/);
});

test('a failure leaves the earlier image as it was and no partial file', async (t) => {
  const paths = outputPaths(await makeFolder(t), 'a');
  await mkdir(paths.folder, { recursive: true });
  await writeFile(paths.image, 'earlier');
  const failing = writeOutput(paths, async (image) => {
    await writeFile(image, 'half');
    throw new Error('disk full');
  });
  await assert.rejects(failing, /disk full/);
  assert.deepEqual(await readdir(paths.folder), ['a.img']);
  assert.equal(await readFile(paths.image, 'utf8'), 'earlier');
});

test("a killed build's partial file goes with the next build, a living one's stays", async (t) => {
  const paths = outputPaths(await makeFolder(t), 'a');
  await mkdir(paths.folder, { recursive: true });
  // A pid above the kernel's highest possible (PID_MAX_LIMIT, 2^22) is never alive; 1 always is.
  const dead = `.b.img.partial-${2 ** 22 + 1}`;
  await writeFile(join(paths.folder, dead), '');
  await writeFile(join(paths.folder, '.b.img.partial-1'), '');
  await writeOutput(paths, async (image) => {
    await writeFile(image, '');
    return { sha256: '0'.repeat(64), manifest: '' };
  });
  const names = await readdir(paths.folder);
  assert.ok(!names.includes(dead));
  assert.ok(names.includes('.b.img.partial-1'));
});

test('SHA256SUMS keeps the other images and is in name order', () => {
  const b = `${'b'.repeat(64)}  b.img\n`;
  const a = `${'a'.repeat(64)}  a.img\n`;
  assert.equal(mergeChecksums(`${b}not a sum\n`, [['a.img', 'a'.repeat(64)]]), a + b);
  assert.equal(mergeChecksums(b, [['b.img', 'c'.repeat(64)]]), `${'c'.repeat(64)}  b.img\n`);
});
