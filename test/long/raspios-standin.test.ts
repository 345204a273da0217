import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { silentReporter } from '../../src/core/reporter.ts';
import { installedPackages } from '../../src/formats/debian/installed-packages.ts';
import { defaultCacheDir } from '../../src/host/with-run.ts';
import { readText, withImageTree } from '../../src/image/image-tree.ts';
import { openDisk } from '../../src/image/open-disk.ts';
import { readSystem } from '../../src/image/read-system.ts';
import { createExec } from '../../src/tools/exec.ts';
import { runCli } from '../helpers/cli.ts';
import { compareGolden, listDifferences } from '../helpers/image-golden.ts';
import { bootPi, buildPi } from '../helpers/long-boots.ts';
import { makeRaspiosStandin } from '../helpers/raspios-standin.ts';

/** Of those for NetworkManager, the ones in which this system differs most from Debian's. */
const SCENARIOS = ['online', 'wrong-apn', 'replug', 'with-ethernet', 'power-cut', 'apn-on-card'];
const given = process.env.WWANPI_RASPIOS_STANDIN;
const skip = given !== undefined || process.getuid?.() === 0 ? false : 'needs root, to make the stand-in';

describe('a near-stock stand-in of Raspberry Pi OS Lite (Trixie, 64 bit)', { skip }, () => {
  const { signal } = new AbortController();
  const exec = createExec({ signal });
  let folder = '';
  let image = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-raspios-'));
    image = given ?? join(folder, 'stand-in.img');
    const context = { exec, report: silentReporter, signal, cacheDir: defaultCacheDir(), tmpDir: folder };
    if (given === undefined) await makeRaspiosStandin(context, image);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('has the partitions and the file systems of the published image', async () => {
    const { partitiontable } = JSON.parse((await exec(['sfdisk', '--json', image])).stdout);
    const [boot, root] = partitiontable.partitions;
    assert.deepEqual([boot.start, boot.size, boot.type], [16_384, 1_048_576, 'c']);
    assert.deepEqual([root.start, root.type], [1_064_960, '83']);
    const volume = `${image}?offset=${root.start * 512}`;
    const header = (await exec(['dumpe2fs', '-h', volume])).stdout;
    const features = /Filesystem features: +(.*)/.exec(header)?.[1]?.split(' ') ?? [];
    for (const name of ['metadata_csum', 'orphan_file']) assert.ok(features.includes(name), name);
    for (const name of ['64bit', 'huge_file']) assert.ok(!features.includes(name), name);
    await exec(['e2fsck', '-fn', volume]);
  });

  test('has the network of the published image', async () => {
    const disk = await openDisk(image);
    const system = { architecture: 'arm64', stack: 'networkmanager', bootFolder: '/boot/firmware' };
    assert.deepEqual(await readSystem(disk), system);
    await withImageTree(disk, async (tree) => {
      const installed = installedPackages((await readText(tree, '/var/lib/dpkg/status')) ?? '');
      for (const name of ['network-manager', 'netplan.io', 'cloud-init'])
        assert.ok(installed.has(name), name);
      for (const name of ['modemmanager', 'libqmi-glib5', 'ifupdown']) assert.ok(!installed.has(name), name);
      assert.equal(await readText(tree, '/etc/machine-id'), 'uninitialized\n');
      assert.match((await readText(tree, '/boot/firmware/cmdline.txt')) ?? '', / resize\n$/);
    });
  });

  test('becomes an image that differs by what is listed, and is the same bytes when it is made again', async () => {
    const built = await buildPi(folder, 'raspios', '--base', image);
    await compareGolden('networkmanager/image-raspios', await listDifferences(image, built));
    const again = await buildPi(folder, 'again', '--base', image);
    const { stdout } = await runCli(['diff', '--json', built, again]);
    await rm(again);
    assert.equal(JSON.parse(stdout).identicalBytes, true, stdout.slice(0, 2000));
  });

  for (const scenario of SCENARIOS) {
    test(`in the scenario ${scenario}`, async (t) => {
      await bootPi(t, join(folder, 'raspios.img'), scenario, '--timeout', '900');
    });
  }
});
