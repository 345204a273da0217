import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  findAccount,
  findPasswordHash,
  replacePasswordHash,
  validatePasswordHash,
} from '../../../../src/formats/config/accounts.ts';
import { denyInterface } from '../../../../src/formats/config/dhcpcd-conf.ts';
import { renameInHosts, validateHostname } from '../../../../src/formats/config/hostname.ts';
import {
  linesAbout,
  linesThatStopDhcpcd,
  sourcesInterfacesD,
} from '../../../../src/formats/config/interfaces.ts';
import { validatePublicKey } from '../../../../src/formats/config/ssh-key.ts';
import { installedPackages } from '../../../../src/formats/debian/installed-packages.ts';
import { SSH_KEY } from '../../../helpers/recipes.ts';

const confLine = fc.constantFrom(
  '',
  'hostname',
  '# interface eth0',
  '#denyinterfaces wwan0',
  'interface eth0',
  '  static ip_address=10.0.0.2/24',
  'ssid home',
  'profile p',
  'denyinterfaces wlan0',
  'denyinterfaces eth1 wwan0',
  'interfaces_nonsense x',
);

test('denyinterfaces: among the globals, once, the rest kept in order', () => {
  fc.assert(
    fc.property(fc.array(confLine, { maxLength: 12 }), fc.boolean(), (lines, newline) => {
      const before = lines.join('\n') + (newline ? '\n' : '');
      const after = denyInterface(before, 'wwan0');
      assert.equal(denyInterface(after, 'wwan0'), after, 'idempotent');
      const out = after.split('\n');
      const block = out.findIndex((line) => /^\s*(interface|ssid|profile)\s/.test(line));
      const deny = out.findIndex((line) => /^denyinterfaces .*wwan0/.test(line));
      assert.ok(deny >= 0 && (block < 0 || deny < block), after);
      let at = 0;
      for (const line of lines) {
        at = out.indexOf(line, at) + 1;
        assert.ok(at > 0, `lost: ${line}`);
      }
    }),
  );
});

test('the expression of the dhcpcd wrapper', () => {
  const stops = ['iface eth0 inet dhcp', '\tiface wwan0 inet static', 'iface a inet  dhcp # x'];
  const goes = [
    'iface lo inet loopback',
    '# iface eth0 inet dhcp',
    'iface eth0 inet manual',
    'iface eth0 inet6 dhcp',
  ];
  assert.deepEqual(linesThatStopDhcpcd([...stops, ...goes].join('\n')), stops);
});

test('what makes ifupdown read interfaces.d', () => {
  for (const line of [
    'source-directory /etc/network/interfaces.d',
    'source-directory interfaces.d/',
    'source /etc/network/interfaces.d/*',
    'source interfaces.d/*',
  ]) {
    assert.ok(sourcesInterfacesD(`# x\n${line}\n`), line);
  }
  for (const line of [
    '',
    '#source-directory /etc/network/interfaces.d',
    'source /etc/network/interfaces.d/*.cfg',
  ]) {
    assert.ok(!sourcesInterfacesD(line), line);
  }
  assert.deepEqual(linesAbout('auto lo eth0\nallow-hotplug wwan0\n# iface wwan0\nup wwan0', 'wwan0'), [
    'allow-hotplug wwan0',
  ]);
});

test('/etc/hosts: 127.0.1.1 becomes the new name, or is added', () => {
  const hosts = '127.0.0.1\tlocalhost\n127.0.1.1\traspberrypi\n';
  assert.equal(renameInHosts(hosts, 'lte'), '127.0.0.1\tlocalhost\n127.0.1.1\tlte\n');
  assert.equal(renameInHosts('127.0.0.1\tlocalhost', 'a.b'), '127.0.0.1\tlocalhost\n127.0.1.1\ta.b a\n');
  for (const good of ['a', 'A-1', 'a.b', '3com']) assert.equal(validateHostname(good), undefined);
  for (const bad of ['', '-a', 'a-', 'a_b', 'a..b', 'ä', 'a b', 'a\n', 'x'.repeat(65)]) {
    assert.ok(validateHostname(bad), bad);
  }
});

test('accounts: found, and only the one password field changes', () => {
  const passwd = 'root:x:0:0:root:/root:/bin/bash\npi:x:1000:1001:,,,:/home/pi:/bin/bash\n';
  assert.deepEqual(findAccount(passwd, 'pi'), { name: 'pi', uid: 1000, gid: 1001, home: '/home/pi' });
  assert.equal(findAccount(passwd, 'p'), undefined);
  for (const [home, plain] of [
    ['/home/pi/', '/home/pi'],
    ['/home//pi', '/home/pi'],
    ['/', undefined],
    ['', undefined],
    ['home/pi', undefined],
    ['/home/../etc', undefined],
    ['/home/./pi', undefined],
    ['/home/"pi', undefined],
  ] as const) {
    assert.equal(findAccount(`pi:x:1000:1001:,,,:${home}:/bin/bash`, 'pi')?.home, plain, home);
  }
  for (const ids of ['4294967295:1', '1:99999999999', '-1:1', '1:'])
    assert.equal(findAccount(`pi:x:${ids}:,,,:/home/pi:/bin/bash`, 'pi'), undefined, ids);
  const shadow = 'root:*:1:0:99999:7:::\npi:$6$a$b:1:0:99999:7:::\n';
  assert.equal(findPasswordHash(shadow, 'pi'), '$6$a$b');
  assert.equal(replacePasswordHash(shadow, 'pi', '$6$c$d'), shadow.replace('$6$a$b', '$6$c$d'));
  assert.equal(replacePasswordHash(shadow, 'nobody', 'x'), undefined);
  assert.equal(validatePasswordHash(`$6$abc$${'.'.repeat(86)}`), undefined);
  for (const bad of ['', 'plain', '$1$a$b', '$y$j9T$x$y', `$6$a:b$${'.'.repeat(86)}`])
    assert.ok(validatePasswordHash(bad));
});

test('dpkg status: installed ones only', () => {
  const status = `Package: a
Status: install ok installed
Version: 1

Package: b
Status: deinstall ok config-files
Version: 2

Package: c
Status: hold ok installed
Description: text
 Package: d
Version: 3
`;
  assert.deepEqual(
    [...installedPackages(status)],
    [
      ['a', '1'],
      ['c', '3'],
    ],
  );
});

test('public keys: type, base64 and inner structure', () => {
  assert.equal(validatePublicKey(SSH_KEY), undefined);
  const [type, blob = ''] = SSH_KEY.split(' ');
  for (const bad of [
    '',
    'hello',
    `${type}`,
    `ssh-rsa ${blob}`,
    `${type} ${blob.slice(0, -8)}`,
    `${type} ${blob.slice(0, 40)}!`,
    `command="x" ${SSH_KEY}`,
    `${SSH_KEY}\nssh-rsa x`,
    '-----BEGIN OPENSSH PRIVATE KEY-----',
  ]) {
    assert.ok(validatePublicKey(bad), bad);
  }
});
