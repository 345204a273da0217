import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeIpv4, parseIpv4 } from '../../../src/modem/network/ethernet.ts';
import { encodeConfiguration, encodeDeviceDescriptor } from '../../../src/modem/usb/descriptors.ts';
import { EC25_USB } from '../../../src/modem/usb/ec25-layout.ts';
import { MESSAGE } from '../../../src/modem/usbredir/protocol.ts';
import { createTerminal } from '../../helpers/at-port.ts';
import { createQmiHost, decodeFrame, encodeRequest } from '../../helpers/qmi-host.ts';
import { createStickOnBus, type StickOnBus } from '../../helpers/stick.ts';

const [CTL, WDS, DMS, NAS, UIM, WDA] = [0, 1, 2, 3, 0x0b, 0x1a];
const hex = (text: string) => Buffer.from(text).toString('hex');
const createHost = (behaviour = {}) => createQmiHost(behaviour, 'ec25');
/** A file of the primary session, by its identifier, from the MF. */
const file = (id: string, read = '00000000') => ({ 1: '0000', 2: `${id}02003f`, 3: read });

test('the descriptors are those of the listed module: four vendor interfaces for option, one for qmi_wwan', () => {
  assert.equal(
    encodeDeviceDescriptor(EC25_USB.layout).toString('hex'),
    '12010002ef0201407c2c2501180303020001',
  );
  const serial = (number: string, notify: string, into: string, out: string) =>
    [
      `0904${number}0003ff000000`,
      `0524001001 0524010000 04240202 052406${number}${number}`,
      `0705${notify}030a0009 0705${into}02000200 0705${out}02000200`,
    ].join('');
  assert.equal(
    encodeConfiguration(EC25_USB.layout).toString('hex'),
    [
      '0902d100050101c0fa',
      '0904000002ffffff00 07058102000200 07050102000200',
      serial('01', '83', '82', '02'),
      serial('02', '85', '84', '03'),
      serial('03', '87', '86', '04'),
      '0904040003ffffff00 07058903080009 07058802000200 07050502000200',
    ]
      .join('')
      .replaceAll(' ', ''),
  );
});

function ask({ peer, clock }: StickOnBus, service: number, message: number, tlvs: Record<number, string>) {
  peer.control(
    { requestType: 0x21, request: 0, index: 4 },
    encodeRequest(service, service === CTL ? 0 : 1, 1, message, tlvs),
  );
  clock.advance(200);
  return peer.control({ requestType: 0xa1, request: 1, index: 4, length: 4096 }).data;
}

const setDtr = ({ peer }: StickOnBus) =>
  peer.control({ requestType: 0x21, request: 0x22, value: 1, index: 4 });

function dial(on: StickOnBus) {
  setDtr(on);
  ask(on, CTL, 0x22, { 1: '01' });
  ask(on, WDS, 0x20, { 20: hex('internet'), 25: '04' });
}

test('QMI is silent until the driver sets DTR, as QMI_QUIRK_SET_DTR is for', () => {
  const on = createStickOnBus({}, { device: 'ec25' });
  assert.match(JSON.stringify(on.events('usb')[0]), /2c7c:0125/);
  assert.equal(ask(on, CTL, 0x22, { 1: '01' }).length, 0);
  setDtr(on);
  on.peer.ask(MESSAGE.start_interrupt_receiving, 9n, Buffer.from([0x89]));
  assert.equal(decodeFrame(ask(on, CTL, 0x22, { 1: '01' })).error, 0);
  const notes = on.peer.messages.filter(({ type }) => type === MESSAGE.interrupt_packet);
  assert.deepEqual(
    notes.map(({ payload }) => payload.toString('hex')),
    ['89000800a101000004000000'],
  );
});

