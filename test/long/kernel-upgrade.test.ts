import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { prepareBoot } from '../../src/boot/boot-image.ts';
import { prepareGuestKernel } from '../../src/boot/prepare-guest-kernel.ts';
import { runBoot } from '../../src/boot/run-boot.ts';
import type { Scenario } from '../../src/boot/scenario.ts';
import { findScenario } from '../../src/boot/scenarios.ts';
import type { Context } from '../../src/core/context.ts';
import { silentReporter } from '../../src/core/reporter.ts';
import { replayJournal } from '../../src/tools/disk/ext4.ts';
import { createExec } from '../../src/tools/exec.ts';
import { bootPi, buildPi } from '../helpers/long-boots.ts';
import { makeNextKernel } from '../helpers/next-kernel.ts';
import { withSharedCache } from '../helpers/small-guest.ts';

/** What a person does on the Pi; no other source of packages can be reached there. */
const UPGRADE = `#!/bin/sh
set -e
export DEBIAN_FRONTEND=noninteractive
upgrade() {
	apt-get -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=/srv/repository/sources -y "$@"
}
upgrade update
upgrade upgrade --with-new-pkgs
sync
`;
/** An initramfs takes the emulated processor minutes. */
const UPGRADE_MS = 1_500_000;

/** Debian's kernel belongs to dpkg: what apt brings is what the firmware starts next, and the Pi is online with it. */
describe('apt upgrade brings a kernel', () => {
  let folder = '';
  let context: Context;
  let image = '';
  let release = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-kernel-'));
    const { signal } = new AbortController();
    const exec = createExec({ signal });
    context = withSharedCache({ exec, report: silentReporter, signal, cacheDir: '', tmpDir: folder });
    const repository = join(folder, 'tree/srv/repository');
    release = await makeNextKernel(context, await prepareGuestKernel(context, 'arm64'), repository);
    await mkdir(join(repository, 'sources'));
    await writeFile(join(repository, 'sources/local.list'), 'deb [trusted=yes] file:/srv/repository ./\n');
    const script = join(folder, 'upgrade.sh');
    await writeFile(script, UPGRADE);
    const own = ['--extra-tree', join(folder, 'tree'), '--first-boot', script];
    image = await buildPi(folder, 'upgrade', '--base', 'debian-trixie-arm64', ...own);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('and the Pi is online with it after the next start', async (t) => {
    const usual = findScenario('doctor') as Scenario;
    const scenario: Scenario = {
      ...usual,
      machine: { ethernet: false, qmicli: 'image' },
      expected: { verdict: 'online', defaultRoute: 'wwan0', leases: 1, firstBootWithinMs: UPGRADE_MS },
    };
    const { disk, boot } = await prepareBoot(context, {
      ...{ imagePath: image, diskPath: image, scenario, apn: undefined, logFolder: folder },
      ...{ timeoutMs: UPGRADE_MS + 60_000, wallTimeoutMs: 3_600_000 },
    });
    const { verdict } = await runBoot(context, { ...boot, keepWrites: true });
    assert.ok(verdict.passed, verdict.summary);
    await replayJournal(context, disk);
    const { milestones } = await bootPi(t, image, 'own-kernel');
    assert.equal(milestones.find(({ name }) => name === 'kernel')?.evidence, `Linux ${release}`);
  });
});
