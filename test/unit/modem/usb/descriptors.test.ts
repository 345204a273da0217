import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodeConfiguration,
  encodeDeviceDescriptor,
  encodeString,
} from '../../../../src/modem/usb/descriptors.ts';
import { FACTORY_LAYOUT, MODEM_LAYOUT } from '../../../../src/modem/usb/e397-layout.ts';

const join = (...parts: string[]) => parts.join('').replaceAll(' ', '');

test('the device descriptor of 12d1:1506', () => {
  assert.equal(encodeDeviceDescriptor(MODEM_LAYOUT).toString('hex'), '12010002ef020140d1120615000003020001');
});

test('the configuration of 12d1:1506: five vendor interfaces as on the real modem, two for storage', () => {
  assert.equal(
    encodeConfiguration(MODEM_LAYOUT).toString('hex'),
    join(
      '0902c500070101c0fa',
      '0904000003ff010100 07058103400009 07058202000200 07050102000204',
      '0904010001ff010900 0524001001 0424020f 0524060102 0d240f0400000000ea05000000 07058303400005',
      '0904020002ff010800 07058402000200 07050202000204',
      '0904030002ff010300 07058502000200 07050302000204',
      '0904040002ff010200 07058602000200 07050402000204',
      '090405000208065000 07058702000200 07050502000200',
      '090406000208065000 07058802000200 07050602000200',
    ),
  );
});

test('12d1:1505 is one CD-ROM', () => {
  assert.equal(
    encodeDeviceDescriptor(FACTORY_LAYOUT).toString('hex'),
    '1201000200000040d1120515000003020001',
  );
  assert.equal(
    encodeConfiguration(FACTORY_LAYOUT).toString('hex'),
    join('09022000010101c0fa', '090400000208065000 07058102000200 07050102000200'),
  );
});

test('string 4 is the address of wwan0', () => {
  const text = encodeString(MODEM_LAYOUT, 4);
  assert.equal(text?.subarray(2).toString('utf16le'), '001E101F0001');
  assert.equal(text?.[0], text?.length);
  assert.equal(encodeString(MODEM_LAYOUT, 0)?.toString('hex'), '04030904');
  assert.equal(encodeString(MODEM_LAYOUT, 9), undefined);
});

test('no endpoint address is used twice', () => {
  const addresses = MODEM_LAYOUT.interfaces.flatMap((each) => each.endpoints.map(({ address }) => address));
  assert.equal(new Set(addresses).size, addresses.length);
});
