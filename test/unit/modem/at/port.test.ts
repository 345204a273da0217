import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createTerminal } from '../../../helpers/at-port.ts';

for (const [line, answer] of [
  ['AT', 'OK'],
  ['ATZ', 'OK'],
  ['AT+CGMM', 'E397u-53\r\n\r\nOK'],
  ['AT+CPIN?', '+CPIN: READY\r\n\r\nOK'],
  ['AT+CSQ', '+CSQ: 23,99\r\n\r\nOK'],
  ['AT+CREG?', '+CREG: 0,1\r\n\r\nOK'],
  ['AT+CGREG?', '+CGREG: 0,1\r\n\r\nOK'],
  ['AT+CEREG?', '+CEREG: 0,1\r\n\r\nOK'],
  ['AT+COPS?', '+COPS: 0,0,"Test Mobile",7\r\n\r\nOK'],
  ['AT^NDISDUP=?', '^NDISDUP: (1,11),(0,1)\r\n\r\nOK'],
  ['AT^NDISDUP=1,1,"internet"', 'OK'],
  ['AT^NDISDUP=1,0', 'ERROR'],
  ['AT^NDISDUP=1', 'ERROR'],
  ['AT^NDISSTATQRY?', '^NDISSTATQRY: 0,,,"IPV4"\r\n\r\nOK'],
  ['AT^DHCP?', 'ERROR'],
  ['AT^CURC=0', 'OK'],
  ['AT^SYSCFG?', '^SYSCFG:2,0,3FFFFFFF,1,2\r\n\r\nOK'],
  ['AT+NONESUCH', 'ERROR'],
  ['AT+CMEE=1;+CPIN="1234"', '+CME ERROR: 3'],
  ['ATE0+CSQ', '+CSQ: 23,99\r\n\r\nOK'],
  ['ATX4', 'OK'],
  ['AT&FE0V1X4&C1+CMEE=1', 'OK'],
  ['AT+CPMS?', '+CPMS: "SM",0,20,"SM",0,20,"SM",0,20\r\n\r\nOK'],
  ['AT+CRSM=176,28589,0,0,4', '+CRSM: 148,4\r\n\r\nOK'],
  ['AT+CEMODE?', '+CEMODE: 2\r\n\r\nOK'],
  ['AT+CTZU=1', 'OK'],
  ['AT+CTZU=?', '+CTZU: (0,1)\r\n\r\nOK'],
  ['AT^PORTSEL?', '^PORTSEL: 1\r\n\r\nOK'],
  ['rubbish', ''],
] as const) {
  test(`${line} → ${JSON.stringify(answer)}`, () => assert.equal(createTerminal().ask(line), answer));
}

test('echoes until ATE0, and again after ATZ', () => {
  const { core, heard } = createTerminal();
  const type = (text: string) => {
    core.modem.input(Buffer.from(text));
    return heard();
  };
  assert.equal(type('AT\r'), 'AT\r\r\nOK\r\n');
  assert.equal(type('ATE0\r'), 'ATE0\r\r\nOK\r\n');
  assert.equal(type('AT\r\n'), '\r\nOK\r\n');
  assert.equal(type('ATZ\r'), '\r\nOK\r\n');
  assert.equal(type('ATX\bZ\r'), 'ATX\bZ\r\r\nOK\r\n');
});

test('a call: OK at once, then how it went, the address, and the hang-up', () => {
  const { ask, clock, heard, log } = createTerminal({ apns: [{ apn: 'internet' }] });
  assert.equal(ask('AT^NDISDUP=1,1,"internet"'), 'OK');
  clock.advance(1000);
  assert.equal(heard().trim(), '^NDISSTAT: 1,,,"IPV4"');
  assert.equal(ask('AT^NDISDUP=1,1,"internet"'), 'OK');
  clock.advance(1000);
  assert.equal(heard().trim(), '^NDISSTAT: 1,,,"IPV4"');
  assert.equal(ask('AT^NDISSTATQRY?'), '^NDISSTATQRY: 1,,,"IPV4"\r\n\r\nOK');
  assert.equal(
    ask('AT^DHCP?'),
    '^DHCP:A40400A,FCFFFFFF,940400A,940400A,940400A,0,100000000,50000000\r\n\r\nOK',
  );
  assert.equal(ask('AT^NDISDUP=1,0'), 'OK');
  clock.advance(1000);
  assert.equal(heard().trim(), '^NDISSTAT: 0,36,,"IPV4"');
  assert.deepEqual(
    log.events.filter((event) => event.type === 'call').map((event) => event.what),
    ['start', 'stop'],
  );
});

