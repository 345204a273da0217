import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ReleaseFile } from '../../../src/core/model.ts';
import { mergeChecksums } from '../../../src/formats/release-files/checksums.ts';
import { type OutputFile, writeOutput } from '../../../src/release/write-output.ts';
import { hashFile, sha256Text } from '../../../src/tools/files/hash.ts';

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'out');
}

const imageFile = (name: string): OutputFile => ({
  name,
  kind: 'image',
  sizeBytes: 5,
  sha256: sha256Text('image'),
});
const manifest = (name: string): OutputFile => ({ name, kind: 'manifest', content: '{}\n' });

async function writeA(folder: string, ...others: string[]): Promise<readonly ReleaseFile[]> {
  return writeOutput(folder, 'a', async (partialPath) => {
    for (const name of ['a.img', ...others]) await writeFile(partialPath(name), 'image');
    return [imageFile('a.img'), ...others.map(imageFile), manifest('a.manifest.json')];
  });
}

test('the files appear under their names, texts and files alike, and nothing else', async (t) => {
  const folder = await makeFolder(t);
  const files = await writeA(folder);
  assert.deepEqual((await readdir(folder)).sort(), ['SHA256SUMS', 'a.img', 'a.manifest.json']);
  const sums = await readFile(join(folder, 'SHA256SUMS'), 'utf8');
  assert.equal(sums, files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join(''));
  assert.equal(await hashFile(join(folder, 'a.manifest.json')), files[1]?.sha256);
});

test('a failure leaves the earlier image as it was and no partial file', async (t) => {
  const folder = await makeFolder(t);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'a.img'), 'earlier');
  const failing = writeOutput(folder, 'a', async (partialPath) => {
    await writeFile(partialPath('a.img'), 'half');
    await writeFile(partialPath('a.img.xz'), 'half');
    throw new Error('disk full');
  });
  await assert.rejects(failing, /disk full/);
  assert.deepEqual(await readdir(folder), ['a.img']);
  assert.equal(await readFile(join(folder, 'a.img'), 'utf8'), 'earlier');
});

test('a written file that is not on the list is removed: the image, if only its compressed file is kept', async (t) => {
  const folder = await makeFolder(t);
  await writeOutput(folder, 'a', async (partialPath) => {
    await writeFile(partialPath('a.img'), 'raw');
    await writeFile(partialPath('a.img.xz'), 'image');
    return [{ ...imageFile('a.img.xz'), kind: 'packed' }];
  });
  assert.deepEqual((await readdir(folder)).sort(), ['SHA256SUMS', 'a.img.xz']);
});

test('what an earlier build of the same image left goes; what is of others or unlisted stays', async (t) => {
  const folder = await makeFolder(t);
  await writeA(folder, 'a.img.xz');
  await writeOutput(folder, 'a.img', async () => [manifest('a.img.manifest.json')]);
  await writeOutput(folder, 'ab', async () => [manifest('ab.manifest.json')]);
  await writeFile(join(folder, 'a.bmap'), "a user's own");
  await writeA(folder);
  assert.deepEqual((await readdir(folder)).sort(), [
    ...['SHA256SUMS', 'a.bmap', 'a.img', 'a.img.manifest.json', 'a.manifest.json', 'ab.manifest.json'],
  ]);
  assert.doesNotMatch(await readFile(join(folder, 'SHA256SUMS'), 'utf8'), /img\.xz/);
});

test("a killed build's partial file goes with the next build, a living one's stays", async (t) => {
  const folder = await makeFolder(t);
  await mkdir(folder, { recursive: true });
  // A pid above the kernel's highest possible (PID_MAX_LIMIT, 2^22) is never alive; 1 always is.
  const dead = `.b.img.partial-${2 ** 22 + 1}`;
  await writeFile(join(folder, dead), '');
  await writeFile(join(folder, '.b.img.partial-1'), '');
  await writeA(folder);
  const names = await readdir(folder);
  assert.ok(!names.includes(dead));
  assert.ok(names.includes('.b.img.partial-1'));
});

test('images that finish at once are all in SHA256SUMS', async (t) => {
  const folder = await makeFolder(t);
  const names = Array.from({ length: 20 }, (_, index) => `image-${index}`);
  await Promise.all(
    names.map((name) => writeOutput(folder, name, async () => [manifest(`${name}.manifest.json`)])),
  );
  const sums = await readFile(join(folder, 'SHA256SUMS'), 'utf8');
  assert.equal(sums.trimEnd().split('\n').length, names.length);
});

test('SHA256SUMS keeps the other images and is in name order', () => {
  const b = `${'b'.repeat(64)}  b.img\n`;
  const a = `${'a'.repeat(64)}  a.img\n`;
  assert.equal(mergeChecksums(`${b}not a sum\n`, [['a.img', 'a'.repeat(64)]]), a + b);
  assert.equal(mergeChecksums(b, [['b.img', 'c'.repeat(64)]]), `${'c'.repeat(64)}  b.img\n`);
});
