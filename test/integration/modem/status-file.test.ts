import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { padStatusText, readStatusText, STATUS_BYTES } from '../../../src/formats/config/status-text.ts';
import { createFakePi, type FakePi } from '../../helpers/fake-pi.ts';
import { renderOverlays } from '../../helpers/rendered-overlays.ts';
import { watch } from '../../helpers/watch-pi.ts';

/** The file that a person without a network reads on a PC, and when the Pi writes it. */

const SCRIPT = 'usr/lib/wwanpi/status-file';
const FILE = 'boot/wwanpi-status.txt';
const BEFORE = 'boot/wwanpi-status-before.txt';
const AS_BUILT = Buffer.from(padStatusText('as built\n')).toString();
const offline = { ifstate: '\n', unit: 'ActiveState=failed\n' };
const refusing = "error: couldn't start network: CallFailed, verbose call end reason (6,33)\n";
const START = 'systemctl --no-block start wwanpi-status-file.service';

const files = {
  [FILE]: AS_BUILT,
  [BEFORE]: AS_BUILT,
  [SCRIPT]: '',
  'usr/lib/wwanpi/issue': 'LTE address, if online: \\4{wwan0}\n',
};

/** A Pi with the two files, the line `shown` on its consoles, and a doctor that says `found`. */
async function createPi(t: TestContext, shown: string, found = 'No check failed.'): Promise<FakePi> {
  const pi = await createFakePi(t);
  for (const [path, text] of Object.entries(files)) await pi.put(path, text);
  await pi.put('run/wwanpi/status', `${shown}\n`);
  await pi.put('found', `${found}\n`);
  await pi.standIn('wwan-doctor', '[[ $1 == --words ]] && cat "$pi/found"');
  await pi.standIn('timedatectl', 'echo "System clock synchronized: no"');
  return pi;
}

async function write(pi: FakePi): Promise<string> {
  const { said, exitCode } = await pi.run(SCRIPT);
  assert.equal(exitCode, 0, said);
  return said;
}

const read = (pi: FakePi, path: string) => readFile(join(pi.folder, path), 'latin1');
const shownIn = async (pi: FakePi, path = FILE) =>
  readStatusText(await readFile(join(pi.folder, path)))
    .replace(/\nEnd of the status \(\d+\)\.$/, '')
    .trim();