for (const [what, command, cause] of [
  ['an APN the network does not know', 'AT^NDISDUP=1,1,"wrong"', 27],
  ['no password', 'AT^NDISDUP=1,1,"internet"', 29],
  ['a wrong password', 'AT^NDISDUP=1,1,"internet","me","no"', 29],
  ['only CHAP', 'AT^NDISDUP=1,1,"internet","me","secret",2', 29],
] as const) {
  test(`${what}: refused with cause ${cause}`, () => {
    const { ask, clock, heard } = createTerminal({
      apns: [{ apn: 'internet', user: 'me', password: 'secret', auth: 'pap' }],
    });
    assert.equal(ask(command), 'OK');
    clock.advance(1000);
    assert.equal(heard().trim(), `^NDISSTAT: 0,${cause},,"IPV4"`);
  });
}

test('the right user, password and way get through', () => {
  const { ask, clock, heard } = createTerminal({
    apns: [{ apn: 'Internet', user: 'me', password: 'secret', auth: 'pap' }],
  });
  ask('AT^NDISDUP=1,1,"internet","me","secret",1');
  clock.advance(1000);
  assert.equal(heard().trim(), '^NDISSTAT: 1,,,"IPV4"');
});

test('speaks unasked while open, until AT^CURC=0', () => {
  const { ask, clock, heard, core } = createTerminal({ unsolicitedEveryMs: 5000, knowsHcsq: true });
  clock.advance(5000);
  assert.match(heard(), /\^RSSI:23\r\n\r\n\^HCSQ: "LTE"/);
  ask('AT^CURC=0');
  clock.advance(10_000);
  assert.equal(heard(), '');
  ask('AT^CURC=1');
  core.modem.setOpen(false);
  clock.advance(10_000);
  assert.equal(heard(), '');
});

test('AT^CURC=0 on one port quiets the other, too, until the power goes', () => {
  const { ask, clock, core } = createTerminal({ unsolicitedEveryMs: 5000 });
  let other = '';
  core.outputs.pcui = (bytes) => {
    other += bytes.toString('latin1');
  };
  const open = () => {
    core.pcui.setOpen(true);
    clock.advance(6000);
    return other;
  };
  ask('AT^PORTSEL=0;^CURC=0');
  assert.equal(open(), '');
  core.powerDown();
  core.powerUp(0);
  ask('AT^PORTSEL=0');
  assert.match(open(), /\^RSSI/);
});

test('unasked lines come on one port at a time, as AT^PORTSEL chooses', () => {
  const { ask, clock, heard, core } = createTerminal({ unsolicitedEveryMs: 5000 });
  let other = '';
  core.outputs.pcui = (bytes) => {
    other += bytes.toString('latin1');
  };
  core.pcui.setOpen(true);
  clock.advance(5000);
  assert.deepEqual([heard(), other], ['\r\n^RSSI:23\r\n', '']);
  ask('AT^PORTSEL=0');
  clock.advance(5000);
  assert.deepEqual([heard(), other], ['', '\r\n^RSSI:23\r\n']);
});

test('an E397 knows no ^HCSQ, asked or unasked', () => {
  const { ask, clock, heard } = createTerminal({ unsolicitedEveryMs: 5000 });
  assert.equal(ask('AT^HCSQ?'), 'ERROR');
  clock.advance(5000);
  assert.equal(heard(), '\r\n^RSSI:23\r\n');
  assert.match(createTerminal({ knowsHcsq: true }).ask('AT^HCSQ?'), /\^HCSQ: "LTE",54,46,160,22/);
});

test('an unasked line tears the echo of a command, or waits for its answer', () => {
  for (const [tearsEcho, want] of [
    [true, 'AT\r\n^RSSI:23\r\n+CMEE=1\r\r\nOK\r\n'],
    [false, 'AT+CMEE=1\r\r\nOK\r\n\r\n^RSSI:23\r\n'],
  ] as const) {
    const { core, clock, heard } = createTerminal({ unsolicitedEveryMs: 5000, tearsEcho });
    core.modem.input(Buffer.from('AT'));
    clock.advance(5000);
    core.modem.input(Buffer.from('+CMEE=1\r'));
    assert.equal(heard(), want);
  }
});

test('roaming is told as such', () => {
  const { ask } = createTerminal({ roaming: true });
  assert.equal(ask('AT+CEREG?'), '+CEREG: 0,5\r\n\r\nOK');
  assert.match(ask('AT^SYSINFO'), /^\^SYSINFO:2,3,1,9,1/);
});

