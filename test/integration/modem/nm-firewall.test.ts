import assert from 'node:assert/strict';
import { access, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createTestContext } from '../../helpers/context.ts';
import { renderOverlays } from '../../helpers/rendered-overlays.ts';
import { userLack } from '../../helpers/throwaway-user.ts';
import { connectHosts } from '../../helpers/two-hosts.ts';

/** The firewall of images with NetworkManager, with the real nft, between two hosts of the real kernel. */

const SCRIPT = join(renderOverlays('networkmanager'), 'usr/lib/wwanpi/firewall');

async function createPi(t: TestContext, nft: string, conf: string) {
  const { tmpDir: root } = await createTestContext(t);
  await mkdir(join(root, 'bin'));
  for (const [name, path] of Object.entries({ nft, sleep: '/bin/true' }))
    await symlink(path, join(root, 'bin', name));
  await mkdir(join(root, 'etc/wwanpi'), { recursive: true });
  await writeFile(join(root, 'etc/wwanpi/firewall.conf'), conf);
  return { env: { WWANPI_ROOT: root, WWANPI_PATH: join(root, 'bin') } };
}

test('every name that a modem can have is closed, others are open, before and after they appear', async (t) => {
  const nft = '/usr/sbin/nft';
  const lack =
    userLack() ??
    (await access(nft).then(
      () => undefined,
      () => `no ${nft}`,
    ));
  if (lack !== undefined) return t.skip(lack);
  const { pi, network } = await connectHosts(t);
  const { env } = await createPi(t, nft, '# ports\nALLOW=22/tcp\n');
  for (const port of [22, 23]) await pi.listen(port);
  await network.listen(80);
  const rename = async (from: string, to: string) => {
    for (const argv of [['down'], ['name', to], ['up']])
      await pi.run(['ip', 'link', 'set', argv[0] === 'up' ? to : from, ...argv]);
    await pi.run(['ip', 'address', 'replace', 'fd01::2/64', 'dev', to, 'nodad']);
  };
  // The rules come first, the interfaces later. Twice: the second time replaces the rules of the first.
  for (let turn = 0; turn < 2; turn++) {
    const { stdout } = await pi.run(['dash', SCRIPT], env);
    assert.equal(stdout, 'firewall: new connections over the modem are dropped (nft), except to: 22/tcp\n');
  }
  let name = 'wwan0';
  for (const next of ['wwan1', 'wwx582c80139263', 'wwu1i4', 'ppp0']) {
    await rename(name, next);
    name = next;
    for (const address of ['10.1.0.2', 'fd01::2']) {
      assert.ok(await network.connects(address, 22), `${name}, ${address}: the opened port`);
      assert.ok(!(await network.connects(address, 23)), `${name}, ${address}: another port`);
    }
    assert.ok(!(await network.pings('10.1.0.2')), `${name}: a ping`);
    assert.ok(await pi.connects('10.1.0.1', 80), `${name}: what the Pi begins`);
  }
  await rename(name, 'wlan0');
  assert.ok(await network.connects('10.1.0.2', 23), 'Wi-Fi');
  assert.ok(await network.connects('10.2.0.2', 23), 'Ethernet');
  const { stdout } = await pi.run([nft, 'list', 'ruleset']);
  assert.equal(stdout.match(/table inet wwanpi/g)?.length, 1, stdout);
});

test('where nft does not work, the Pi dials all the same, and says that it is open', async (t) => {
  const { env } = await createPi(t, '/bin/false', 'ALLOW=x 22/tcp\n');
  const { exec } = await createTestContext(t);
  const { stdout, exitCode } = await exec(['dash', SCRIPT], { env });
  assert.equal(exitCode, 0);
  assert.deepEqual(stdout.split('\n'), [
    'firewall: firewall.conf: not a port, such as 22/tcp: x',
    'firewall: the Pi is OPEN to the mobile network: nft could not put the rules in',
    '',
  ]);
});
