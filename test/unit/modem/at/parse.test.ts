import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAtLine, redactAtLine } from '../../../../src/modem/at/parse.ts';

/** A line as `NAME kind [parameters]`. */
function shown(line: string): string | undefined {
  return parseAtLine(line)
    ?.map(
      ({ name, kind, parameters }) =>
        `${name} ${kind}${parameters.length > 0 ? ` ${JSON.stringify(parameters)}` : ''}`,
    )
    .join(' | ');
}

for (const [line, want] of [
  ['AT', ''],
  ['at', ''],
  ['ATZ', 'Z set [""]'],
  ['ATE0V1', 'E set ["0"] | V set ["1"]'],
  ['AT&F', '&F set [""]'],
  ['ATI', 'I set [""]'],
  ['AT+CSQ', '+CSQ run'],
  ['AT+CPIN?', '+CPIN read'],
  ['AT^NDISDUP=?', '^NDISDUP test'],
  ['ATE0+CMEE=1;+CPIN?', 'E set ["0"] | +CMEE set ["1"] | +CPIN read'],
  ['AT^NDISDUP=1,1,"fast.metropcs.com"', '^NDISDUP set ["1","1","fast.metropcs.com"]'],
  ['AT^NDISDUP=1,1,"a","u;x","p,q",2', '^NDISDUP set ["1","1","a","u;x","p,q","2"]'],
  ['AT^NDISDUP=1,1,"a",,"p"', '^NDISDUP set ["1","1","a","","p"]'],
  ['ATD*99#', 'D set ["*99#"]'],
  ['AT+CSQ bogus', undefined],
  ['AT%', undefined],
  ['hello', undefined],
] as const) {
  test(`${line} is ${want ?? 'not understood'}`, () => assert.equal(shown(line), want));
}

for (const [line, want] of [
  ['AT^NDISDUP=1,1,"apn","user","secret",1', 'AT^NDISDUP=1,1,"apn","user","***",1'],
  ['AT^NDISDUP=1,1,"apn"', 'AT^NDISDUP=1,1,"apn"'],
  ['AT+CPIN="1234";+CSQ', 'AT+CPIN=***;+CSQ'],
] as const) {
  test(`${line} is shown as ${want}`, () => assert.equal(redactAtLine(line), want));
}

test('any line is read or refused', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseAtLine(`AT${text}`)));
});
