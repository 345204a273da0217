import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Stack } from '../../../src/core/model.ts';
import { editCardText, readCardText } from '../../../src/formats/card-settings/card-text.ts';
import { type CardKey, STORED } from '../../../src/formats/card-settings/keys.ts';
import { derivePsk } from '../../../src/formats/config/wpa-supplicant.ts';
import { makeCardLibrary, makeCardRoot } from '../../helpers/card-root.ts';
import { createTestContext } from '../../helpers/context.ts';
import { recipeOf, SSH_KEY } from '../../helpers/recipes.ts';

const OPTIONS = { apnUser: 'user', apnPassword: 'Old#1', pin: '0472' };
const CARD = 'boot/wwanpi.txt';
const NM_CARD = 'boot/firmware/wwanpi.txt';
const VALUES = 'etc/wwanpi/card-settings';

test('an unchanged file changes nothing, and no program but cmp and rm is asked', async (t) => {
  const pi = await createCardPi(t);
  const before = await pi.snapshot();
  assert.equal(await pi.run(), '');
  assert.deepEqual(await pi.snapshot(), before);
  assert.deepEqual(await pi.calls(), ['rm', 'rm', 'cmp']);
});

test('new values are in every file, the secret is masked in place, and old markers are gone', async (t) => {
  const pi = await createCardPi(t);
  await pi.put('var/lib/wwanpi/ndisdup.done', 'ttyUSB0\n');
  await pi.put('var/lib/wwanpi/pin-wrong', 'x wrong\n');
  await pi.edit([
    ['apn', 'new.apn'],
    ['password', 'New#2'],
    ['hostname', 'lte-9.example.org'],
  ]);
  const { ino, size } = await stat(pi.at(CARD));
  const said = await pi.run();
  assert.equal(said, 'wwanpi.txt has new values: apn password hostname\nthe settings are in place\n');
  assert.match(await pi.read('etc/network/interfaces.d/wwan0'), /pre-up APN=new\.apn /);
  assert.match(await pi.read('etc/qmi-network.conf'), /^APN_PASS='New#2'$/m);
  assert.match(await pi.read('etc/wwanpi/ndisdup.conf'), /^AT\^NDISDUP=1,1,"new\.apn","user","New#2",2$/m);
  assert.match(await pi.read('etc/hosts'), /^127\.0\.1\.1\tlte-9\.example\.org lte-9$/m);
  assert.equal(await pi.read('proc/sys/kernel/hostname'), 'lte-9.example.org\n');
  assert.equal((await stat(pi.at('etc/qmi-network.conf'))).mode & 0o777, 0o600);
  const card = await readFile(pi.at(CARD));
  assert.deepEqual(await stat(pi.at(CARD)).then((now) => [now.ino, now.size]), [ino, size]);
  assert.equal(readCardText(card).values.get('password'), STORED);
  assert.doesNotMatch(card.toString(), /New#2/);
  assert.deepEqual(await pi.list('var/lib/wwanpi'), ['card-settings.wwanpi.txt', 'pin-wrong']);
  assert.equal(await pi.run(), '');
});

test('user, password, key, Wi-Fi and time zone', async (t) => {
  const pi = await createCardPi(t);
  await pi.put('lib/systemd/system/sshswitch.service', '');
  await pi.put('home/pi/.profile', 'mine');
  await pi.edit([
    ...([
      ['login-user', 'anna'],
      ['login-password', "Grüße '7"],
      ['ssh-key', SSH_KEY],
    ] as const),
    ...([
      ['wifi-ssid', 'Café'],
      ['wifi-password', 'it is $(secret)'],
      ['wifi-country', 'de'],
    ] as const),
    ...([['timezone', 'Europe/Berlin']] as const),
  ]);
  await pi.run();
  assert.match(await pi.read('etc/passwd'), /^anna:x:1000:1000:,,,:\/home\/anna:\/bin\/bash$/m);
  const hash = /^anna:(\$6\$[^:]*):/m.exec(await pi.read('etc/shadow'))?.[1] ?? '';
  const [, , salt = ''] = hash.split('$');
  assert.equal(salt.length, 16);
  const { stdout } = await pi.exec(['perl', '-e', 'print crypt("Grüße \'7", $ARGV[0])', hash]);
  assert.equal(stdout, hash);
  assert.equal(await pi.read('home/anna/.profile'), 'mine');
  assert.equal(await pi.read('home/anna/.ssh/authorized_keys'), `${SSH_KEY}\n`);
  assert.equal((await stat(pi.at('home/anna/.ssh'))).mode & 0o777, 0o700);
  assert.equal(await pi.read('boot/ssh'), '');
  assert.match(
    await pi.read('etc/wpa_supplicant/wpa_supplicant.conf'),
    new RegExp(`psk=${derivePsk('it is $(secret)', 'Café')}`),
  );
  assert.equal(await readlink(pi.at('etc/localtime')), '/usr/share/zoneinfo/Europe/Berlin');
  assert.doesNotMatch(await pi.read(CARD), /secret\)|Grü/);
  assert.doesNotMatch(await pi.read(VALUES), /it is|Grü/);
  // Once more, with nothing made twice.
  await pi.edit([
    ['login-user', 'bob'],
    ['ssh-key', ''],
  ]);
  await pi.run();
  assert.match(await pi.read('etc/group'), /^sudo:x:27:bob$/m);
  assert.deepEqual(await pi.list('home'), ['bob']);
  assert.deepEqual(await pi.list('home/bob/.ssh'), []);
});