test('without a SIM: said by number, by word, and by no registration', () => {
  const { ask } = createTerminal({ sim: 'absent' });
  assert.equal(ask('AT+CMEE=1;+CPIN?'), '+CME ERROR: 10');
  assert.equal(ask('AT+CMEE=2;+CPIN?'), '+CME ERROR: SIM not inserted');
  assert.equal(ask('AT+CPIN=1234'), '+CME ERROR: SIM not inserted');
  assert.equal(ask('AT^CPIN?'), '+CME ERROR: SIM not inserted');
  assert.equal(ask('AT^NDISDUP=1,1,"internet"'), '+CME ERROR: SIM not inserted');
  assert.equal(ask('AT+CREG?'), '+CREG: 0,2\r\n\r\nOK');
  assert.match(ask('AT^SYSINFO'), /^\^SYSINFO:0,0,0,0,255/);
});

for (const auth of ['constructor', '__proto__', '9', '']) {
  test(`a kind of authentication nobody has, ${JSON.stringify(auth)}, breaks nothing`, () => {
    const { ask, clock, heard } = createTerminal({ apns: [{ apn: 'a', user: 'u', auth: 'pap' }] });
    ask(`AT^NDISDUP=1,1,"a","u","",${auth}`);
    clock.advance(1000);
    assert.equal(heard().trim(), '^NDISSTAT: 1,,,"IPV4"');
  });
}

test('reports registration when +CREG is set', () => {
  const { ask, clock, heard } = createTerminal({ registrationDelayMs: 3000, unsolicitedEveryMs: 0 });
  ask('AT+CREG=1');
  assert.equal(ask('AT+CREG?'), '+CREG: 1,2\r\n\r\nOK');
  clock.advance(3000);
  assert.equal(heard().trim(), '+CREG: 1');
});

test('no signal before it appears', () => {
  const { ask, clock } = createTerminal({ signal: { appearsAfterMs: 60_000 } });
  assert.equal(ask('AT+CSQ'), '+CSQ: 99,99\r\n\r\nOK');
  clock.advance(60_000);
  assert.equal(ask('AT+CSQ'), '+CSQ: 23,99\r\n\r\nOK');
});

test('a SIM with a PIN: three tries, then the PUK', () => {
  const { ask } = createTerminal({ pin: { state: 'required', pin: '1111' } });
  ask('AT+CMEE=1');
  assert.equal(ask('AT+CPIN?'), '+CPIN: SIM PIN\r\n\r\nOK');
  assert.equal(ask('AT+CIMI'), '+CME ERROR: 11');
  assert.equal(ask('AT^NDISDUP=1,1,"internet"'), '+CME ERROR: 11');
  assert.equal(ask('AT+CREG?'), '+CREG: 0,2\r\n\r\nOK');
  assert.equal(ask('AT+CPIN="0000"'), '+CME ERROR: 16');
  assert.equal(ask('AT+CPIN=0000'), '+CME ERROR: 16');
  assert.equal(ask('AT+CPIN=0000'), '+CME ERROR: 12');
  assert.equal(ask('AT+CPIN=1111'), '+CME ERROR: 12');
  assert.equal(ask('AT+CPIN=12345678,2222'), 'OK');
  assert.equal(ask('AT+CPIN?'), '+CPIN: READY\r\n\r\nOK');
});

test('answers of the behaviour come first, as often as they say', () => {
  const { ask } = createTerminal({
    atAnswers: [
      { command: 'AT^NDISDUP=1,1,"x"', lines: ['+CME ERROR: 14'], times: 1 },
      { command: 'at+csq', lines: [] },
    ],
  });
  assert.equal(ask('AT^NDISDUP=1,1,"x"'), '+CME ERROR: 14');
  assert.equal(ask('AT^NDISDUP=1,1,"x"'), 'OK');
  assert.equal(ask('AT+CSQ'), '');
});

test('ATQ1 and ATV0', () => {
  const { ask, core, heard } = createTerminal();
  assert.equal(ask('ATV0'), '0');
  core.modem.input(Buffer.from('ATE0\r'));
  heard();
  core.modem.input(Buffer.from('AT+NO\r'));
  assert.equal(heard(), '4\r');
  assert.equal(ask('ATQ1'), '');
});

test('any bytes are survived, and a line after them is answered', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 2000 })), (chunks) => {
      const { core, ask } = createTerminal();
      for (const chunk of chunks) core.modem.input(Buffer.from(chunk));
      core.modem.input(Buffer.from('\rATE0V1Q0\r'));
      assert.equal(ask('AT'), 'OK');
    }),
  );
});
