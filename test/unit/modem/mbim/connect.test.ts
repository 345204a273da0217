import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMbimHost, type MbimHost, textAt, withTexts, words } from '../../../helpers/mbim-host.ts';

const CONNECT = 12;
const IP_CONFIGURATION = 15;
const INTERNET = Buffer.from('7e5e2a7e4e6f7272736b656e7e5e2a7e', 'hex');

function opened(behaviour = {}) {
  const host = createMbimHost(behaviour);
  host.open();
  return host;
}

/** A "connect" as libmbim builds it: session 0, no compression. */
function activate(host: MbimHost, apn: string, { user = '', password = '', auth = 0, ipType = 1 } = {}) {
  const head = withTexts(0, 1, apn, user, password, 0, auth, ipType, ...Array.from({ length: 4 }, () => 0));
  INTERNET.copy(head, 44);
  return host.set(CONNECT, head);
}

const deactivate = (host: MbimHost) =>
  host.set(CONNECT, Buffer.concat([words(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), INTERNET]));
/** Session, activation, voice, IP type, then after the context type the network's error. */
const state = (buffer: Buffer) => [0, 4, 8, 12, 32].map((at) => buffer.readUInt32LE(at));

test('a call: activated, and again not; its state; deactivated', () => {
  const host = opened({ apns: [{ apn: 'internet' }] });
  const query = () => state(host.query(CONNECT, Buffer.alloc(36)).buffer);
  assert.deepEqual(query(), [0, 3, 0, 0, 0]);
  const up = activate(host, 'internet');
  assert.deepEqual([up.status, state(up.buffer)], [0, [0, 1, 0, 1, 0]]);
  assert.equal(up.buffer.toString('hex', 16, 32), INTERNET.toString('hex'));
  assert.deepEqual(query(), [0, 1, 0, 1, 0]);
  assert.equal(activate(host, 'internet').status, 13);
  const down = deactivate(host);
  assert.deepEqual([down.status, state(down.buffer)], [0, [0, 3, 0, 0, 0]]);
  assert.equal(deactivate(host).status, 16);
  assert.deepEqual(host.indications(CONNECT), []);
  assert.deepEqual(
    host.log.events.flatMap((event) =>
      event.type === 'call' ? [`${event.what} ${event.via} ${event.apn}`] : [],
    ),
    ['start mbim internet', 'stop mbim internet'],
  );
});

test('an APN the network does not know: a failure with the cause in the network error', () => {
  const host = opened({ apns: [{ apn: 'internet' }] });
  const answer = activate(host, 'wrong');
  assert.deepEqual([answer.status, state(answer.buffer)], [2, [0, 3, 0, 0, 27]]);
  assert.equal(activate(host, 'internet').status, 0);
});

test('user and password are looked at, and the password is not logged', () => {
  const host = opened({ apns: [{ apn: 'internet', user: 'me', password: 'secret', auth: 'pap' }] });
  const wrong = activate(host, 'internet', { user: 'me', password: 'no', auth: 1 });
  assert.deepEqual([wrong.status, state(wrong.buffer)[4]], [2, 29]);
  assert.equal(activate(host, 'internet', { user: 'me', password: 'secret', auth: 2 }).status, 2);
  assert.equal(activate(host, 'internet', { user: 'me', password: 'secret', auth: 1 }).status, 0);
  assert.doesNotMatch(JSON.stringify(host.log.events), /secret/);
});

for (const [what, behaviour, ipType, status, cause] of [
  ['IPv6 where there is none', {}, 2, 2, 50],
  ['IPv4 where there is only IPv6', { network: { addressing: 'ipv6-only' } }, 1, 2, 51],
  ['either', {}, 3, 0, 0],
  ['a kind nobody knows', {}, 9, 21, undefined],
  ['no registration', { registrationDelayMs: 9000 }, 1, 7, undefined],
] as const) {
  test(`asking for ${what}: status ${status}`, () => {
    const answer = activate(opened(behaviour), 'internet', { ipType });
    const told = answer.buffer.length === 0 ? undefined : state(answer.buffer)[4];
    assert.deepEqual([answer.status, told], [status, cause]);
  });
}

test('the addresses of the call: one with its prefix, gateway, name servers, MTU', () => {
  const host = opened({ network: { dns: ['10.64.64.9', '10.64.64.11'], mtu: 1430 } });
  const ask = () => host.query(IP_CONFIGURATION, Buffer.alloc(60));
  assert.equal(ask().status, 16);
  activate(host, 'internet');
  const { buffer } = ask();
  const word = (at: number) => buffer.readUInt32LE(at);
  const address = (at: number) => [...buffer.subarray(at, at + 4)].join('.');
  assert.deepEqual([word(0), word(4), word(8)], [0, 15, 0]);
  assert.deepEqual([word(12), word(word(16)), address(word(16) + 4)], [1, 30, '10.64.64.10']);
  assert.deepEqual([word(20), word(24), address(word(28)), word(32)], [0, 0, '10.64.64.9', 0]);
  assert.deepEqual([word(36), address(word(40)), address(word(40) + 4)], [2, '10.64.64.9', '10.64.64.11']);
  assert.deepEqual([word(44), word(48), word(52), word(56)], [0, 0, 1430, 0]);
});

test('a network that tells no address, or no MTU', () => {
  for (const [network, flags] of [
    [{ addressing: 'no-dhcp' }, 0],
    [{ mtuBy: ['dhcp'] }, 7],
  ] as const) {
    const host = opened({ network });
    activate(host, 'internet');
    assert.equal(host.query(IP_CONFIGURATION, Buffer.alloc(60)).buffer.readUInt32LE(4), flags);
  }
});

test('the network ends the call: the host hears of it, with the cause', () => {
  const host = opened();
  activate(host, 'internet');
  host.core.calls.endAll();
  assert.deepEqual(host.indications(CONNECT).map(state), [[0, 3, 0, 0, 36]]);
  activate(host, 'internet');
  host.core.radio.setCell(false);
  assert.deepEqual(host.indications(CONNECT).map(state).at(-1), [0, 3, 0, 0, 0]);
});

test('an attempt that hangs: busy until the host gives up', () => {
  const host = opened({ callAttempts: ['hang'] });
  assert.throws(() => activate(host, 'internet'), /no answer/);
  assert.equal(activate(host, 'internet').status, 1);
  deactivate(host);
  assert.equal(activate(host, 'internet').status, 0);
});

test('closing ends the call; power forgets who had opened it', () => {
  const host = opened();
  activate(host, 'internet');
  host.send(words(2, 12, 9));
  assert.equal(host.core.calls.up, false);
  host.open();
  host.core.powerDown();
  host.core.powerUp(0);
  assert.equal(host.query(1).type, 0x8000_0004);
});

test('faults: nobody is let in until it restarts; silence', () => {
  const host = opened();
  host.core.exhaustClients();
  assert.equal(host.open(), 1);
  host.core.restart();
  assert.equal(host.open(), 0);
  host.core.control.unresponsive = true;
  assert.equal(host.open(), undefined);
});

test('the names in the events are those of the commands', () => {
  const host = opened();
  host.query(1);
  activate(host, 'internet');
  assert.deepEqual(
    host.log.events.flatMap((event) =>
      event.type === 'mbim' ? [`${event.what} ${event.command ?? ''}`] : [],
    ),
    ['open ', 'query deviceCaps', 'set connect'],
  );
  assert.equal(textAt(host.query(6).buffer, 0), '00101');
});
