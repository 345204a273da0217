import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runCli } from '../helpers/cli.ts';
import { bootPi, buildPi } from '../helpers/long-boots.ts';

/** An image that dials with NetworkManager and ModemManager, arm64. The other scenarios are in test/long. */
describe('a boot of an image of debian-trixie-arm64', () => {
  let folder = '';
  let image = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-trixie-'));
    image = await buildPi(folder, 'pi', '--base', 'debian-trixie-arm64');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('comes online, its ports closed to the mobile network, and says so to a person', async (t) => {
    const { milestones, kernel } = await bootPi(t, image, 'online');
    const evidence = (name: string) => {
      const found = milestones.find((each) => each.name === name);
      return `${found?.state}: ${found?.evidence}`;
    };
    assert.match(kernel, /-arm64$/);
    assert.equal(evidence('at-command'), "skipped: ModemManager owns the modem's ports; it dials alone");
    assert.equal(evidence('start-network'), 'met: APN internet');
    assert.equal(evidence('lease'), 'met: 10.64.64.10 by DHCP');
    assert.match(evidence('route'), /^met: w\S+ via 10\.64\.64\.9 metric 700$/);
    assert.match(evidence('resolv-conf'), /^met: name servers 1\.1\.1\.1 1\.0\.0\.1/);
    assert.equal(evidence('closed'), 'met: of 8 ports tried, none answers');
    assert.match(evidence('shown'), /^met: "LTE: online, Test Mobile, 10\.64\.64\.10, signal /);
  });

  test('a scenario about qmicli is refused with the reason, before anything boots', async () => {
    const { exitCode, stderr } = await runCli(['boot', image, '--scenario', 'broken-libqmi']);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, /broken-libqmi says nothing about this image.*ModemManager does not use qmicli/s);
  });
});
