import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { BehaviourInput } from '../../../src/modem/behaviour.ts';
import type { DeviceName } from '../../../src/modem/devices.ts';
import { ptyArgv, startModem } from '../../../src/modem/server.ts';
import { startProcess } from '../../../src/tools/exec.ts';
import { createTestContext } from '../../helpers/context.ts';
import { PATIENCE_MS, waitFor } from '../../helpers/wait-for.ts';

/** Unmodified qmicli and mbimcli against the other two devices, over a pty. */
async function createBench(t: TestContext, device: DeviceName, behaviour: BehaviourInput) {
  const { exec, signal, tmpDir } = await createTestContext(t);
  const modem = await startModem({ device, behaviour });
  t.after(() => modem.close());
  const [link, socket] = [join(tmpDir, 'cdc-wdm0'), join(tmpDir, 'control.sock')];
  await modem.serveControl(socket);
  const socat = startProcess(ptyArgv(link, socket), { signal });
  t.after(() => socat.stop());
  await waitFor(link, () => existsSync(link));
  const run = async (program: 'qmicli' | 'mbimcli', ...args: string[]) => {
    const own = program === 'qmicli' ? ['--device-open-qmi'] : [];
    const argv = [program, '-d', link, ...own, ...args] as const;
    const { stdout, stderr, exitCode } = await exec(argv, { okExitCodes: [1], timeoutMs: PATIENCE_MS });
    return { text: stdout + stderr, exitCode };
  };
  return { modem, run };
}

test('qmicli reads the EC25: raw IP, the card, its files, the system it is on', async (t) => {
  const { run } = await createBench(t, 'ec25', { pin: { state: 'required', pin: '4711' } });
  for (const [args, want] of [
    [['--dms-get-model'], /Model: 'QUECTEL Mobile Broadband Module'/],
    [['--dms-uim-get-pin-status'], /\(71\): 'InvalidQmiCommand'/],
    [
      ['--wda-set-data-format=link-layer-protocol=raw-ip'],
      /Link layer protocol: 'raw-ip'[\s\S]*aggregation protocol: 'disabled'/,
    ],
    [['--uim-get-card-status'], /Application state: 'pin1-or-upin-pin-required'[\s\S]*PIN1 retries: '3'/],
    [['--uim-verify-pin=PIN1,0000'], /IncorrectPin/],
    [['--uim-verify-pin=PIN1,4711'], /verified successfully/],
    [['--uim-get-card-status'], /Application state: 'ready'/],
    [['--uim-read-transparent=0x3F00,0x2FE2'], /98:68:00:00:00:00:00:00:00:10/],
    [['--nas-get-system-info'], /LTE service:\n\s+Status: 'available'[\s\S]*MCC: '001'\n\s+MNC: '01'/],
    [['--nas-network-scan'], /Description: 'Test Mobile'/],
    [['--wms-get-supported-messages'], /\(71\)/],
  ] as const) {
    assert.match((await run('qmicli', ...args)).text, want);
  }
});

test('mbimcli connects the MBIM stick, sees its addresses, and is refused a wrong APN', async (t) => {
  const { modem, run } = await createBench(t, 'mbim', {
    apns: [{ apn: 'internet' }],
    pin: { state: 'required', pin: '4711' },
  });
  const connect = (apn: string) => run('mbimcli', `--connect=session-id=0,access-string=${apn},ip-type=ipv4`);
  for (const [args, want] of [
    [['--query-device-caps'], /Device ID: '867000000000512'/],
    [['--query-device-services'], /'basic-connect'[\s\S]*connect \(12\)/],
    [['--query-pin-state'], /PIN state: 'locked'[\s\S]*Remaining attempts: '3'/],
    [['--enter-pin=0000'], /Failure/],
    [['--enter-pin=4711'], /PIN operation successful/],
    [['--query-subscriber-ready-status'], /Ready state: 'initialized'[\s\S]*'001010123456789'/],
    [['--query-registration-state'], /Register state: 'home'[\s\S]*Provider name: 'Test Mobile'/],
    [['--query-visible-providers'], /State: 'home, visible, registered'/],
    [['--query-signal-state'], /RSSI \[0-31,99\]: '23'/],
    [['--query-packet-service-state'], /Packet service state: 'attached'/],
  ] as const) {
    assert.match((await run('mbimcli', ...args)).text, want);
  }
  const wrong = await connect('wrong');
  assert.equal(wrong.exitCode, 1);
  assert.match(wrong.text, /Failure/);
  assert.match(
    (await connect('internet')).text,
    /IP \[0\]: '10\.64\.64\.10\/30'[\s\S]*DNS \[0\]: '10\.64\.64\.9'/,
  );
  assert.deepEqual(
    modem.events.flatMap((event) => (event.type === 'call' ? [`${event.what} ${event.apn}`] : [])),
    ['refuse wrong', 'start internet', 'stop internet'],
  );
});
