import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hideSecrets, hideUrlPasswords, redactCredentials } from '../../../src/formats/redact-credentials.ts';

const cases: [string, string][] = [
  ["APN='a.b'", "APN='a.b'"],
  ["APN_USER='joe',auth='CHAP", 'APN_USER=(hidden)'],
  ["APN_PASS='s3cret x'", 'APN_PASS=(hidden)'],
  [
    '\tpre-up qmicli --wds=apn=x,username=joe,password=pw,auth=PAP',
    '\tpre-up qmicli --wds=apn=x,username=(hidden),password=(hidden),auth=PAP',
  ],
  ['AT^NDISDUP=1,1,"a.b"', 'AT^NDISDUP=1,1,"a.b"'],
  ['AT^NDISDUP=1,1,"a.b","joe","pw",2', 'AT^NDISDUP=1,1,"a.b",(hidden)'],
  ['\twpa-psk longsecret', '\twpa-psk (hidden)'],
];
for (const [text, expected] of cases) {
  test(`hides: ${text.trim()}`, () => assert.equal(redactCredentials(text), expected));
}

test('a secret is hidden wherever it comes back', () => {
  assert.equal(hideSecrets('bad pw, pw; pass', ['pw', 'pass']), 'bad (hidden), (hidden); (hidden)');
  assert.equal(hideSecrets('nothing', []), 'nothing');
});

test('the password of a URL is hidden, with whatever characters it has', () => {
  assert.equal(hideUrlPasswords('x sftp://me:pa@ss/w:rd@host/p, y'), 'x sftp://me:(hidden)@host/p, y');
  assert.equal(hideUrlPasswords('sftp://me@host:22/p http://h/a'), 'sftp://me@host:22/p http://h/a');
});
