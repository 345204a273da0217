import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BugError } from '../../../../src/core/errors.ts';
import {
  formatAuthMethod,
  formatGsmCredentials,
  formatServers,
  formatWifiSecurity,
  quoteKeyfile,
  quoteKeyfileSsid,
} from '../../../../src/formats/config/keyfile.ts';
import { readKeyfile } from '../../../../src/formats/config/keyfile-reader.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(...' \\;=#[]sntr"\'$%a1é'), maxLength: 20 }),
);
const printable = text.filter((value) => !/[\x00-\x1f\x7f-\x9f\u2028\u2029]/.test(value));

test('a value comes back from a key file as it was, and nothing else with it', () => {
  fc.assert(
    fc.property(printable, printable, (one, two) => {
      const file = `# a comment\n[gsm]\napn=${quoteKeyfile(one)}\npassword=${quoteKeyfile(two)}\n\n[ipv6]\nmethod=disabled\n`;
      const groups = readKeyfile(file, 'f');
      assert.deepEqual([...groups.keys()], ['gsm', 'ipv6']);
      assert.deepEqual(
        [...(groups.get('gsm') ?? [])],
        [
          ['apn', one],
          ['password', two],
        ],
      );
    }),
    { numRuns: 3000 },
  );
});

test('a value with a control character is a bug', () => {
  for (const value of ['a\nautoconnect=false', '\r', '\0', 'a\tb', '\x7f', '\u2028'])
    assert.throws(() => quoteKeyfile(value), BugError);
});

test("a network's name comes back, whatever its bytes", () => {
  fc.assert(
    fc.property(
      fc.oneof(text, fc.string({ unit: fc.constantFrom(...'0123456789; '), minLength: 1 })),
      (ssid) => {
        const file = `[wifi]\nssid=${quoteKeyfileSsid(ssid)}\n`;
        assert.equal(readSsid(readKeyfile(file, 'f').get('wifi')?.get('ssid') ?? ''), ssid);
      },
    ),
    { numRuns: 3000 },
  );
  assert.equal(quoteKeyfileSsid('My home (2.4 GHz)'), 'My home (2.4 GHz)');
  assert.equal(quoteKeyfileSsid('12;'), '49;50;59;');
});

test('what an APN needs besides its name', () => {
  assert.equal(formatGsmCredentials('u', ''), '\nusername=u');
  assert.equal(formatGsmCredentials(' u', '\\#;'), '\nusername=\\su\npassword=\\\\#;');
  assert.equal(formatAuthMethod('none'), '');
  assert.equal(formatAuthMethod('mschapv2'), '');
  assert.deepEqual(
    [...(readKeyfile(formatAuthMethod('chap'), 'f').get('ppp') ?? [])],
    [
      ['noauth', 'false'],
      ['refuse-eap', 'true'],
      ['refuse-pap', 'true'],
      ['refuse-mschap', 'true'],
      ['refuse-mschapv2', 'true'],
    ],
  );
});

test('name servers are IPv4 addresses, and a Wi-Fi key is 64 hex digits', () => {
  assert.equal(formatServers([]), '');
  assert.equal(
    formatServers(['9.9.9.9', '1.1.1.1']),
    '\ndns=9.9.9.9;1.1.1.1;\ndns-options=timeout:2;attempts:3;',
  );
  for (const server of ['2620:fe::fe', '9.9.9.9;method=shared', 'x']) {
    assert.throws(() => formatServers([server]), BugError);
  }
  assert.equal(formatWifiSecurity(undefined), '');
  assert.match(formatWifiSecurity('a'.repeat(64)), /\n\[wifi-security\]\nkey-mgmt=wpa-psk\npsk=a{64}$/);
  assert.throws(() => formatWifiSecurity('secret'), BugError);
});

/** What NetworkManager takes for a network's name: numbers of bytes, or text (libnm-core-impl/nm-keyfile.c, get_bytes). */
function readSsid(value: string): string {
  if (!/^[\s\d;]+$/.test(value)) return value.replaceAll('\\;', ';');
  return Buffer.from(
    value
      .split(';')
      .filter((part) => part.trim() !== '')
      .map(Number),
  ).toString('utf8');
}
