import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEVICE_MODELS } from '../../../src/modem/device-models.ts';
import { DEVICE_NAMES, DEVICES } from '../../../src/modem/devices.ts';
import { createStickOnBus } from '../../helpers/stick.ts';

test('no two devices have one USB id', () => {
  const ids = Object.values(DEVICES).flatMap(({ usbId, factoryUsbId }) => [usbId, factoryUsbId ?? []].flat());
  assert.equal(new Set(ids).size, ids.length);
});

for (const device of DEVICE_NAMES) {
  test(`${device}: what is told of it from outside is what it is`, () => {
    const { usbId, factoryUsbId, protocol, addressing } = DEVICES[device];
    const model = DEVICE_MODELS[device];
    const idOf = (factoryMode: boolean) =>
      createStickOnBus({ factoryMode }, { device })
        .events('usb')
        .flatMap((event) => (event.what === 'plug' ? [event.id] : []));
    assert.deepEqual([idOf(false), idOf(true)], [[usbId], [factoryUsbId ?? usbId]]);
    assert.equal(model.control.protocol, protocol);
    assert.equal(model.link === 'ethernet' ? 'dhcp' : 'protocol', addressing);
  });
}
