import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTestContext } from '../../helpers/context.ts';
import { createFirewallPi, type FirewallPrograms, findFirewallLack } from '../../helpers/firewall-pi.ts';
import { renderOverlays } from '../../helpers/rendered-overlays.ts';
import { userLack } from '../../helpers/throwaway-user.ts';
import { connectHosts } from '../../helpers/two-hosts.ts';

/** The image's firewall script with the real nft and iptables, between two hosts of the real kernel. */

const SCRIPT = join(renderOverlays(), 'usr/lib/wwanpi/firewall');
const CLOSED = /^firewall: new connections over wwan0 are dropped/;

/** Each way to put the rules in: the programs under the names that the script calls. */
const WAYS: Readonly<Record<string, FirewallPrograms>> = {
  nft: { nft: '/usr/sbin/nft' },
  'iptables of today': {
    iptables: '/usr/sbin/iptables-nft',
    'iptables-restore': '/usr/sbin/iptables-nft-restore',
    ip6tables: '/usr/sbin/ip6tables-nft',
    'ip6tables-restore': '/usr/sbin/ip6tables-nft-restore',
  },
  'iptables as on Stretch': {
    iptables: '/usr/sbin/iptables-legacy',
    'iptables-restore': '/usr/sbin/iptables-legacy-restore',
    ip6tables: '/usr/sbin/ip6tables-legacy',
    'ip6tables-restore': '/usr/sbin/ip6tables-legacy-restore',
  },
};

for (const [way, programs] of Object.entries(WAYS)) {
  test(`${way}: wwan0 is closed, but for what is opened, and for all that the Pi itself begins`, async (t) => {
    const lack = await findFirewallLack(programs);
    if (lack !== undefined) return t.skip(lack);
    const { pi, network } = await connectHosts(t);
    const { env } = await createFirewallPi(t, programs, '# ports\nALLOW=22/tcp\n');
    for (const port of [22, 23]) await pi.listen(port);
    await network.listen(80);
    assert.ok(await network.connects('10.1.0.2', 23), 'open at first');
    assert.ok(await network.pings('fd01::2'), 'open at first');

    // Twice: the second time replaces the rules of the first.
    for (let turn = 0; turn < 2; turn++) assert.match((await pi.run(['dash', SCRIPT], env)).stdout, CLOSED);
    for (const address of ['10.1.0.2', 'fd01::2']) {
      assert.ok(await network.connects(address, 22), `${address}: the opened port`);
      assert.ok(!(await network.connects(address, 23)), `${address}: another port`);
      assert.ok(!(await network.pings(address)), `${address}: a ping`);
    }
    for (const address of ['10.1.0.1', 'fd01::1']) {
      assert.ok(await pi.connects(address, 80), `${address}: what the Pi begins`);
      assert.ok(await pi.pings(address), `${address}: the Pi's own ping`);
    }
    assert.ok(await network.connects('10.2.0.2', 23), 'another interface');
    assert.ok(await network.connects('fd02::2', 23), 'another interface');
  });

  test(`${way}: rules of somebody else stay, and count`, async (t) => {
    const lack = await findFirewallLack(programs);
    if (lack !== undefined) return t.skip(lack);
    const { pi, network } = await connectHosts(t);
    const { env } = await createFirewallPi(t, programs, 'ALLOW=22/tcp 23/tcp\n');
    for (const port of [22, 23]) await pi.listen(port);
    const { iptables = '', nft = '' } = programs;
    const rule =
      nft === ''
        ? ([iptables, '-A', 'INPUT', '-p', 'tcp', '--dport', '23', '-j', 'DROP'] as const)
        : ([
            nft,
            'table inet own { chain input { type filter hook input priority 10; tcp dport 23 drop; }; }',
          ] as const);
    await pi.run(rule);
    for (let turn = 0; turn < 2; turn++) await pi.run(['dash', SCRIPT], env);
    assert.ok(await network.connects('10.1.0.2', 22));
    assert.ok(!(await network.connects('10.1.0.2', 23)), 'closed by the other rule');
    const { stdout } = await pi.run(nft === '' ? [iptables, '-S'] : [nft, 'list', 'ruleset']);
    assert.equal(stdout.match(/-j wwanpi$|table inet wwanpi/gm)?.length, 1, stdout);
  });
}

test('what is no port opens nothing, and is said', async (t) => {
  if (userLack() !== undefined) return t.skip('needs root');
  const { pi } = await connectHosts(t);
  const words = [
    '0/tcp',
    '65536/tcp',
    '022/tcp',
    '22',
    '22/sctp',
    '*',
    '-j',
    '$(reboot)',
    '22/tcp/udp',
    '7/udp',
  ];
  const { env } = await createFirewallPi(
    t,
    WAYS['iptables of today'] ?? {},
    `X=1\nALLOW=${words.join(' ')}\n`,
  );
  const { stdout } = await pi.run(['dash', SCRIPT], env);
  assert.deepEqual(stdout.trim().split('\n'), [
    ...words.slice(0, -1).map((word) => `firewall: firewall.conf: not a port, such as 22/tcp: ${word}`),
    'firewall: new connections over wwan0 are dropped (iptables), except to: 7/udp',
  ]);
});

test('where no program works, the Pi dials all the same, and says that it is open', async (t) => {
  const { env } = await createFirewallPi(t, { nft: '/bin/false' }, 'ALLOW=\n');
  const { exec } = await createTestContext(t);
  const { stdout, exitCode } = await exec(['dash', SCRIPT], { env });
  assert.equal(exitCode, 0);
  assert.match(stdout, /^firewall: wwan0 is OPEN to new connections: /);
});
