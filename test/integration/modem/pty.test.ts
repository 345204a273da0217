import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { BehaviourInput } from '../../../src/modem/behaviour.ts';
import { type Modem, ptyArgv, startModem } from '../../../src/modem/server.ts';
import { startProcess } from '../../../src/tools/exec.ts';
import { createTestContext } from '../../helpers/context.ts';
import { PATIENCE_MS, waitFor } from '../../helpers/wait-for.ts';

/**
 * Tier 1: unmodified qmicli against the modem's QMI code over a pty. Debian's 1.32 takes a pty only with
 * --device-open-qmi; 1.16.0 takes it as it is.
 */
interface Bench {
  readonly modem: Modem;
  /** Stands in for /dev/ttyUSB0. */
  readonly tty: string;
  /** Runs qmicli; standard output and error, and how it ended. */
  qmicli(...args: string[]): Promise<{ text: string; exitCode: number }>;
}

async function createBench(t: TestContext, behaviour: BehaviourInput): Promise<Bench> {
  const { exec, signal, tmpDir } = await createTestContext(t);
  const modem = await startModem({ behaviour });
  t.after(() => modem.close());
  const path = (name: string) => join(tmpDir, name);
  await modem.serveControl(path('qmi.sock'));
  await modem.serveAt(path('at.sock'));
  for (const [link, socket] of [
    ['cdc-wdm0', 'qmi.sock'],
    ['ttyUSB0', 'at.sock'],
  ] as const) {
    const socat = startProcess(ptyArgv(path(link), path(socket)), { signal });
    t.after(() => socat.stop());
    await waitFor(path(link), () => existsSync(path(link)));
  }
  return {
    modem,
    tty: path('ttyUSB0'),
    async qmicli(...args) {
      const argv = ['qmicli', '-d', path('cdc-wdm0'), '--device-open-qmi', ...args] as const;
      const { stdout, stderr, exitCode } = await exec(argv, { okExitCodes: [1], timeoutMs: PATIENCE_MS });
      return { text: stdout + stderr, exitCode };
    },
  };
}

test('qmicli starts, sees and stops a call', async (t) => {
  const { modem, qmicli } = await createBench(t, { apns: [{ apn: 'internet' }] });
  const start = await qmicli('--wds-start-network=apn=internet', '--client-no-release-cid');
  assert.equal(start.exitCode, 0, start.text);
  const handle = /Packet data handle: '(\d+)'/.exec(start.text)?.[1];
  const client = /CID: '(\d+)'/.exec(start.text)?.[1];
  assert.match((await qmicli('--wds-get-packet-service-status')).text, /'connected'/);
  assert.match(
    (await qmicli('--wds-get-current-settings')).text,
    /IPv4 address: 10\.64\.64\.10\n[\s\S]*MTU: 1500/,
  );
  const stop = await qmicli(`--wds-stop-network=${handle}`, `--client-cid=${client}`);
  assert.equal(stop.exitCode, 0, stop.text);
  assert.match((await qmicli('--wds-get-packet-service-status')).text, /'disconnected'/);
  assert.deepEqual(
    modem.events.filter((event) => event.type === 'call').map((event) => `${event.what} ${event.apn}`),
    ['start internet', 'stop internet'],
  );
});

test('qmicli understands why a call is refused', async (t) => {
  const { qmicli } = await createBench(t, {
    apns: [{ apn: 'internet', user: 'me', password: 'secret' }],
  });
  const wrong = await qmicli('--wds-start-network=apn=wrong');
  assert.equal(wrong.exitCode, 1);
  assert.match(wrong.text, /\(14\): 'CallFailed'[\s\S]*\(6,27\): \[3gpp\] unknown-apn/);
  const stranger = await qmicli('--wds-start-network=apn=internet,username=me,password=no');
  assert.match(stranger.text, /\(6,29\): \[3gpp\] authentication-failed/);
  const known = await qmicli('--wds-start-network=apn=internet,username=me,password=secret');
  assert.equal(known.exitCode, 0, known.text);
});

test('qmicli reads signal, registration, PIN and identity', async (t) => {
  const { qmicli } = await createBench(t, { pin: { state: 'required', pin: '4711' } });
  for (const [args, want] of [
    [['--nas-get-signal-strength'], /RSSI:\n\s+Network 'lte': '-67 dBm'/],
    [['--nas-get-signal-info'], /RSRP: '-95 dBm'\n\s+SNR: '12\.0 dB'/],
    [['--nas-get-serving-system'], /Registration state: 'not-registered-searching'/],
    [['--dms-uim-get-pin-status'], /PIN1:\n\s+Status: enabled-not-verified\n\s+Verify: 3\n\s+Unblock: 10/],
    [['--dms-uim-verify-pin=PIN,0000'], /IncorrectPin[\s\S]*Verify: 2/],
    [['--dms-uim-verify-pin=PIN,4711'], /verified successfully/],
    [['--nas-get-serving-system'], /Registration state: 'registered'[\s\S]*Description: 'Test Mobile'/],
    [['--dms-get-model'], /Model: 'E397u-53'/],
    [['--dms-get-ids'], /IMEI: '867000000000001'/],
    [['--dms-get-capabilities'], /Networks: 'gsm, umts, lte'/],
    [['--get-service-version-info'], /wds \(1\.9\)/],
    [['--wds-get-profile-list=3gpp'], /\[1\] 3gpp - profile1/],
    [['--wda-get-data-format'], /\(31\): 'InvalidServiceType'/],
  ] as const) {
    assert.match((await qmicli(...args)).text, want);
  }
});

test('which IP family qmicli asks for is seen, and one the network does not have is refused', async (t) => {
  const { modem, qmicli } = await createBench(t, {});
  for (const [type, sent, why] of [
    ['', '08', /Network started/],
    [',ip-type=4', '04', /Network started/],
    [',ip-type=6', '06', /\(6,50\): \[3gpp\]/],
  ] as const) {
    assert.match((await qmicli(`--wds-start-network=apn=internet${type}`)).text, why);
    const start = modem.events.findLast((event) => event.type === 'qmi' && event.message === '0x0020');
    assert.equal(start?.type === 'qmi' && start.tlvs['0x19'], sent);
  }
});

test('no signal is an error, so that a loop can wait for it', async (t) => {
  const { qmicli } = await createBench(t, { signal: { appearsAfterMs: 3_600_000 } });
  const { text, exitCode } = await qmicli('--nas-get-signal-strength');
  assert.equal(exitCode, 1);
  assert.match(text, /InformationUnavailable/);
});

test('a terminal on the AT port', async (t) => {
  const { tty, modem } = await createBench(t, { apns: [{ apn: 'internet' }], unsolicitedEveryMs: 0 });
  const terminal = await open(tty, 'r+');
  t.after(() => terminal.close());
  await terminal.write('ATE0\rAT^NDISDUP=1,1,"internet"\r');
  let text = '';
  const buffer = Buffer.alloc(4096);
  while (!/\^NDISSTAT.*\r\n/.test(text)) {
    const { bytesRead } = await terminal.read(buffer, 0, buffer.length, null);
    text += buffer.toString('latin1', 0, bytesRead);
  }
  assert.match(text, /^ATE0\r\r\nOK\r\n\r\nOK\r\n\r\n\^NDISSTAT: 1,,,"IPV4"\r\n$/);
  assert.equal(modem.events.find((event) => event.type === 'call')?.via, 'at');
});
