import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BugError } from '../../../../src/core/errors.ts';
import { formatNdisdup, quoteAt, validateAtString } from '../../../../src/formats/config/at-command.ts';
import { quoteIfupdownShell } from '../../../../src/formats/config/interfaces.ts';
import { fillPlaceholders } from '../../../../src/formats/config/placeholders.ts';
import {
  quoteQmiNetwork,
  quoteQmiUser,
  validateQmiNetworkValue,
} from '../../../../src/formats/config/qmi-network-conf.ts';
import { asQuoted, quoteInteger } from '../../../../src/formats/config/quoted.ts';
import { formatNameServers } from '../../../../src/formats/config/resolv-conf.ts';
import { quoteShell, validateShellWord } from '../../../../src/formats/config/shell-words.ts';
import {
  derivePsk,
  quoteCountry,
  quotePsk,
  quoteSsid,
} from '../../../../src/formats/config/wpa-supplicant.ts';
import { createTestContext } from '../../../helpers/context.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(...'a\'"\\$`;&|<>(){}*?[]~#!%^= \t\n,-.'), maxLength: 20 }),
);

test('quoteShell gives dash the very value as one word, or refuses', async (t) => {
  const { exec } = await createTestContext(t);
  const values = fc.sample(anyText, 400).filter((value) => validateShellWord(value) === undefined);
  assert.ok(values.length > 100);
  const script = values.map((value) => `printf '%s\\n' ${quoteShell(value)}`).join('\n');
  const { stdout } = await exec(['dash', '-c', script]);
  assert.equal(stdout, values.map((value) => `${value}\n`).join(''));
  for (const bad of ['a\nb', '\0', 'a\rb', '\x1b[2J', '\u0085'])
    assert.throws(() => quoteShell(bad), BugError);
});

test('quoteAt stays one string constant, or refuses', () => {
  fc.assert(
    fc.property(anyText, (value) => {
      if (validateAtString(value) !== undefined) assert.throws(() => quoteAt(value), BugError);
      else assert.match(quoteAt(value), /^"[^"\\\x00-\x1f\x7f-\uffff]*"$/);
    }),
  );
});

test('AT^NDISDUP has user, password and method only with credentials', () => {
  assert.equal(formatNdisdup({ apn: 'fast.metropcs.com' }), 'AT^NDISDUP=1,1,"fast.metropcs.com"');
  for (const [auth, number] of [
    ['none', 0],
    ['pap', 1],
    ['chap', 2],
    ['mschapv2', 3],
  ] as const) {
    const credentials = { user: 'u', password: 'p', auth };
    assert.equal(formatNdisdup({ apn: 'a', credentials }), `AT^NDISDUP=1,1,"a","u","p",${number}`);
  }
});

test('ifupdown commands never end a line or continue it', () => {
  fc.assert(
    fc.property(anyText, (value) => {
      try {
        assert.doesNotMatch(quoteIfupdownShell(value), /[\n\r]|\\$/);
      } catch (error) {
        assert.ok(error instanceof BugError);
      }
    }),
  );
});

test('qmi-network.conf values survive sourcing, splitting and quoting, or are refused', async (t) => {
  const { exec } = await createTestContext(t);
  const values = fc
    .sample(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 }), 2000)
    .filter((value) => validateQmiNetworkValue(value) === undefined)
    .slice(0, 150);
  assert.ok(values.length > 100);
  // What qmi-network does with its profile, in its own words: source, wrap, leave unquoted.
  const script = values
    .map((value) => {
      const conf = `APN=${quoteQmiNetwork(value)}\nAPN_USER=${quoteQmiUser(value, 'pap')}`;
      return `${conf}\nARGS="apn='$APN',username='$APN_USER'"\nCMD="printf %s\\n --start=$ARGS --end"\n$CMD`;
    })
    .join('\n');
  const { stdout } = await exec(['dash', '-c', script]);
  const expected = values.map((v) => `--start=apn='${v}',username='${v}',auth='PAP'\n--end\n`).join('');
  assert.equal(stdout, expected);
  for (const bad of ['a b', "a'b", 'a"b', 'a\\b', 'a$b', 'a`b', 'a,b', 'a\nb', 'ä']) {
    assert.throws(() => quoteQmiNetwork(bad), BugError);
    assert.throws(() => quoteQmiUser(bad, 'chap'), BugError);
  }
  assert.equal(quoteQmiUser('me', 'none'), 'me');
});

test('an SSID never leaves its value; keys match IEEE 802.11 annex J', () => {
  fc.assert(
    fc.property(anyText, (ssid) => {
      assert.match(quoteSsid(ssid), /^("[A-Za-z0-9 ._@+()-]+"|[0-9a-f]*)$/);
    }),
  );
  // IEEE 802.11i-2004 H.4.3, test case 1.
  assert.equal(
    derivePsk('password', 'IEEE'),
    'f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e',
  );
  assert.equal(quotePsk(undefined), 'key_mgmt=NONE');
  assert.throws(() => quotePsk('x"\n}'), BugError);
  assert.throws(() => quoteCountry('U\n'), BugError);
});

test('name servers are addresses, under a true comment', () => {
  assert.equal(
    formatNameServers(['1.1.1.1', '8.8.8.8', '10.0.0.1', '::1']),
    '# Cloudflare\nnameserver 1.1.1.1\n# Google\nnameserver 8.8.8.8\nnameserver 10.0.0.1\nnameserver ::1',
  );
  assert.throws(() => formatNameServers(['1.1.1.1\noptions']), BugError);
});

test('placeholders: each filled, none left, none made by a value', () => {
  assert.equal(
    fillPlaceholders('a @@X@@ @@X@@', { X: asQuoted('@@Y@@ $& $1') }),
    'a @@Y@@ $& $1 @@Y@@ $& $1',
  );
  assert.throws(() => fillPlaceholders('@@X@@', {}), BugError);
  assert.throws(() => fillPlaceholders('', { X: quoteInteger(1) }), BugError);
  assert.throws(() => quoteInteger(1.5), RangeError);
});
