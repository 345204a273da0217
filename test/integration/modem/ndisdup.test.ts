import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { BehaviourInput } from '../../../src/modem/behaviour.ts';
import { ptyArgv, startModem } from '../../../src/modem/server.ts';
import { startProcess } from '../../../src/tools/exec.ts';
import { createTestContext } from '../../helpers/context.ts';
import { pathWithoutTimeouts } from '../../helpers/no-timeouts.ts';
import { renderOverlays } from '../../helpers/rendered-overlays.ts';
import { PATIENCE_MS, waitFor } from '../../helpers/wait-for.ts';

/** Tier 1 for AT: the image's own first-boot script against the modem's AT code over a pty. */
async function run(t: TestContext, behaviour: BehaviourInput, command: string) {
  const { exec, signal, tmpDir } = await createTestContext(t);
  const modem = await startModem({ behaviour });
  t.after(() => modem.close());
  const [dev, sys] = [join(tmpDir, 'dev'), join(tmpDir, 'sys')];
  const socket = join(tmpDir, 'at.sock');
  await modem.serveAt(socket);
  // What the script looks up: ttyUSB0 is a port of a device with Huawei's vendor id.
  const device = join(sys, 'devices/1-1');
  await mkdir(join(device, '1-1:1.0/ttyUSB0'), { recursive: true });
  await mkdir(join(sys, 'class/tty/ttyUSB0'), { recursive: true });
  await mkdir(dev);
  await writeFile(join(device, 'idVendor'), '12d1\n');
  await symlink(join(device, '1-1:1.0/ttyUSB0'), join(sys, 'class/tty/ttyUSB0/device'));
  const conf = join(tmpDir, 'ndisdup.conf');
  await writeFile(conf, `${command}\n`);
  const socat = startProcess(ptyArgv(join(dev, 'ttyUSB0'), socket), { signal });
  t.after(() => socat.stop());
  await waitFor('ttyUSB0', () => existsSync(join(dev, 'ttyUSB0')));
  // An unresponsive modem stays so: no longer wait for it.
  const isMute = behaviour.faults?.some(({ what }) => what === 'at') ?? false;
  const { stdout, stderr, exitCode } = await exec(
    ['bash', join(renderOverlays(), 'usr/lib/wwanpi/ndisdup')],
    {
      env: {
        PATH: await pathWithoutTimeouts(tmpDir),
        WWANPI_CONF: conf,
        WWANPI_DEV: dev,
        WWANPI_SYS: sys,
        WWANPI_TRIES: '3',
        WWANPI_PAUSE: '0',
        WWANPI_PROBE_SECONDS: isMute ? '1' : '300',
        WWANPI_ANSWER_SECONDS: '300',
        WWANPI_TOTAL_SECONDS: '3600',
      },
      okExitCodes: [1],
      timeoutMs: PATIENCE_MS,
    },
  );
  const calls = () =>
    modem.events.flatMap((event) => (event.type === 'call' ? [`${event.what} ${event.apn}`] : []));
  if (exitCode === 0) await waitFor('the call', () => calls().length > 0);
  return { exitCode, said: stdout + stderr, calls: calls(), events: modem.events };
}

test('the modem accepts the APN, between unsolicited lines', async (t) => {
  const behaviour = { apns: [{ apn: 'internet', user: 'me', password: 'S3cret' }], unsolicitedEveryMs: 250 };
  const got = await run(t, behaviour, 'AT^NDISDUP=1,1,"internet","me","S3cret",1');
  assert.equal(got.exitCode, 0, got.said);
  assert.match(got.said, /ttyUSB0: the modem accepted the APN \(try 1\)/);
  assert.deepEqual(got.calls, ['start internet']);
  assert.doesNotMatch(JSON.stringify(got.events), /S3cret/);
});

test('twenty unsolicited lines a second do not keep the command from being sent', async (t) => {
  const got = await run(t, { unsolicitedEveryMs: 50 }, 'AT^NDISDUP=1,1,"internet"');
  assert.equal(got.exitCode, 0, got.said);
  assert.deepEqual(got.calls, ['start internet']);
});

test('a SIM with a PIN is said to be one', async (t) => {
  const got = await run(t, { pin: { state: 'required' } }, 'AT^NDISDUP=1,1,"internet"');
  assert.equal(got.exitCode, 1);
  assert.match(got.said, /asks for its PIN \(\+CME ERROR: 11\)/);
});

test('refused once, then taken', async (t) => {
  const atAnswers = [{ command: 'AT^NDISDUP=1,1,"internet"', lines: ['+CME ERROR: 14'], times: 1 }];
  const got = await run(t, { atAnswers }, 'AT^NDISDUP=1,1,"internet"');
  assert.equal(got.exitCode, 0, got.said);
  assert.match(
    got.said,
    /refused the command: \+CME ERROR: 14 \(try 1 of 3\)[\s\S]*accepted the APN \(try 2\)/,
  );
});

test('an unresponsive modem is given up', async (t) => {
  const got = await run(t, { faults: [{ what: 'at' }] }, 'AT^NDISDUP=1,1,"internet"');
  assert.equal(got.exitCode, 1);
  assert.match(got.said, /giving up/);
});