test('a ping is an IP packet a transfer, with no Ethernet around it, and its sender counts as leased', () => {
  const on = createStickOnBus({}, { device: 'ec25' });
  const echo = Buffer.from('0800f7ff00000000', 'hex');
  const packet = encodeIpv4({ source: '10.64.64.10', target: '10.64.64.9', protocol: 1, payload: echo }, 1);
  on.peer.bulkOut(0x05, packet);
  assert.deepEqual(
    on.events('drop').map(({ why, etherType }) => [why, etherType]),
    [['no call', '?']],
  );
  dial(on);
  on.peer.bulkOut(0x05, packet);
  const answer = on.peer.bulkAnswer(on.peer.bulkIn(0x88, 2048))?.data ?? Buffer.alloc(0);
  const reply = parseIpv4(answer);
  assert.deepEqual(
    [answer.length, reply?.source, reply?.target, reply?.payload.toString('hex')],
    [28, '10.64.64.9', '10.64.64.10', '0000ffff00000000'],
  );
  on.peer.bulkOut(0x05, packet);
  assert.deepEqual(
    on.events('lease').map(({ what, address }) => `${what} ${address}`),
    ['bound 10.64.64.10'],
  );
  assert.deepEqual(
    on.events('call').map(({ what, via, apn }) => `${what} ${via} ${apn}`),
    ['start qmi internet'],
  );
});

test('an Ethernet frame is no IP packet, and nobody answers DHCP', () => {
  const on = createStickOnBus({}, { device: 'ec25' });
  dial(on);
  on.peer.bulkOut(0x05, Buffer.alloc(60, 0xff));
  assert.equal(on.events('drop')[0]?.why, 'not an IP packet');
  const discover = Buffer.concat([Buffer.from('0044004300fc0000', 'hex'), Buffer.from('01010600', 'hex')]);
  const payload = Buffer.concat([discover, Buffer.alloc(240)]);
  on.peer.bulkOut(
    0x05,
    encodeIpv4({ source: '0.0.0.0', target: '255.255.255.255', protocol: 17, payload }, 1),
  );
  assert.deepEqual([on.events('dhcp').length, on.events('lease').length], [0, 0]);
});

test('WDA: whatever is asked, raw IP and nothing aggregated', () => {
  const host = createHost();
  const client = host.client(WDA);
  const rawIp = '02000000';
  assert.equal(host.ask(WDA, client, 0x21)?.tlvs[0x11], rawIp);
  for (const wanted of ['01000000', rawIp]) {
    const set = host.ask(WDA, client, 0x20, { 17: wanted });
    assert.deepEqual([set?.error, set?.tlvs[0x11], set?.tlvs[0x12]], [0, rawIp, '00000000']);
  }
  assert.equal(host.ask(WDA, client, 0x20, { 17: '09000000' })?.error, 48);
  assert.equal(host.ask(WDA, client, 0x20, { 17: '01' })?.error, 1);
  assert.equal(host.ask(CTL, 0, 0x26, { 1: '00' })?.tlvs[0x10], '0200');
});

test('the address comes from "get current settings", and nowhere with a network that tells none', () => {
  const settings = (behaviour: object) => {
    const host = createHost(behaviour);
    const client = host.client(WDS);
    host.ask(WDS, client, 0x20, { 20: hex('internet'), 25: '04' });
    return host.ask(WDS, client, 0x2d, { 16: '10230000' });
  };
  assert.deepEqual(settings({})?.tlvs[0x1e], '0a40400a');
  assert.equal(settings({ network: { addressing: 'no-dhcp' } })?.error, 74);
});

test('the SIM is in the service UIM; DMS refuses its messages', () => {
  const host = createHost({ pin: { state: 'required', pin: '1111' } });
  const [dms, uim] = [host.client(DMS), host.client(UIM)];
  for (const message of [0x28, 0x2b, 0x3c, 0x43]) assert.equal(host.ask(DMS, dms, message)?.error, 71);
  const status = () => host.ask(UIM, uim, 0x2f)?.tlvs[0x10] ?? '';
  const aid = `10${'a0000000871002ffffffff8900000100'}`;
  assert.equal(
    status(),
    `0000ffffffffffff 01 0100000000 01 020200000000 ${aid} 00 01030a 01030a`.replaceAll(' ', ''),
  );
  const verify = (pin: string) => host.ask(UIM, uim, 0x26, { 1: '0000', 2: `0104${hex(pin)}` });
  assert.deepEqual([verify('9999')?.error, verify('9999')?.tlvs[0x10]], [12, '010a']);
  assert.equal(verify('1111')?.error, 0);
  assert.match(status(), /^0000ffffffffffff0101000000000102070200/);
  assert.equal(host.core.radio.registration, 'registered');
  assert.doesNotMatch(JSON.stringify(host.log.events), /31313131|39393939/);
});

test('it does not connect by itself, and says so', () => {
  const host = createHost();
  assert.equal(host.ask(WDS, host.client(WDS), 0x34)?.tlvs[0x01], '00');
});

