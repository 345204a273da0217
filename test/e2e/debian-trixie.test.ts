import assert from 'node:assert/strict';
import { constants } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openDisk } from '../../src/image/open-disk.ts';
import { runCli } from '../helpers/cli.ts';
import { createTestContext } from '../helpers/context.ts';
import { compareGolden, listDifferences } from '../helpers/image-golden.ts';
import { removePackages } from '../helpers/without-packages.ts';

/** Images with NetworkManager, through the built CLI, on Debian 13 for arm64 as wwanpi builds it. */

const BASE = 'debian-trixie-arm64';
const CALLERS = [
  'modemmanager',
  'libqmi-glib5',
  'libqmi-proxy',
  'libmbim-glib4',
  'libmbim-proxy',
  'libqrtr-glib0',
];
const USERS = ['libqmi-utils', 'libmbim-utils'];

/** `make test` has it made before. */
async function findBase(): Promise<string> {
  const { exitCode, stdout, stderr } = await runCli(['fetch', '--base', BASE]);
  assert.equal(exitCode, 0, stderr);
  return stdout.trim();
}

describe('an image with NetworkManager', () => {
  let folder = '';
  let base = '';
  const image = () => join(folder, 'image.img');

  before(async () => {
    base = await findBase();
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-e2e-'));
    await build(base, 'image');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function build(from: string, name: string, more: readonly string[] = []) {
    const options = ['--apn', 'fast.metropcs.com', '--base', from, '--no-login', '--output', folder];
    const result = await runCli(['build', ...options, '--name', name, ...more]);
    assert.equal(result.exitCode, 0, result.stderr);
    return result;
  }

  test('differs from its base by what is listed, and by nothing else', async () => {
    await compareGolden(`networkmanager/image-${BASE}`, await listDifferences(base, image()));
  });

  test('is the same bytes when it is made again', async () => {
    await build(base, 'again');
    const { stdout } = await runCli(['diff', '--json', image(), join(folder, 'again.img')]);
    assert.equal(JSON.parse(stdout).identicalBytes, true, stdout.slice(0, 2000));
  });

  test('says in its manifest and its list of software that nothing was compiled', async () => {
    const manifest = JSON.parse(await readFile(join(folder, 'image.manifest.json'), 'utf8'));
    assert.equal(manifest.os.architecture, 'arm64');
    assert.deepEqual(manifest.packages, []);
    const sbom = JSON.parse(await readFile(join(folder, 'image.sbom.json'), 'utf8'));
    const refs = sbom.components.map((each: { 'bom-ref': string }) => each['bom-ref']);
    assert.ok(!refs.includes('libqmi-source'));
    assert.ok(refs.some((ref: string) => /^pkg:deb\/debian\/modemmanager@.*arch=arm64/.test(ref)));
  });

  test('whose base lacks ModemManager gets what dpkg would have put there', async (t) => {
    const context = await createTestContext(t);
    const standIn = join(context.tmpDir, 'stand-in.img');
    await copyFile(base, standIn, constants.COPYFILE_FICLONE);
    await removePackages(context, await openDisk(standIn), [...CALLERS, ...USERS]);
    const { stderr } = await build(standIn, 'brought');
    assert.match(stderr, /ModemManager.*with libqmi .*, \d+ packages of the base's sources/);
    const manifest = JSON.parse(await readFile(join(folder, 'brought.manifest.json'), 'utf8'));
    assert.deepEqual(manifest.packages.map(({ name }: { name: string }) => name).sort(), CALLERS.toSorted());
    // The base was made by dpkg itself, without documentation and with two packages more.
    await compareGolden(
      'networkmanager/image-brought',
      await listDifferences(image(), join(folder, 'brought.img')),
    );
  });
});
