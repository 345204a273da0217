import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Signer } from '../../../src/release/prepare-signer.ts';
import { type Signing, writeChecksums } from '../../../src/release/write-checksums.ts';

const A = `${'a'.repeat(64)}  a.img\n`;
const B = `${'b'.repeat(64)}  b.img\n`;
const GPG: Signer = { suffix: '.asc', key: 'gpg', sign: async (text) => `gpg over ${text}` };
const MINISIGN: Signer = { suffix: '.minisig', key: 'minisign', sign: async (text) => `mini over ${text}` };

async function open(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const warnings: string[] = [];
  return {
    folder,
    warnings,
    write: (text: string, signing: Signing) =>
      writeChecksums(folder, text, signing, (warning) => warnings.push(warning)),
    /** Every file with its text. */
    read: async () => {
      const names = (await readdir(folder)).sort();
      return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')]));
    },
  };
}

test('sums and their signature lie side by side, and change together', async (t) => {
  const { write, read, warnings } = await open(t);
  await write(A, GPG);
  assert.deepEqual(await read(), [
    ['SHA256SUMS', A],
    ['SHA256SUMS.asc', `gpg over ${A}`],
  ]);
  await write(A + B, GPG);
  assert.deepEqual(await read(), [
    ['SHA256SUMS', A + B],
    ['SHA256SUMS.asc', `gpg over ${A + B}`],
  ]);
  assert.deepEqual(warnings, []);
});

test('another kind of key takes the place of the first', async (t) => {
  const { write, read } = await open(t);
  await write(A, GPG);
  await write(A, MINISIGN);
  assert.deepEqual(await read(), [
    ['SHA256SUMS', A],
    ['SHA256SUMS.minisig', `mini over ${A}`],
  ]);
});

test('sums that change without a key lose their signature, and it is said; it stays where they do not change', async (t) => {
  const { write, read, warnings } = await open(t);
  await write(A, GPG);
  await write(A, 'nobody');
  assert.deepEqual(await read(), [
    ['SHA256SUMS', A],
    ['SHA256SUMS.asc', `gpg over ${A}`],
  ]);
  assert.deepEqual(warnings, []);
  await write(B, 'nobody');
  assert.deepEqual(await read(), [['SHA256SUMS', B]]);
  assert.match(warnings.join('\n'), /^SHA256SUMS\.asc was removed: .*--sign/);
});

test('within a fleet the signature goes without a word: it comes with the last image', async (t) => {
  const { write, read, warnings } = await open(t);
  await write(A, GPG);
  await write(B, 'later');
  assert.deepEqual(await read(), [['SHA256SUMS', B]]);
  assert.deepEqual(warnings, []);
});

test('a key that fails leaves sums and signature as they were', async (t) => {
  const { write, read } = await open(t);
  await write(A, GPG);
  const failing: Signer = { ...GPG, sign: async () => Promise.reject(new Error('locked')) };
  await assert.rejects(write(B, failing), /locked/);
  assert.deepEqual(await read(), [
    ['SHA256SUMS', A],
    ['SHA256SUMS.asc', `gpg over ${A}`],
  ]);
});

test("other signatures' names are left alone", async (t) => {
  const { folder, write, read } = await open(t);
  await writeFile(join(folder, 'SHA256SUMS.sig'), 'x');
  await writeFile(join(folder, 'a.img.asc'), 'y');
  await write(A, 'nobody');
  assert.deepEqual(
    (await read()).map(([name]) => name),
    ['SHA256SUMS', 'SHA256SUMS.sig', 'a.img.asc'],
  );
});
