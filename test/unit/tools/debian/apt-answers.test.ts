import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Exec } from '../../../../src/core/exec.ts';
import type { Apt } from '../../../../src/tools/debian/apt.ts';
import {
  downloadPackages,
  downloadSource,
  findPackage,
  planInstall,
} from '../../../../src/tools/debian/apt-packages.ts';
import { sha256Text } from '../../../../src/tools/files/hash.ts';
import { createTestContext } from '../../../helpers/context.ts';

const DEB = 'the package';
const URIS = `'http://user:secret@m.test/one' one_1.0_armhf.deb ${DEB.length} SHA256:${sha256Text(DEB)}\n`;
const DSC = 'Source: libqmi\nVersion: 1.32.2-1\n';
const SOURCE = `'http://m.test/x' libqmi_1.32.2-1.dsc ${DSC.length} SHA256:${sha256Text(DSC)}\n`;

/** An apt that counts what it is asked; `lists` is the folder of its lists. */
async function countingApt(t: TestContext) {
  const real = await createTestContext(t);
  const asked: string[] = [];
  const exec: Exec = async (argv, run) => {
    const isDownload = argv[0] === 'apt-get' && !argv.includes('--print-uris');
    if (isDownload) await writeFile(join(run?.cwd ?? '', 'one_1.0_armhf.deb'), DEB);
    if (isDownload) await writeFile(join(run?.cwd ?? '', 'libqmi_1.32.2-1.dsc'), DSC);
    if (!isDownload) asked.push(argv.join(' '));
    const known = argv[0] === 'apt-cache' ? `${argv[2]}:\n  Candidate: 1.0\n` : URIS;
    const stdout = isDownload ? '' : argv[1] === 'source' ? SOURCE : known;
    return { exitCode: 0, stdout, stdoutBytes: Buffer.from(stdout), stderr: '' };
  };
  const open = (lists: string | undefined): Apt => ({
    ...{ context: { ...real, exec }, architecture: 'armhf', codename: 'bookworm', sources: [] },
    ...{ epochSeconds: 0, configPath: '', configured: [], transport: [], fresh: false },
    answers: lists === undefined ? undefined : join(real.tmpDir, lists, 'answers'),
  });
  return { open, asked, folder: real.tmpDir };
}

const askAll = async (apt: Apt) => [
  await findPackage(apt, 'one'),
  await planInstall(apt, ['one']),
  await downloadPackages(apt, ['one']),
  await downloadSource(apt, 'libqmi'),
];

test('one question about the same lists is asked once, and the answer is the same', async (t) => {
  const { open, asked } = await countingApt(t);
  const first = await askAll(open('lists-1'));
  assert.equal(asked.length, 4);
  assert.deepEqual(await askAll(open('lists-1')), first);
  assert.equal(asked.length, 4);
  // Other lists, and another question.
  assert.deepEqual(await askAll(open('lists-2')), first);
  assert.equal(asked.length, 8);
  assert.equal(await findPackage(open('lists-2'), 'two'), '1.0');
  assert.equal(asked.at(-1), 'apt-cache policy two');
});

test('what depends on more than the lists is asked each time: the packages of a base, and files', async (t) => {
  const { open, asked } = await countingApt(t);
  for (const _ of [1, 2]) await findPackage(open(undefined), 'one');
  for (const _ of [1, 2]) await planInstall(open('lists'), ['./one.deb']);
  assert.equal(asked.length, 4);
});

test('a damaged answer is no answer, and none has an address', async (t) => {
  const { open, asked, folder } = await countingApt(t);
  const first = await askAll(open('lists'));
  const answers = join(folder, 'lists/answers');
  for (const name of await readdir(answers)) {
    const text = await readFile(join(answers, name), 'utf8');
    assert.doesNotMatch(text, /secret|m\.test/);
    const at = Math.floor(text.length * 0.8);
    await writeFile(join(answers, name), `${text.slice(0, at)}#${text.slice(at + 1)}`);
  }
  assert.deepEqual(await askAll(open('lists')), first);
  assert.equal(asked.length, 8);
});