test('NetworkManager: the profile is private and has no PIN, and whoever may log in is let in', async (t) => {
  const pi = await createCardPi(t, 'networkmanager');
  await pi.put('usr/lib/systemd/system/sshswitch.service', '');
  await symlink('usr/lib', pi.at('lib'));
  await pi.put('var/lib/wwanpi/pin-wrong', 'x wrong\n');
  const { size } = await stat(pi.at(NM_CARD));
  await pi.edit([
    ...([
      ['apn', 'new.apn'],
      ['password', 'New#2'],
      ['auth', 'pap'],
      ['pin', '9047'],
      ['dns', '9.9.9.9 2620:fe::fe'],
      ['metric', ''],
    ] as const),
    ...([
      ['ssh-key', SSH_KEY],
      ['wifi-ssid', 'Café'],
      ['wifi-country', 'de'],
    ] as const),
  ]);
  assert.match(await pi.run(), /has new values: apn password auth pin dns .*\nthe settings are in place\n$/);
  const folder = 'etc/NetworkManager/system-connections';
  const profile = await pi.read(`${folder}/wwanpi.nmconnection`);
  assert.match(profile, /^\[gsm\]\napn=new\.apn\nusername=user\npassword=New#2\n\n/m);
  assert.match(profile, /^route-metric=700\ndns=9\.9\.9\.9;\n/m);
  assert.match(profile, /^\[ppp\]\n(?:.*\n)*refuse-chap=true$/m);
  assert.match(await pi.read(`${folder}/wwanpi-wifi.nmconnection`), /^ssid=67;97;102;195;169;$/m);
  assert.doesNotMatch(profile, /9047/);
  assert.equal(await pi.read('etc/wwanpi/pin'), '9047\n');
  for (const path of [...(await pi.list(folder)).map((name) => `${folder}/${name}`), 'etc/wwanpi/pin'])
    assert.equal((await stat(pi.at(path))).mode & 0o777, 0o600, path);
  assert.equal(
    await pi.read('etc/modprobe.d/wwanpi-wifi.conf').then((text) => text.split('\n').at(-2)),
    'options cfg80211 ieee80211_regdom=DE',
  );
  assert.equal(
    await pi.read('var/lib/NetworkManager/NetworkManager.state'),
    '[main]\nWirelessEnabled=true\n',
  );
  assert.match(await pi.read('etc/passwd'), /^pi:.*:\/bin\/bash$/m);
  assert.equal(await pi.read('etc/sudoers.d/010_pi-nopasswd'), 'pi ALL=(ALL) NOPASSWD: ALL\n');
  assert.deepEqual(await pi.list('etc/systemd/system/getty.target.wants'), ['getty@tty1.service']);
  assert.ok(!(await pi.list('etc/systemd/system/multi-user.target.wants')).includes('userconfig.service'));
  assert.equal(await pi.read('boot/firmware/ssh'), '');
  const card = await readFile(pi.at(NM_CARD));
  assert.equal(card.length, size);
  assert.doesNotMatch(card.toString(), /New#2|9047/);
  assert.deepEqual(await pi.list('var/lib/wwanpi'), ['card-settings.wwanpi.txt']);
  assert.equal(await pi.run(), '');
});

test('one bad value leaves everything as it was, and no message has a value', async (t) => {
  const pi = await createCardPi(t);
  await pi.edit([
    ['apn', 'new.apn'],
    ['password', 'my secret,1'],
    ['pin', '12'],
  ]);
  const before = await pi.snapshot();
  const said = await pi.run(1);
  assert.deepEqual(await pi.snapshot(), before);
  const faults = (await pi.read('run/wwanpi/card-settings-faults')).trimEnd().split('\n');
  assert.deepEqual(
    faults.map((fault) => fault.replace(/\d+/, 'N')),
    [
      'line N: password: holds a space',
      'line N: password: holds a comma',
      'line N: pin: is not four to eight digits',
    ],
  );
  assert.equal(said, `wwanpi.txt is refused, and all settings stay as they are:\n${faults.join('\n')}\n`);
  // Again at each boot, until it is mended; then they are gone.
  assert.equal(await pi.run(1), said);
  await pi.edit([
    ['password', 'fine'],
    ['pin', ''],
  ]);
  await pi.run();
  assert.deepEqual(await pi.list('run/wwanpi'), []);
  assert.match(await pi.read(VALUES), /^apn=new\.apn\nuser=user\npassword=fine\n/);
});

test('what only this Pi knows: no such time zone, a user that is there, a user that is not', async (t) => {
  const pi = await createCardPi(t);
  await pi.edit([
    ['timezone', 'Europe/Nowhere'],
    ['login-user', 'video'],
  ]);
  assert.match(
    await pi.run(1),
    /timezone: is no time zone of this system; .*\n.*login-user: is a user or group of this system/,
  );
  await pi.put('etc/passwd', 'root:x:0:0:root:/root:/bin/bash\n');
  await pi.edit([
    ['timezone', ''],
    ['login-user', 'anna'],
  ]);
  assert.match(await pi.run(1), /login-user: cannot rename pi: this system has no such user/);
});

test('wwanpi.txt.txt is read where wwanpi.txt is missing or unchanged, and not where both were edited', async (t) => {
  const pi = await createCardPi(t);
  await pi.put(`${CARD}.txt`, 'apn=second.apn\r\npassword=Double#3\r\n');
  assert.match(await pi.run(), /^wwanpi\.txt\.txt has new values: apn password$/m);
  assert.equal(await pi.read(`${CARD}.txt`), 'apn=second.apn\r\npassword=(stored)\r\n');
  assert.equal(await pi.run(), '');
  await pi.put(`${CARD}.txt`, 'apn=third.apn\n');
  await pi.edit([['apn', 'first.apn']]);
  await pi.run();
  assert.match(await pi.read(VALUES), /^apn=first\.apn$/m);
  await rm(pi.at(CARD));
  await pi.run();
  assert.match(await pi.read(VALUES), /^apn=third\.apn$/m);
});

test('a new comment alone is noted, and a card without the file is left alone', async (t) => {
  const pi = await createCardPi(t);
  await writeFile(pi.at(CARD), `# mine\n${await pi.read(CARD)}`);
  assert.equal(await pi.run(), 'wwanpi.txt was edited, but no value changed\n');
  assert.equal(await pi.run(), '');
  await rm(pi.at(CARD));
  assert.equal(await pi.run(), '');
});

const MANY: readonly (readonly [CardKey, string])[] = [
  ...([
    ['apn', 'new.apn'],
    ['password', 'New#2'],
    ['pin', ''],
    ['hostname', 'lte-9'],
  ] as const),
  ...([
    ['login-user', 'anna'],
    ['timezone', 'Europe/Berlin'],
    ['dns', 'none'],
  ] as const),
];
const FEW: typeof MANY = [
  ['password', 'New#2'],
  ['timezone', 'Europe/Berlin'],
];

for (const [changes, stride] of [
  [FEW, 1],
  [MANY, 7],
] as const) {
  test(`a power cut at any step of ${changes.length} changes: the next start ends the change`, async (t) => {
    const whole = await createCardPi(t);
    await whole.edit(changes);
    await whole.run();
    const expected = await whole.snapshot();
    const steps = (await whole.calls()).length;
    assert.ok(steps > 30, `${steps} steps`);
    for (let step = 1; step <= steps; step += stride) {
      const pi = await createCardPi(t);
      await pi.edit(changes);
      await pi.cutAfter(step);
      assert.deepEqual(await pi.snapshot(), expected, `step ${step}`);
      await rm(pi.folder, { recursive: true });
    }
  });
}

test('an edit after a power cut in a change is no part of it: the change ends, then the edit is read', async (t) => {
  const steps = await countSteps(t);
  for (let step = 1; step <= steps; step += 7) {
    const pi = await createCardPi(t);
    const old = await readFile(pi.at(CARD));
    await pi.edit([
      ['apn', 'new.apn'],
      ['metric', '7'],
    ]);
    await pi.cutAfter(step, async () => {
      await writeFile(
        pi.at(CARD),
        editCardText(
          old,
          new Map([
            ['apn', 'newest.apn'],
            ['metric', '8'],
          ]),
        ),
      );
    });
    assert.match(
      await pi.read('etc/network/interfaces.d/wwan0'),
      /metric 8\n(?:.*\n)*.*APN=newest\.apn /,
      `step ${step}`,
    );
    assert.equal(readCardText(await readFile(pi.at(CARD))).values.get('apn'), 'newest.apn');
  }
});

test('wwanpi.txt half written is a mixture of both, and is written again', async (t) => {
  const pi = await createCardPi(t);
  await pi.edit([['password', 'New#2']]);
  const edited = await readFile(pi.at(CARD));
  await pi.run();
  const masked = await readFile(pi.at(CARD));
  for (const sectors of [0, 1, 2, 5, 16]) {
    await pi.put('var/lib/wwanpi/card-settings.commit/old', edited);
    await pi.put('var/lib/wwanpi/card-settings.commit/new', masked);
    await pi.put('var/lib/wwanpi/card-settings.commit/name', 'wwanpi.txt');
    await pi.put('var/lib/wwanpi/card-settings.commit/list', 'put 1 /etc/wwanpi/pin\n');
    await pi.put('var/lib/wwanpi/card-settings.commit/1', '9999\n');
    const end = sectors * 512;
    await writeFile(pi.at(CARD), Buffer.concat([masked.subarray(0, end), edited.subarray(end)]));
    assert.match(
      await pi.run(),
      /^a change of the settings was cut off; it is completed now\nthe settings are in place\n$/,
    );
    assert.deepEqual(await readFile(pi.at(CARD)), masked);
    assert.equal(await pi.read('etc/wwanpi/pin'), '9999\n');
  }
});

interface CardPi {
  readonly folder: string;
  readonly exec: Awaited<ReturnType<typeof createTestContext>>['exec'];
  at(path: string): string;
  read(path: string): Promise<string>;
  put(path: string, content: string | Uint8Array): Promise<void>;
  list(path: string): Promise<string[]>;
  /** Changes wwanpi.txt as `wwanpi set` does. */
  edit(changes: readonly (readonly [CardKey, string])[]): Promise<void>;
  /** Runs the script to its end: what it said. */
  run(exitCode?: number): Promise<string>;
  /** Ends the script at its program number `step`, and starts it again. */
  cutAfter(step: number, between?: () => Promise<void>): Promise<void>;
  /** The programs that the script has run. */
  calls(): Promise<string[]>;
  /** Every file of the Pi, but the state that the script keeps about a run. */
  snapshot(): Promise<Map<string, string>>;
}

/** The programs of the script that write, or wait for what is written. */
const PROGRAMS = ['chmod', 'chown', 'cmp', 'cp', 'ln', 'mkdir', 'mv', 'rm', 'sync'];

async function createCardPi(t: TestContext, stack: Stack = 'ifupdown'): Promise<CardPi> {
  const { exec, tmpDir } = await createTestContext(t);
  const folder = join(tmpDir, 'pi');
  const at = (path: string) => join(folder, path);
  await makeCardRoot(folder, recipeOf(OPTIONS), stack);
  const library = await makeCardLibrary(tmpDir, stack);
  const card = at(stack === 'ifupdown' ? CARD : NM_CARD);
  const bin = join(tmpDir, 'bin');
  await mkdir(bin);
  const standIn = async (name: string, shell: string) => {
    await writeFile(join(bin, name), `#!/bin/bash\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n${shell}\n`);
    await chmod(join(bin, name), 0o755);
  };
  // A power cut before a program, counted from the end; the script is this program's parent or its parent's parent.
  const cut = [
    `echo "\${0##*/}" >>${tmpDir}/calls`,
    `if [[ -e ${tmpDir}/left ]]; then read -r left <${tmpDir}/left; echo $((left - 1)) >${tmpDir}/left`,
    `((left != 1)) || { read -r script <${tmpDir}/script; kill -9 "$script"; }`,
    '((left > 1)) || exit 1; fi',
  ].join('\n');
  for (const name of PROGRAMS) {
    await standIn(name, `${cut}\n${name === 'sync' ? 'true' : `exec ${name} "$@"`}`);
  }
  await standIn(
    'wpa_passphrase',
    `ssid=$1\nread -r pass\nperl -e '
    use Digest::SHA "hmac_sha1"; my ($p, $s) = @ARGV; my $k = "";
    for my $i (1, 2) { my $u = hmac_sha1($s . pack("N", $i), $p); my $t = $u;
      for (2 .. 4096) { $u = hmac_sha1($u, $p); $t ^= $u } $k .= $t }
    print "network={\\n\\tssid=\\"x\\"\\n\\t#psk=\\"y\\"\\n\\tpsk=", unpack("H64", $k), "\\n}\\n"' "$pass" "$ssid"`,
  );
  await standIn('systemctl', 'true');
  const env = {
    WWANPI_ROOT: folder,
    WWANPI_LIB: library,
    WWANPI_PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin`,
  };
  const start = async (codes: readonly number[]) => {
    await rm(join(tmpDir, 'calls'), { force: true });
    const shell = 'echo $$ >"$1"; exec bash "$2"';
    const argv = [
      'bash',
      '-c',
      shell,
      'start',
      join(tmpDir, 'script'),
      join(library, 'card-settings'),
    ] as const;
    return exec(argv, { env, okExitCodes: [...codes] });
  };
  return {
    folder,
    exec,
    at,
    read: (path) => readFile(at(path), 'utf8'),
    list: async (path) => (await readdir(at(path))).sort(),
    async put(path, content) {
      await mkdir(join(at(path), '..'), { recursive: true });
      await rm(at(path), { force: true });
      await writeFile(at(path), content);
    },
    async edit(changes) {
      await writeFile(card, editCardText(await readFile(card), new Map(changes)));
    },
    async run(exitCode = 0) {
      const { stdout, stderr, exitCode: code } = await start([exitCode]);
      assert.equal(code, exitCode);
      assert.equal(stderr, '');
      return stdout;
    },
    async cutAfter(step, between = async () => {}) {
      await writeFile(join(tmpDir, 'left'), `${step}\n`);
      const { exitCode } = await start([0, 1, 137]);
      assert.equal(exitCode, 137);
      await rm(join(tmpDir, 'left'));
      await between();
      await start([0]);
    },
    calls: async () => (await readFile(join(tmpDir, 'calls'), 'utf8')).trim().split('\n'),
    async snapshot() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const found = new Map<string, string>();
      for (const entry of entries) {
        const path = join(entry.parentPath, entry.name).slice(folder.length + 1);
        if (path.startsWith('run/')) continue;
        if (entry.isSymbolicLink()) found.set(path, `→ ${await readlink(at(path))}`);
        else if (entry.isFile())
          found.set(path, `${(await stat(at(path))).mode} ${await readFile(at(path), 'latin1')}`);
      }
      return found;
    },
  };
}

async function countSteps(t: TestContext): Promise<number> {
  const pi = await createCardPi(t);
  await pi.edit([
    ['apn', 'new.apn'],
    ['metric', '7'],
  ]);
  await pi.run();
  return (await pi.calls()).length;
}