test('no lock but the PIN: ModemManager takes each personalization in this list for an active one', () => {
  const host = createHost();
  assert.deepEqual(host.ask(UIM, host.client(UIM), 0x3a)?.tlvs, { 16: '01', 17: '00' });
});

test('a card status is indicated to who registered for it', () => {
  const host = createHost({ pin: { state: 'required', pin: '1111' } });
  const uim = host.client(UIM);
  assert.equal(host.ask(UIM, uim, 0x2e, { 1: '01000000' })?.tlvs[0x10], '01000000');
  host.ask(UIM, uim, 0x26, { 1: '0000', 2: `0104${hex('1111')}` });
  assert.deepEqual(
    host
      .indications()
      .filter(({ service }) => service === UIM)
      .map(({ message }) => message),
    [0x32],
  );
});

test('no card: its status says so, and nothing can be read', () => {
  const host = createHost({ sim: 'absent' });
  const uim = host.client(UIM);
  assert.equal(host.ask(UIM, uim, 0x2f)?.tlvs[0x10], 'ffffffffffffffff01000000000600');
  assert.equal(host.ask(UIM, uim, 0x20, file('e22f'))?.error, 37);
});

test('files of the SIM: ICCID, IMSI and the length of the network code; others are not there', () => {
  const host = createHost();
  const uim = host.client(UIM);
  const read = (id: string, part?: string) => host.ask(UIM, uim, 0x20, file(id, part))?.tlvs;
  assert.deepEqual(read('e22f'), { 16: '9000', 17: `0a00${'98680000000000000010'}` });
  assert.equal(read('076f')?.[0x11], `0900${'08091010103254769 8'.replace(' ', '')}`);
  assert.equal(read('ad6f')?.[0x11], '040000000002');
  assert.equal(read('ad6f', '03000100')?.[0x11], '010002');
  const missing = host.ask(UIM, uim, 0x20, file('466f'));
  assert.deepEqual([missing?.error, missing?.tlvs[0x10]], [3, '6a82']);
  assert.match(host.ask(UIM, uim, 0x24, file('e22f'))?.tlvs[0x11] ?? '', /^0a00e22f00/);
  const locked = createHost({ pin: { state: 'required' } });
  assert.equal(locked.ask(UIM, locked.client(UIM), 0x20, file('076f'))?.error, 82);
});

test('newer firmware tells the system it is on, and its signal by the newer message', () => {
  const host = createHost({ roaming: true });
  const client = host.client(NAS);
  const info = host.ask(NAS, client, 0x4d)?.tlvs;
  assert.deepEqual([info?.[0x12], info?.[0x14]], ['000000', '020200']);
  assert.equal(
    info?.[0x19],
    '0103010301010100 00ffff 0101341200 000000 01303031 3031ff 013412'.replaceAll(' ', ''),
  );
  assert.equal(host.ask(NAS, client, 0x6c, {})?.error, 0);
  const searching = createHost({ registrationDelayMs: 60_000 });
  const none = searching.ask(NAS, searching.client(NAS), 0x4d)?.tlvs;
  assert.deepEqual([none?.[0x14], none?.[0x19]], ['010100', undefined]);
});

for (const [line, answer] of [
  ['ATI', 'Quectel\r\nEC25\r\nRevision: EC25EFAR06A06M4G\r\n\r\nOK'],
  ['AT+CGMI', 'Quectel\r\n\r\nOK'],
  ['AT+QCCID', '+QCCID: 89860000000000000001\r\n\r\nOK'],
  ['AT+QNWINFO', '+QNWINFO: "FDD LTE","00101","LTE BAND 4",2050\r\n\r\nOK'],
  ['AT+CSQ', '+CSQ: 23,99\r\n\r\nOK'],
  ['AT^CURC=0', 'ERROR'],
  ['AT^NDISDUP=1,1,"internet"', 'ERROR'],
] as const) {
  test(`${line} → ${JSON.stringify(answer)}`, () => {
    assert.equal(createTerminal({}, 'ec25').ask(line), answer);
  });
}

test('it says nothing unasked', () => {
  const { clock, heard } = createTerminal({ unsolicitedEveryMs: 1000 }, 'ec25');
  clock.advance(10_000);
  assert.equal(heard(), '');
});
