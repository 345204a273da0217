import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEVICE_NAMES, DEVICES } from '../../../src/modem/devices.ts';

test('every device is found by its own name, and no two have one USB id', () => {
  assert.deepEqual(
    DEVICE_NAMES.map((name) => DEVICES[name].name),
    [...DEVICE_NAMES],
  );
  const ids = Object.values(DEVICES).flatMap(({ usbId, factoryUsbId }) => [usbId, factoryUsbId ?? []].flat());
  assert.equal(new Set(ids).size, ids.length);
});
