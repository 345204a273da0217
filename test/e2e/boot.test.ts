import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { openDisk } from '../../src/image/open-disk.ts';
import { hashFile } from '../../src/tools/files/hash.ts';
import { type CliOptions, runCli } from '../helpers/cli.ts';
import { BOOT_SECTIONS, linkCache } from '../helpers/linked-cache.ts';
import { findProcesses } from '../helpers/processes.ts';
import {
  assertGoldenScreen,
  KEYS,
  keepTmpdirShort,
  openWwanpi,
  type Screen,
  unwrap,
} from '../helpers/screen.ts';
import { waitFor } from '../helpers/wait-for.ts';

keepTmpdirShort();

/** Tier 3: a whole image of debian-bookworm, its own root file system and programs, on QEMU's board. */
describe('a boot of an image of debian-bookworm', () => {
  let folder = '';
  let image = '';
  let sha256 = '';
  let temporary = '';
  /** The same with an SSH host key: without one, its first start takes some minutes until all is up. */
  let keyed = '';
  let keyedSha256 = '';
  let cache = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-boot-'));
    temporary = join(folder, 'tmp');
    await mkdir(temporary);
    const options = ['--base', 'debian-bookworm', '--apn', 'internet', '--name', 'pi', '--output', folder];
    // CI: nobody answers a question about a login.
    const screen = openWwanpi({ after: () => undefined }, ['build', ...options], { env: { CI: '1' } });
    assert.equal(await screen.exited(), 0, screen.history());
    const steps = screen.history().match(/^ {2}. (?=[A-Z]|libqmi)[\w ]{1,16}/gm) ?? [];
    assert.deepEqual(
      steps.map((step) => step.trim()),
      [
        ...['✓ Host tools', '✓ Base', '✓ Sysroot', '✓ libqmi source', '✓ libqmi compile', '✓ libqmi check'],
        ...['✓ Plan', '✓ Copy', '✓ Write', '✓ Check', '✓ Release'],
      ],
      screen.history(),
    );
    assert.doesNotMatch(screen.history(), /^ {2}… |[▓░]/m, 'a row is left');
    await assertGolden('build', screen);
    image = join(folder, 'pi.img');
    sha256 = await hashFile(image);
    keyed = await copyWith('keyed', '/etc/ssh/ssh_host_ed25519_key', 'none\n');
    keyedSha256 = await hashFile(keyed);
    cache = join(folder, 'cache');
    await linkCache(cache, { more: BOOT_SECTIONS });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const boot = (args: readonly string[], options: CliOptions = {}) =>
    runCli(['boot', image, ...args], { ...options, env: { TMPDIR: temporary } });

  /** The first takes the snapshot, the others go on from it: for tests that are not about the boot itself. */
  const shortly = (): string[] => [keyed, '--from-snapshot', '--cache-dir', cache];
  const bootShortly = (args: readonly string[], options: CliOptions = {}) =>
    runCli(['boot', ...shortly(), ...args], { ...options, env: { TMPDIR: temporary } });

  /** A copy of the image with another file in its root. */
  async function copyWith(name: string, path: string, text: string): Promise<string> {
    const copy = join(folder, `${name}.img`);
    const file = join(folder, name);
    await copyFile(image, copy, constants.COPYFILE_FICLONE);
    await writeFile(file, text);
    const disk = await openDisk(copy);
    const target = `${copy}?offset=${disk.layout.root.offsetBytes}`;
    for (const command of [`rm ${path}`, `write ${file} ${path}`]) {
      execFileSync('debugfs', ['-w', '-R', command, target], { stdio: 'ignore' });
    }
    return copy;
  }

  const openOnScreen = (t: TestContext, args: readonly string[]) =>
    openWwanpi(t, ['boot', image, ...args], { env: { TMPDIR: temporary } });
  const openShortly = (t: TestContext, args: readonly string[]) =>
    openWwanpi(t, ['boot', ...shortly(), ...args], { env: { TMPDIR: temporary } });

  /** Lines that were wrapped are whole, since numbers decide where; what the packages and the machine of the day say is masked. */
  async function assertGolden(name: string, screen: Screen): Promise<void> {
    const lines = unwrap(screen.history())
      .replaceAll(folder, 'FOLDER')
      .replaceAll(/\b[0-9a-f]{16,}/g, 'HASH')
      .replaceAll(/(?<![\w.])\d+(\.\d+)? (ms|s|min|h)\b( \d+ s)?/g, 'TIME')
      .replaceAll(/\d+(\.\d+)*/g, 'N')
      .replaceAll(/(, cached)?(\s+\(TIME\))?$/gm, '')
      // How often it is looked at depends on the host.
      .replaceAll(/(?<=the LED: ).*/g, '…')
      .replaceAll(/^ +(?=TIME {2}✓)/gm, '  ')
      .split('\n');
    // Milestones come in the order in which they are met.
    const isMilestone = (line: string) => line.startsWith('  TIME  ✓');
    const milestones = lines.filter(isMilestone).sort();
    const first = lines.findIndex(isMilestone);
    const others = lines.filter((line) => !isMilestone(line));
    await assertGoldenScreen(name, others.toSpliced(Math.max(first, 0), 0, ...milestones).join('\n'));
  }

  async function signalQemu(signal: NodeJS.Signals) {
    for (const id of await findProcesses(`path=${temporary}`)) process.kill(id, signal);
  }

  async function assertAllGone() {
    await waitFor('the end of QEMU', async () => (await findProcesses(`path=${temporary}`)).length === 0);
    assert.deepEqual(await readdir(temporary), [], 'temporary files');
  }

  test('--shell gives the console: the guest asks for a login, and Ctrl-] ends it', async (t) => {
    const screen = openWwanpi(t, ['boot', keyed, '--shell'], { env: { TMPDIR: temporary } });
    await screen.waitForText('Ctrl-] ends it');
    await screen.waitForText(/login:/);
    screen.type('root\r');
    await screen.waitForText('Password:');
    screen.type('\u001d');
    assert.equal(await screen.exited(), 0, screen.history());
    assert.match(screen.text(), /Logs: /);
    assert.equal(await hashFile(keyed), keyedSha256, 'the image was written to');
    await assertAllGone();
  });

  test('comes online, milestone by milestone, and is left as it was', async (t) => {
    const report = join(folder, 'boot.xml');
    const json = join(folder, 'boot.json');
    const screen = openOnScreen(t, ['--report', report, '--json', json]);
    await screen.waitForText(/… waiting for \w+: \d+ s of 360 s in the guest/);
    const exitCode = await screen.exited();
    const stdout = unwrap(screen.history());
    assert.equal(exitCode, 0, stdout);
    t.diagnostic(stdout);
    assert.doesNotMatch(stdout, /… waiting|✗/, 'a row is left');
    assert.equal(stdout.match(/✓ fetch/g)?.length, 1, 'a milestone is told twice');
    assert.match(screen.colours(), /‹green›✓‹\/› fetch[\s\S]*‹green›PASSED‹\/›/);
    await assertGolden('boot', screen);
    assert.match(stdout, /^PASSED {2}pi\.img, scenario online, APN internet$/m);
    assert.match(stdout, /✓ at-command: .*AT\^NDISDUP=1,1,"internet" → OK/);
    assert.match(stdout, /✓ route: .*wwan0 via 10\.64\.64\.9 metric 6000/);
    assert.match(stdout, /^Times are the guest's\. Here it took .+, at \d+ % of a processor\.$/m);
    assert.match(stdout, /✓ closed: .*of 8 ports tried, none answers/);
    assert.match(stdout, /✓ resolv-conf: .*1\.1\.1\.1 1\.0\.0\.1/);
    const { milestones, passed } = JSON.parse(await readFile(json, 'utf8'));
    assert.equal(passed, true);
    assert.ok(milestones.every((each: { state: string }) => each.state === 'met'));
    assert.match(await readFile(report, 'utf8'), /<testsuites [^>]*failures="0"/);
    const logs = ['console.log', 'events.jsonl', 'probe.log', 'wwanpi-status.txt'];
    assert.deepEqual((await readdir(join(folder, 'boot-logs'))).sort(), logs);
    // The journal from its beginning on: this line is written before wwan0 is there.
    const probe = await readFile(join(folder, 'boot-logs/probe.log'), 'utf8');
    assert.match(probe, /\tjournal\t.* systemd\[1\]: Starting .*Raise network interfaces/);
    assert.equal(await hashFile(image), sha256, 'the image was written to');
    await assertAllGone();
  });

  test('from a snapshot it comes online by the same milestones, and is left as it was', async () => {
    const json = join(folder, 'short.json');
    const { exitCode, stdout, stderr } = await bootShortly(['--json', json]);
    assert.equal(exitCode, 0, stdout + stderr);
    assert.match(stderr, /Snapshot +\d[\d.]* s after power-on/);
    assert.match(stdout, /^online \([\d.]+ s since power-on, of which [\d.]+ s in a snapshot, /m);
    const read = async (path: string) => {
      const { milestones, snapshotSeconds } = JSON.parse(await readFile(path, 'utf8'));
      const states = milestones.map((each: { name: string; state: string }) => `${each.name}: ${each.state}`);
      return { states, snapshotSeconds };
    };
    const [whole, short] = [await read(join(folder, 'boot.json')), await read(json)];
    assert.deepEqual(short.states, whole.states);
    assert.equal(whole.snapshotSeconds, null);
    assert.ok(short.snapshotSeconds > 5);
    // The journal from its beginning on.
    const probe = await readFile(join(cache, 'boots/keyed.img-online/probe.log'), 'utf8');
    assert.match(probe, /\tjournal\t.* systemd\[1\]: Starting .*Raise network interfaces/);
    assert.equal(await hashFile(keyed), keyedSha256, 'the image was written to');
    const snapshots = join(cache, 'snapshots');
    for (const file of ['disk.img', 'state']) {
      const { mode } = await stat(join(snapshots, String((await readdir(snapshots))[0]), file));
      assert.equal(mode & 0o077, 0, `others can read ${file}`);
    }
    await assertAllGone();
  });

  test('a scenario about the boot is booted whole all the same, with the reason', async () => {
    const { exitCode, stderr } = await bootShortly(['--scenario', 'factory-mode', '--timeout', '2']);
    assert.equal(exitCode, 7, stderr);
    assert.match(
      stderr,
      /factory-mode boots the image whole: the modem has to be switched while the system boots/,
    );
    assert.doesNotMatch(stderr, /Snapshot/);
    await assertAllGone();
  });

  test('an image with another APN than expected fails with exit 7 and names it', async () => {
    const { exitCode, stdout, stderr } = await bootShortly([
      '--apn',
      'other',
      '--keep',
      join(folder, 'other'),
    ]);
    assert.equal(exitCode, 7, stdout + stderr);
    assert.match(stderr, /Snapshot .*, cached/);
    assert.match(stderr, /"at-command" failed: AT\^NDISDUP named the APN "internet" instead of "other"/);
    assert.match(stdout, /✗ at-command/);
    await assertAllGone();
  });

  test('on a screen a failure is said once, and Ctrl-C is answered at once', async (t) => {
    const failed = openShortly(t, ['--apn', 'other', '--keep', join(folder, 'screen')]);
    assert.equal(await failed.exited(), 7, failed.history());
    // The terminal breaks lines anywhere.
    const text = failed.history().replaceAll(/\s+/g, '');
    assert.equal(text.match(/namedtheAPN"internet"insteadof"other"/g)?.length, 1, failed.history());
    assert.match(text, /FAILEDkeyed\.img,scenarioonline,APNotherTimesare/);
    const stopped = openShortly(t, ['--keep', join(folder, 'stopped')]);
    await stopped.waitForText('✓ kernel');
    stopped.type(KEYS.ctrlC);
    await stopped.waitForText(/stopping…|interrupted; QEMU/);
    assert.equal(await stopped.exited(), 130);
    assert.match(stopped.history(), /✓ kernel.*\n\nwwanpi: interrupted; QEMU and the modem have ended$/);
    await assertAllGone();
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`${signal} ends QEMU and the modem too`, async () => {
      const { exitCode, stderr } = await bootShortly(['--keep', join(folder, signal)], {
        onStderr: (text, kill) => {
          if (text.includes('kernel:')) kill(signal);
        },
      });
      assert.equal(exitCode, 130, stderr);
      await assertAllGone();
    });
  }

  test('even SIGKILL leaves no QEMU behind', async () => {
    const { exitCode } = await bootShortly(['--keep', join(folder, 'killed')], {
      onStderr: (text, kill) => {
        if (text.includes('kernel:')) kill('SIGKILL');
      },
    });
    assert.equal(exitCode, null);
    // Nobody is left to remove the run's own temporary folder.
    await rm(temporary, { recursive: true });
    await mkdir(temporary);
    await assertAllGone();
  });

  test('when the time is up, what was missed is named; an earlier boot in that folder is not taken for it', async () => {
    const logs = join(folder, 'late');
    await mkdir(logs);
    await writeFile(join(logs, 'console.log'), '[    0.000000] Linux version 9.9.9-earlier\n');
    const { exitCode, stdout, stderr } = await boot(['--timeout', '6', '--keep', logs]);
    assert.equal(exitCode, 7, stderr);
    assert.doesNotMatch(stdout + stderr, /9\.9\.9-earlier/);
    assert.match(stderr, /not within 6 s/);
    await assertAllGone();
  });

  test('a machine that gives the guest nothing: no verdict, exit 9, an error in JUnit', async () => {
    const report = join(folder, 'busy.xml');
    const { exitCode, stdout, stderr } = await boot(['--wall-timeout', '20', '--report', report], {
      onStderr: (text) => {
        // As a machine does that has better things to do: QEMU is there and gets no processor.
        if (text.includes('kernel:')) void signalQemu('SIGSTOP');
      },
    });
    assert.equal(exitCode, 9, stdout + stderr);
    assert.match(stdout, /^TOO BUSY {2}pi\.img/m);
    assert.doesNotMatch(stdout, /FAILED|✗/);
    assert.match(
      stderr,
      /no verdict on "online": this machine is too busy: the guest got \d+ % of a processor/,
    );
    assert.match(stderr, /--wall-timeout/);
    assert.match(await readFile(report, 'utf8'), /failures="0" errors="1"[\s\S]*<error [^>]*type="too-busy"/);
    await assertAllGone();
  });

  test('emergency mode ends the boot at once, and is named with its cause', async () => {
    const line = 'PARTUUID=0badcafe-01 /boot vfat defaults,x-systemd.device-timeout=5s 0 2\n';
    const broken = await copyWith('broken', '/etc/fstab', line);
    const { exitCode, stdout, stderr } = await runCli(
      ['boot', broken, '--keep', join(folder, 'broken-logs')],
      {
        env: { TMPDIR: temporary },
      },
    );
    assert.equal(exitCode, 7, stdout + stderr);
    assert.match(stderr, /did not pass "online": the system went into emergency mode: .*0badcafe/);
  });

  test('when QEMU crashes, that is said', async () => {
    const { exitCode, stderr } = await bootShortly(['--keep', join(folder, 'crash')], {
      onStderr: (text) => {
        if (text.includes('kernel:')) void signalQemu('SIGSEGV');
      },
    });
    assert.equal(exitCode, 7, stderr);
    assert.match(stderr, /QEMU ended \(SIGSEGV\)/);
    await assertAllGone();
  });
});

describe('bad input to boot is refused before anything runs', () => {
  for (const [what, args, pattern] of [
    ['no such image', ['boot', '/nowhere.img'], /cannot read \/nowhere\.img: no such file/],
    ['a file that is no image', ['boot', process.execPath], /wwanpi:/],
    ['no such scenario', ['boot', '/x.img', '--scenario', 'sunny'], /boot --help-all lists the scenarios/],
    ['a time that is none', ['boot', '/x.img', '--timeout', '-3'], /--timeout/],
    ['an unknown option', ['boot', '/x.img', '--fast'], /fast/],
  ] as const) {
    test(what, async () => {
      const { exitCode, stderr } = await runCli(args);
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, pattern);
    });
  }
});
