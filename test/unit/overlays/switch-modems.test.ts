import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTestContext } from '../../helpers/context.ts';
import { renderOverlays } from '../../helpers/rendered-overlays.ts';

const SCRIPT = join(renderOverlays('networkmanager'), 'usr/lib/wwanpi/switch-modems');

test('only a drive that usb_modeswitch knows is told to udev again', async (t) => {
  const { exec, tmpDir: root } = await createTestContext(t);
  const plug = async (port: string, id: string, classes: readonly string[]) => {
    const device = join(root, 'sys/bus/usb/devices', port);
    const [vendor = '', product = ''] = id.split(':');
    await mkdir(device, { recursive: true });
    await writeFile(join(device, 'idVendor'), `${vendor}\n`);
    await writeFile(join(device, 'idProduct'), `${product}\n`);
    for (const [number, code] of classes.entries()) {
      const folder = join(device, `${port}:1.${number}`);
      await mkdir(folder);
      await writeFile(join(folder, 'bInterfaceClass'), `${code}\n`);
    }
  };
  await plug('1-1', '12d1:1505', ['08', '08']); // a stick as a drive
  await plug('1-2', '12d1:1506', ['ff', 'ff', '08']); // a stick as a modem
  await plug('1-3', '0781:5567', ['08']); // a drive
  await plug('1-4', '19d2:2000', ['08']); // another stick as a drive, known by the pack
  await plug('usb1', '1d6b:0002', ['09']);
  await mkdir(join(root, 'sys/bus/usb/devices/1-1:1.0'), { recursive: true });
  const data = join(root, 'usr/share/usb_modeswitch');
  await mkdir(data, { recursive: true });
  for (const id of ['12d1:1505', '12d1:1506']) await writeFile(join(data, id), '');
  await writeFile(join(root, '19d2:2000'), '');
  await exec(['tar', '-czf', join(data, 'configPack.tar.gz'), '-C', root, '19d2:2000']);
  await mkdir(join(root, 'bin'));
  await writeFile(join(root, 'bin/udevadm'), '#!/bin/sh\necho "udevadm $*"\n', { mode: 0o755 });
  const env = { WWANPI_ROOT: root, WWANPI_PATH: `${join(root, 'bin')}:/usr/bin:/bin` };
  const { stdout } = await exec(['dash', SCRIPT], { env });
  assert.deepEqual(stdout.trim().split('\n'), [
    'switch-modems: 12d1:1505 at 1-1 still looks like a drive; udev is told of it again',
    `udevadm trigger -c add ${root}/sys/bus/usb/devices/1-1`,
    'switch-modems: 19d2:2000 at 1-4 still looks like a drive; udev is told of it again',
    `udevadm trigger -c add ${root}/sys/bus/usb/devices/1-4`,
  ]);
});
