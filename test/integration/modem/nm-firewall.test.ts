import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTestContext } from '../../helpers/context.ts';
import { createFirewallPi, findFirewallLack } from '../../helpers/firewall-pi.ts';
import { renderOverlays } from '../../helpers/rendered-overlays.ts';
import { connectHosts } from '../../helpers/two-hosts.ts';

/** The firewall of images with NetworkManager, with the real nft, between two hosts of the real kernel. */

const SCRIPT = join(renderOverlays('networkmanager'), 'usr/lib/wwanpi/firewall');

test('every name that a modem can have is closed, others are open, before and after they appear', async (t) => {
  const programs = { nft: '/usr/sbin/nft' };
  const lack = await findFirewallLack(programs);
  if (lack !== undefined) return t.skip(lack);
  const { pi, network } = await connectHosts(t);
  const { env } = await createFirewallPi(t, programs, '# ports\nALLOW=22/tcp\n');
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
  const { stdout } = await pi.run([programs.nft, 'list', 'ruleset']);
  assert.equal(stdout.match(/table inet wwanpi/g)?.length, 1, stdout);
});

test('where nft does not work, the Pi dials all the same, and says that it is open', async (t) => {
  const { env } = await createFirewallPi(t, { nft: '/bin/false' }, 'ALLOW=x 22/tcp\n');
  const { exec } = await createTestContext(t);
  const { stdout, exitCode } = await exec(['dash', SCRIPT], { env });
  assert.equal(exitCode, 0);
  assert.deepEqual(stdout.split('\n'), [
    'firewall: firewall.conf: not a port, such as 22/tcp: x',
    'firewall: the Pi is OPEN to the mobile network: nft could not put the rules in',
    '',
  ]);
});
