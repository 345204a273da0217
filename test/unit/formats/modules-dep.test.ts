import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orderModules } from '../../../src/formats/modules-dep.ts';

const DEP = `kernel/drivers/net/usb/qmi_wwan.ko: kernel/drivers/usb/class/cdc-wdm.ko kernel/drivers/net/usb/usbnet.ko kernel/drivers/net/mii.ko kernel/drivers/usb/core/usbcore.ko
kernel/drivers/net/usb/usbnet.ko: kernel/drivers/net/mii.ko kernel/drivers/usb/core/usbcore.ko
kernel/drivers/usb/class/cdc-wdm.ko: kernel/drivers/usb/core/usbcore.ko
kernel/drivers/usb/host/xhci-pci.ko.xz: kernel/drivers/usb/core/usbcore.ko
kernel/drivers/usb/core/usbcore.ko:
kernel/drivers/net/mii.ko:
`;

const order = (...names: string[]) => orderModules(DEP, names).map((path) => path.split('/').at(-1));

test('dependencies first, each once', () => {
  assert.deepEqual(order('qmi-wwan', 'xhci_pci'), [
    'usbcore.ko',
    'mii.ko',
    'usbnet.ko',
    'cdc-wdm.ko',
    'qmi_wwan.ko',
    'xhci-pci.ko.xz',
  ]);
});

test('what is built in is left out', () => assert.deepEqual(order('mmc_block', 'mii'), ['mii.ko']));

test('an empty list of modules', () => assert.deepEqual(orderModules('', ['mii']), []));
