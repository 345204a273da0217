import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BugError, InputError } from '../../../src/core/errors.ts';
import type { BaseFile, FileChange } from '../../../src/core/model.ts';
import { findFaults, listRequiredFiles, planChanges } from '../../../src/customise/plan-changes.ts';
import type { Stage } from '../../../stage/stage.ts';
import { recipeOf, SSH_KEY } from '../../helpers/recipes.ts';
import {
  baseFile,
  dpkgStatus,
  STRETCH_PACKAGES,
  stretchFacts,
  stretchFiles,
} from '../../helpers/stretch-files.ts';

function plan(options: Record<string, unknown> = {}, changed: Record<string, BaseFile | undefined> = {}) {
  const recipe = recipeOf(options);
  return planChanges(recipe, stretchFacts, stretchFiles(listRequiredFiles(recipe), changed), []);
}

function paths(changes: readonly FileChange[]): string[] {
  return changes.map((change) => change.path).sort();
}

function withoutPackage(...names: string[]): Record<string, BaseFile> {
  const left = STRETCH_PACKAGES.filter((name) => !names.includes(name));
  return { '/var/lib/dpkg/status': baseFile(dpkgStatus(left)) };
}

/** What says in the journal that there is no stick. */
const LOOKOUT = [
  '/etc/systemd/system/timers.target.wants/wwanpi-stick.timer',
  '/etc/systemd/system/wwanpi-stick.service',
  '/etc/systemd/system/wwanpi-stick.timer',
];

/** wwanpi.txt, and what takes it over. */
const CARD = /card|\/wwanpi\.txt$|^\/usr\/lib\/wwanpi\/templates\//;

function pathsBesideCard(changes: readonly FileChange[]): string[] {
  assert.equal(changes.filter(({ path }) => path === '/boot/wwanpi.txt').length, 1);
  return paths(changes).filter((path) => !CARD.test(path));
}

test('the plain build: these files and no others', () => {
  const { changes, warnings } = plan();
  assert.deepEqual(pathsBesideCard(changes), [
    '/boot/wwanpi-status-before.txt',
    '/boot/wwanpi-status.txt',
    '/etc/dhcpcd.conf',
    '/etc/issue',
    '/etc/modules-load.d/wwanpi-led.conf',
    '/etc/network/interfaces.d/wwan0',
    '/etc/resolv.conf.head',
    '/etc/systemd/system/multi-user.target.wants/wwanpi-supervisor.service',
    ...LOOKOUT.slice(0, 1),
    '/etc/systemd/system/wwanpi-ndisdup.service',
    '/etc/systemd/system/wwanpi-ndisdup.service.d/first-boot.conf',
    '/etc/systemd/system/wwanpi-status-file.service',
    ...LOOKOUT.slice(1),
    '/etc/systemd/system/wwanpi-supervisor.service',
    '/etc/tmpfiles.d/wwanpi-issue.conf',
    '/etc/tmpfiles.d/wwanpi.conf',
    '/etc/udev/rules.d/70-wwanpi-ports.rules',
    '/etc/udev/rules.d/75-wwanpi-neighbours.rules',
    '/etc/udev/rules.d/90-wwanpi-ndisdup.rules',
    '/etc/update-motd.d/20-wwanpi',
    '/etc/wwanpi/firewall.conf',
    '/etc/wwanpi/ndisdup.conf',
    '/etc/wwanpi/supervisor.conf',
    '/usr/bin/wwan-doctor',
    '/usr/lib/wwanpi/ask-network',
    '/usr/lib/wwanpi/at-port',
    '/usr/lib/wwanpi/call-status',
    '/usr/lib/wwanpi/dial',
    '/usr/lib/wwanpi/firewall',
    '/usr/lib/wwanpi/issue',
    '/usr/lib/wwanpi/link-ports',
    '/usr/lib/wwanpi/ndisdup',
    '/usr/lib/wwanpi/recovery',
    '/usr/lib/wwanpi/status',
    '/usr/lib/wwanpi/status-file',
    '/usr/lib/wwanpi/supervise',
  ]);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /user pi keeps the base's own password/);
});

test('what is switched off leaves nothing', () => {
  const { changes } = plan({
    dns: ['none'],
    ndisdup: 'off',
    supervisor: 'off',
    statusFile: 'off',
    firewall: 'off',
  });
  assert.deepEqual(pathsBesideCard(changes), [
    ...['/etc/dhcpcd.conf', '/etc/issue', '/etc/network/interfaces.d/wwan0', ...LOOKOUT],
    '/etc/tmpfiles.d/wwanpi-issue.conf',
    '/etc/tmpfiles.d/wwanpi.conf',
    '/etc/udev/rules.d/70-wwanpi-ports.rules',
    '/etc/udev/rules.d/75-wwanpi-neighbours.rules',
    '/etc/update-motd.d/20-wwanpi',
    ...['/usr/bin/wwan-doctor', '/usr/lib/wwanpi/ask-network', '/usr/lib/wwanpi/at-port'],
    '/usr/lib/wwanpi/call-status',
    '/usr/lib/wwanpi/dial',
    '/usr/lib/wwanpi/issue',
    '/usr/lib/wwanpi/link-ports',
  ]);
});