describe('wwanpi-status.txt', { concurrency: 2 }, () => {
  test('says in plain words what the consoles say, and what the doctor finds', async (t) => {
    const pi = await createPi(
      t,
      'LTE: the network refuses the APN internet',
      "The network refuses the APN internet.\n  What to do: write your contract's APN into wwanpi.txt on the card (apn=).",
    );
    assert.equal(await write(pi), '');
    assert.equal(
      await shownIn(pi),
      [
        'The status of this Pi: what it said last about its LTE connection.',
        '',
        'Written 100 s after the start (the date is not known).',
        'The Pi writes this file by itself. What it said before that is in',
        'wwanpi-status-before.txt.',
        '',
        'CONNECTION',
        '  LTE: the network refuses the APN internet',
        '',
        'CHECKS',
        '  The network refuses the APN internet.',
        "    What to do: write your contract's APN into wwanpi.txt on the card (apn=).",
      ].join('\n'),
    );
  });

  test('is what an old Notepad shows well: ASCII, every line ends with CRLF, always of the same size', async (t) => {
    for (const shown of ['LTE: online, Tést M\u009bobile, 10.64.64.10', 'x'.repeat(9000)]) {
      const pi = await createPi(t, shown, 'y '.repeat(9000));
      await write(pi);
      const text = await read(pi, FILE);
      assert.equal(text.length, STATUS_BYTES);
      assert.match(text, /^(?:[ -~]*\r\n)*$/);
      assert.match(text, /\r\nEnd of the status \(\d+\)\.\r\n *\r\n/);
    }
  });

  test('the date is told once a time server has answered', async (t) => {
    const pi = await createPi(t, 'LTE: online, Test Mobile, 10.64.64.10');
    await pi.standIn('timedatectl', 'echo "  NTP synchronized: yes"');
    await pi.put('proc/uptime', '9000.12 1.00\n');
    await write(pi);
    assert.match(
      await shownIn(pi),
      /\nWritten 2 h after the start, on 20\d\d-\d\d-\d\d at \d\d:\d\d UTC\.\n/,
    );
  });

  test('names what was refused in wwanpi.txt, by line', async (t) => {
    const pi = await createPi(t, 'LTE: online, Test Mobile, 10.64.64.10');
    await pi.put('boot/wwanpi.txt', 'apn=a b\n');
    await write(pi);
    assert.match(await shownIn(pi), /\nSETTINGS: the Pi uses those in wwanpi.txt.\n/);
    const fault = 'line 12: apn: has a space; write the APN as the carrier names it';
    await pi.put('run/wwanpi/card-settings-faults', `${fault}\n${'line 9: x: is long\n'.repeat(5000)}`);
    await write(pi);
    const text = await shownIn(pi);
    assert.match(text, /\nSETTINGS: nothing of wwanpi.txt was taken over, because of these lines/);
    assert.ok(text.includes(`\n  ${fault}\n`), text);
    assert.match(text, /\nCONNECTION\n {2}LTE: online, Test Mobile/);
  });

  test('the former text is whole in the other file before the new one is begun', async (t) => {
    const pi = await createPi(t, 'LTE: no modem; plug it in');
    await write(pi);
    assert.equal(await read(pi, BEFORE), AS_BUILT, 'as built is kept as long as nothing better is there');
    const first = await read(pi, FILE);
    await pi.put('run/wwanpi/status', 'LTE: online, Test Mobile, 10.64.64.10\n');
    await write(pi);
    assert.equal(await read(pi, BEFORE), first);
    assert.match(await shownIn(pi), /LTE: online/);
    // A power cut in the middle of a write: the second half is that of the text before.
    const half = (await read(pi, FILE)).slice(0, 300) + first.slice(300);
    await writeFile(join(pi.folder, FILE), half, 'latin1');
    await write(pi);
    assert.equal(await read(pi, BEFORE), first, 'half a text is not kept');
  });

  test('where nothing can be written one line says so, and the supervisor does not ask again', async (t) => {
    for (const [what, spoil] of [
      [/there is no \S+wwanpi-status\.txt$/, (path: string) => rm(path)],
      [/\S+wwanpi-status\.txt is not 4096 bytes long any more$/, (path: string) => writeFile(path, 'mine')],
    ] as const) {
      const pi = await createPi(t, 'LTE: no modem; plug it in');
      await spoil(join(pi.folder, FILE));
      assert.match((await write(pi)).trim(), what);
      assert.equal(await write(pi), '');
      assert.equal(await pi.read('run/wwanpi/card-status'), '0 LTE: no modem; plug it in\n');
      assert.equal(await read(pi, BEFORE), AS_BUILT);
      if (existsSync(join(pi.folder, FILE))) assert.equal((await stat(join(pi.folder, FILE))).size, 4);
    }
  });

  test('without a supervisor it tells the address', async (t) => {
    const pi = await createPi(t, '');
    await write(pi);
    assert.match(await shownIn(pi), /\nCONNECTION\n {2}LTE: 10\.64\.64\.10\n/);
  });
});

describe('when the supervisor has it written', { concurrency: 2 }, () => {
  const refused = { ...files, ...offline, journal: refusing };
  const shown = 'LTE: the network refuses the APN internet';
  const starts = (calls: readonly string[]) => calls.filter((call) => call === START).length;

  test('once the line has stayed the same for two looks, until the script has written it', async (t) => {
    const { calls } = await watch(t, { rounds: 12, files: refused });
    assert.ok(starts(calls) > 0, calls.join('\n'));
    const written = await watch(t, {
      rounds: 12,
      files: { ...refused, 'run/wwanpi/card-status': `1 ${shown}\n` },
    });
    assert.equal(starts(written.calls), 0);
  });

  test('not while the modem may still appear, nor in an image without the file', async (t) => {
    const prepare = ({ folder }: FakePi) => rm(join(folder, 'sys/class/net/wwan0'));
    const early = await watch(t, { rounds: 8, files: { ...files, 'proc/uptime': '20.00 0.00\n' }, prepare });
    assert.equal(starts(early.calls), 0);
    const { [SCRIPT]: _, ...without } = refused;
    const none = await watch(t, { rounds: 12, files: without });
    assert.equal(starts(none.calls), 0);
  });

  test('after six times only for a failure that has lasted an hour', async (t) => {
    const six = { ...refused, 'run/wwanpi/card-status': '6 LTE: online, Test Mobile, 10.64.64.10\n' };
    const prepare = (pi: FakePi) => pi.standIn('sleep', 'pass 400');
    assert.equal(starts((await watch(t, { rounds: 9, files: six, prepare })).calls), 0);
    assert.ok(starts((await watch(t, { rounds: 30, files: six, prepare })).calls) > 0);
  });
});

test('it is read by a person: no secret of the image and no number of the SIM', async (t) => {
  const pi = await createPi(t, 'LTE: no modem; plug it in');
  const words = await readFile(join(renderOverlays(), SCRIPT), 'utf8');
  assert.doesNotMatch(words, /qmi-network\.conf|wwanpi\/pin\b|etc\/wwanpi\/card-settings/);
  await pi.put('etc/qmi-network.conf', 'APN_PASS="Secret#1"\n');
  await write(pi);
  assert.doesNotMatch(await shownIn(pi), /Secret/);
});
