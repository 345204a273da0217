import assert from 'node:assert/strict';
import { mkdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createTestContext } from '../../helpers/context.ts';
import { renderOverlays } from '../../helpers/rendered-overlays.ts';

const SCRIPT = join(renderOverlays(), 'usr/lib/wwanpi/link-ports');

/** A modem in sysfs, with option and qmi_wwan bound: interface number and protocol → its tty; 1.1 has QMI. */
async function createPi(t: TestContext) {
  const { exec, tmpDir } = await createTestContext(t);
  const sys = join(tmpDir, 'sys');
  const dev = join(tmpDir, 'dev');
  await mkdir(join(sys, 'class/net'), { recursive: true });
  await mkdir(dev);
  return {
    sys,
    async plug(bus: string, net: string, wdm: string, ports: readonly (readonly [number, string, string])[]) {
      const stick = join(sys, 'devices', bus);
      const control = join(stick, `${bus}:1.1`);
      await mkdir(join(control, 'net', net), { recursive: true });
      await mkdir(join(control, 'usbmisc', wdm), { recursive: true });
      await symlink('../..', join(control, 'net', net, 'device'));
      await symlink(join(control, 'net', net), join(sys, 'class/net', net));
      for (const [number, protocol, tty] of ports) {
        const port = join(stick, `${bus}:1.${number}`);
        await mkdir(join(port, tty), { recursive: true });
        await writeFile(join(port, 'bInterfaceProtocol'), `${protocol}\n`);
      }
      return stick;
    },
    async links() {
      await exec(['dash', SCRIPT], { env: { WWANPI_SYS: sys, WWANPI_DEV: dev } });
      const link = (name: string) => readlink(join(dev, name)).catch(() => undefined);
      return [await link('wwan-qmi'), await link('wwan-at')];
    },
  };
}

test('the ports of the stick that is wwan0, whatever the numbers, with another stick beside it', async (t) => {
  const pi = await createPi(t);
  await pi.plug('1-2', 'wwan1', 'cdc-wdm0', [
    [0, '01', 'ttyUSB0'],
    [4, '02', 'ttyUSB1'],
  ]);
  await pi.plug('1-1', 'wwan0', 'cdc-wdm1', [
    [0, '01', 'ttyUSB5'],
    [3, '03', 'ttyUSB2'],
    [4, '02', 'ttyUSB3'],
  ]);
  assert.deepEqual(await pi.links(), ['cdc-wdm1', 'ttyUSB5']);
});

test('the modem port is preferred to the one for PC software, which comes first; the diagnostic one is none', async (t) => {
  const pi = await createPi(t);
  const stick = await pi.plug('1-1', 'wwan0', 'cdc-wdm0', [
    [3, '03', 'ttyUSB1'],
    [4, '02', 'ttyUSB2'],
  ]);
  assert.deepEqual(await pi.links(), ['cdc-wdm0', 'ttyUSB2']);
  await mkdir(join(stick, '1-1:1.0/ttyUSB0'), { recursive: true });
  await writeFile(join(stick, '1-1:1.0/bInterfaceProtocol'), '01\n');
  assert.deepEqual(await pi.links(), ['cdc-wdm0', 'ttyUSB0']);
});

test('new numbers after plugging in again, and no stick at all', async (t) => {
  const pi = await createPi(t);
  assert.deepEqual(await pi.links(), [undefined, undefined]);
  const stick = await pi.plug('1-1', 'wwan0', 'cdc-wdm0', [[0, '01', 'ttyUSB0']]);
  assert.deepEqual(await pi.links(), ['cdc-wdm0', 'ttyUSB0']);
  await rename(join(stick, '1-1:1.1/usbmisc/cdc-wdm0'), join(stick, '1-1:1.1/usbmisc/cdc-wdm1'));
  await rename(join(stick, '1-1:1.0/ttyUSB0'), join(stick, '1-1:1.0/ttyUSB3'));
  assert.deepEqual(await pi.links(), ['cdc-wdm1', 'ttyUSB3']);
  await rm(join(pi.sys, 'class/net/wwan0'));
  assert.deepEqual(
    await pi.links(),
    ['cdc-wdm1', 'ttyUSB3'],
    'left dangling: nothing waits for the link to go',
  );
});