test('secrets are marked, and lie in files of mode 0600 or in the shadow', () => {
  const { changes, warnings } = plan({
    apnUser: 'u',
    apnPassword: 'Secret#1',
    pin: '90472615',
    wifiSsid: 'home',
    wifiPsk: 'Secret#1',
    wifiCountry: 'US',
    passwordHash: `$6$salt$${'h'.repeat(86)}`,
  });
  const secret = changes.filter((change) => change.secret === true);
  assert.deepEqual(paths(secret), [
    '/boot/wpa_supplicant.conf',
    '/etc/qmi-network.conf',
    '/etc/shadow',
    '/etc/wwanpi/card-settings',
    '/etc/wwanpi/ndisdup.conf',
    '/etc/wwanpi/pin',
  ]);
  for (const change of changes) {
    if (change.kind !== 'file') continue;
    const text = Buffer.from(change.content).toString();
    if (/Secret#1|hhhhhhhh|90472615/.test(text)) assert.equal(change.secret, true, change.path);
    if (change.secret) assert.equal(change.mode & 0o007, 0, change.path);
  }
  assert.deepEqual(warnings, []);
});

/** What a plan left, as the files of a base. */
function customised(options: Record<string, unknown>): Record<string, BaseFile> {
  const files = plan(options).changes.filter((change) => change.kind === 'file');
  return Object.fromEntries(
    files.map((change) => [change.path, baseFile(Buffer.from(change.content).toString())]),
  );
}

function removed(changes: readonly FileChange[]): string[] {
  return paths(changes.filter((change) => change.kind === 'remove'));
}

test('a base that wwanpi made with other choices keeps nothing of them', () => {
  const marker = { '/var/lib/wwanpi/ndisdup.done': baseFile('ttyUSB0\n') };
  const base = { ...customised({}), ...marker };
  const once = '/etc/systemd/system/wwanpi-ndisdup.service.d/first-boot.conf';
  assert.deepEqual(removed(plan({}, base).changes), ['/var/lib/wwanpi/ndisdup.done']);
  assert.deepEqual(removed(plan({ ndisdup: 'every-boot' }, base).changes), [
    once,
    '/var/lib/wwanpi/ndisdup.done',
  ]);
  assert.deepEqual(
    removed(plan({ ndisdup: 'off', dns: ['none'], firewall: 'off' }, base).changes),
    [
      '/etc/resolv.conf.head',
      once,
      '/etc/systemd/system/wwanpi-ndisdup.service',
      '/etc/udev/rules.d/90-wwanpi-ndisdup.rules',
      '/etc/wwanpi/firewall.conf',
      '/etc/wwanpi/ndisdup.conf',
      '/usr/lib/wwanpi/firewall',
      '/usr/lib/wwanpi/ndisdup',
      '/var/lib/wwanpi/ndisdup.done',
    ].sort(),
  );
});

test("--dns none leaves somebody else's resolv.conf.head alone", () => {
  const { changes } = plan({ dns: ['none'] }, { '/etc/resolv.conf.head': baseFile('nameserver 10.0.0.1\n') });
  assert.deepEqual(removed(changes), []);
});

test('a profile left in the base goes when ours has no credentials', () => {
  const { changes } = plan({}, { '/etc/qmi-network.conf': baseFile('APN=other\n') });
  assert.deepEqual(
    changes.find((change) => change.path === '/etc/qmi-network.conf'),
    { kind: 'remove', stage: 'network', path: '/etc/qmi-network.conf' },
  );
});

test('planned again on its own result, the same files come out', () => {
  const options = { hostname: 'lte-7', sshKey: [SSH_KEY], passwordHash: `$6$salt$${'h'.repeat(86)}` };
  const first = plan(options);
  const after = Object.fromEntries(
    first.changes.flatMap((change) => (change.kind === 'file' ? [[change.path, change]] : [])),
  );
  const second = plan(options, after);
  for (const change of second.changes) {
    if (change.kind === 'file') assert.deepEqual(change.content, after[change.path]?.content, change.path);
  }
  assert.ok(
    !paths(second.changes).includes('/etc/dhcpcd.conf'),
    'an edit that is there already is no change',
  );
});

test('a base without sshswitch or net-mods is served the Debian way', () => {
  const debian = withoutPackage('raspberrypi-net-mods', 'raspberrypi-sys-mods');
  const { changes } = plan({ ssh: true, stockPassword: 'keep', wifiSsid: 'x', wifiCountry: 'US' }, debian);
  const ssh = changes.find((change) => change.path.endsWith('/ssh.service'));
  assert.equal(ssh?.kind === 'symlink' ? ssh.target : '', '/lib/systemd/system/ssh.service');
  assert.ok(paths(changes).includes('/etc/wpa_supplicant/wpa_supplicant.conf'));
});

test('what stands in the way is known before libqmi is, and before the password is hashed', () => {
  const recipe = recipeOf({ password: 'Secret#1' });
  const find = (changed: Record<string, BaseFile | undefined>) =>
    findFaults(recipe, stretchFacts, stretchFiles(listRequiredFiles(recipe), changed));
  assert.deepEqual(find({}), []);
  const faults = find({ ...withoutPackage('ifupdown'), '/etc/shadow': baseFile('root:*:1::::::\n') });
  assert.match(faults.join('\n'), /lacks ifupdown.*\n.*no user pi to give --password/);
});

test('a base that can not work: every reason at once', () => {
  const changed = {
    '/etc/network/interfaces': baseFile('auto eth0\niface eth0 inet dhcp\niface wwan0 inet manual\n'),
    '/etc/dhcpcd.conf': undefined,
    '/etc/passwd': baseFile('root:x:0:0:root:/root:/bin/bash\n'),
    '/etc/shadow': baseFile('root:*:1::::::\n'),
    '/var/lib/dpkg/status': baseFile(''),
  };
  const options = {
    ssh: true,
    sshKey: [SSH_KEY],
    passwordHash: `$6$salt$${'h'.repeat(86)}`,
    wifiSsid: 'x',
    wifiCountry: 'US',
  };
  assert.throws(
    () => plan(options, changed),
    (error: Error) => {
      assert.ok(error instanceof InputError);
      for (const says of [
        /lacks ifupdown/,
        /lacks isc-dhcp-client/,
        /"iface eth0 inet dhcp", for which dhcpcd refuses/,
        /configures wwan0 already/,
        /does not read interfaces\.d/,
        /lacks openresolv/,
        /no \/etc\/dhcpcd\.conf/,
        /no SSH server/,
        /no user pi to give --ssh-key/,
        /no user pi to give --password/,
        /lacks wpasupplicant/,
      ]) {
        assert.match(error.message, says);
      }
      return true;
    },
  );
});

test('a locked stock password is safe', () => {
  const locked = { '/etc/shadow': baseFile('pi:*:1::::::\n') };
  assert.deepEqual(plan({}, locked).warnings, []);
  assert.deepEqual(plan({ sshKey: [SSH_KEY] }, locked).warnings, []);
});

test('the stock password with SSH is refused, unless it is said that it is to stay', () => {
  assert.throws(
    () => plan({ ssh: true }),
    /keeps the base's own password .*--ssh lets anyone in .*--stock-password keep/,
  );
  const kept = plan({ ssh: true, stockPassword: 'keep' });
  assert.match(kept.warnings.join(), /keeps the base's own password .*, and SSH is on/);
  // A key turns passwords off, and a locked one opens nothing.
  assert.match(plan({ ssh: true, sshKey: [SSH_KEY] }).warnings.join(), /over SSH only a key counts/);
  plan({ ssh: true }, { '/etc/shadow': baseFile('pi:*:1::::::\n') });
});

test('a key without a password turns passwords off, where sshd reads it on this base', () => {
  const off = /^PasswordAuthentication no\nChallengeResponseAuthentication no\n/m;
  const conf = '/etc/ssh/sshd_config';
  const own = '/etc/ssh/sshd_config.d/10-wwanpi.conf';
  const textOf = (changes: readonly FileChange[], path: string) => {
    const change = changes.find((each) => each.path === path);
    return change?.kind === 'file' ? Buffer.from(change.content).toString() : undefined;
  };
  // Stretch: at the top of sshd_config, where the first value counts.
  const stretch = textOf(plan({ sshKey: [SSH_KEY] }).changes, conf) ?? '';
  assert.match(stretch, off);
  assert.ok(stretch.indexOf('PasswordAuthentication no') < stretch.indexOf('UsePAM yes'));
  // bookworm: in a file of ours, which sshd_config includes before all else.
  const bookworm = { [conf]: baseFile('\nInclude /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n') };
  const included = plan({ sshKey: [SSH_KEY] }, bookworm).changes;
  assert.match(textOf(included, own) ?? '', off);
  assert.equal(textOf(included, conf), undefined);
  // With a password, both work; what an earlier image had goes.
  const password = { sshKey: [SSH_KEY], passwordHash: `$6$salt$${'h'.repeat(86)}` };
  for (const path of [conf, own]) assert.equal(textOf(plan(password).changes, path), undefined);
  const again = plan(password, { [conf]: baseFile(stretch) }).changes;
  assert.doesNotMatch(textOf(again, conf) ?? '', /wwanpi|^PasswordAuthentication/m);
  assert.deepEqual(removed(plan(password, { ...bookworm, [own]: baseFile('x\n') }).changes), [own]);
});

test('the firewall needs a program of the base, and is left out where it is not wanted', () => {
  const stanza = (options: Record<string, unknown>, base = {}) => {
    const { changes, warnings } = plan(options, base);
    const change = changes.find(({ path }) => path === '/etc/network/interfaces.d/wwan0');
    const text = change?.kind === 'file' ? Buffer.from(change.content).toString() : '';
    const files = paths(changes).filter((path) => path.includes('firewall'));
    return { closes: text.includes('pre-up /usr/lib/wwanpi/firewall\n'), files: files.length, warnings };
  };
  const without = withoutPackage('iptables');
  const says = /neither nftables nor iptables: the Pi takes connections from the mobile network/;
  assert.deepEqual({ ...stanza({}), warnings: 0 }, { closes: true, files: 2, warnings: 0 });
  const open = stanza({}, without);
  assert.deepEqual([open.closes, open.files], [false, 0]);
  assert.match(open.warnings.join(), says);
  const off = stanza({ firewall: 'off' }, without);
  assert.deepEqual([off.closes, off.files], [false, 0]);
  assert.doesNotMatch(off.warnings.join(), says);
});

test('a base without the user pi: who can log in is named, and no advice is given that fails', () => {
  const passwd = ['root:x:0:0:root:/root:/bin/bash', 'mail:x:8:8::/var/mail:/usr/sbin/nologin'];
  const admin = 'admin:x:1000:1000::/home/admin:/bin/bash';
  const hash = `$6$salt$${'a'.repeat(86)}`;
  const bare = {
    '/etc/passwd': baseFile(`${passwd.join('\n')}\n`),
    '/etc/shadow': baseFile(`root:*:1::::::\nmail:${hash}:1::::::\n`),
  };
  const others = {
    '/etc/passwd': baseFile(`${[...passwd, admin].join('\n')}\n`),
    '/etc/shadow': baseFile(`root:!:1::::::\nmail:*:1::::::\nadmin:${hash}:1::::::\n`),
  };
  assert.deepEqual(plan({}, bare).warnings, []);
  assert.deepEqual(plan({}, others).warnings, [
    'the base has no user pi; admin can log in with the password of the base; name a user with --user',
  ]);
  for (const [options, option] of [
    [{ sshKey: [SSH_KEY] }, '--ssh-key'],
    [{ passwordHash: hash }, '--password'],
  ] as const) {
    assert.throws(
      () => plan(options, others),
      (error) => {
        assert.ok(error instanceof InputError);
        const says = `no user pi to give ${option} to; admin can log in with the password of the base; name one with --user, or leave ${option} out`;
        assert.ok(error.message.includes(says), error.message);
        return true;
      },
    );
  }
});

test('ModemManager and NetworkManager in the base are named, each in one line, and kept off', () => {
  const status = (names: readonly string[]) => ({
    '/var/lib/dpkg/status': baseFile(dpkgStatus([...STRETCH_PACKAGES, ...names])),
  });
  const rule = '/etc/udev/rules.d/75-wwanpi-neighbours.rules';
  const { changes, warnings } = plan(
    { sshKey: [SSH_KEY], passwordHash: `$6$salt$${'a'.repeat(86)}` },
    status([]),
  );
  assert.deepEqual(warnings, []);
  // Whoever installs one of them later is served as well.
  assert.ok(changes.some(({ path }) => path === rule));
  const warned = plan(
    { sshKey: [SSH_KEY], passwordHash: `$6$salt$${'a'.repeat(86)}` },
    status(['modemmanager', 'network-manager']),
  );
  assert.deepEqual(warned.warnings, [
    'the base has ModemManager (modemmanager 1.0): the image tells it to leave Huawei modems to wwanpi',
    'the base has NetworkManager (network-manager 1.0): the image tells it to leave wwan0 to wwanpi; that it and dhcpcd do not both run eth0 or wlan0 is up to the base',
  ]);
});

test('bugs: two stages on one path; a password in the clear', () => {
  const stage = (name: string): Stage => ({
    name,
    reads: () => [],
    plan: () => ({ changes: [{ kind: 'remove', stage: name, path: '/x' }] }),
  });
  assert.throws(
    () => planChanges(recipeOf(), stretchFacts, new Map(), [], [stage('a'), stage('b')]),
    BugError,
  );
  assert.throws(() => plan({ password: 'clear' }), BugError);
});
