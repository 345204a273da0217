import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Carrier, CarrierData } from '../../../src/carriers/carrier.ts';
import { CARD_KEYS } from '../../../src/formats/card-settings/keys.ts';
import { OptionsError } from '../../../src/formats/issues.ts';
import { listOptions } from '../../../src/options/options.ts';
import { readChanges } from '../../../src/set/read-changes.ts';
import { parseLine } from '../../helpers/command-lines.ts';
import { createTestContext } from '../../helpers/context.ts';

const CARRIER: Carrier = {
  ...{ id: 'us/acme/fast', country: 'us', countryName: 'United States', provider: 'Acme', otherNames: [] },
  ...{
    apn: 'fast.acme',
    plan: undefined,
    planTypes: [],
    usage: 'internet',
    carrierId: 'us/acme',
    slugs: ['acme'],
  },
  ...{
    recommended: true,
    large: false,
    gone: undefined,
    auth: 'pap',
    user: 'u',
    password: 'p',
    dns: [],
    aliases: [],
  },
  source: 'wwanpi',
} as never;
const DATA: CarrierData = {
  carriers: [CARRIER],
  input: { name: 'list', sha256: '', origin: '', pinned: false },
};

async function read(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const line = await parseLine(['set', 'a.img', ...words]);
  return readChanges(line, env, line.carrier === undefined ? undefined : DATA);
}
const values = async (...words: string[]) => Object.fromEntries((await read(words)).values);

test('every key of wwanpi.txt has its option, and no option of build that stands for none is there', () => {
  const names = listOptions('set').map(({ name }) => name);
  for (const { option } of CARD_KEYS) assert.ok(names.includes(option), option);
  assert.deepEqual(names.filter((name) => !CARD_KEYS.some(({ option }) => option === name)).sort(), [
    'cache-dir',
    'carrier',
    'dry-run',
    'force',
    'output',
    'sign',
    'yes',
  ]);
  for (const { unset, default: value, required } of listOptions('set').filter(
    ({ name }) => name !== 'cache-dir',
  ))
    assert.deepEqual([unset, value, required], [undefined, undefined, undefined]);
});

test('the values are those of wwanpi.txt', async () => {
  assert.deepEqual(await values('--apn', 'a.b', '--dns', '9.9.9.9', '1.1.1.1', '--metric', '7'), {
    apn: 'a.b',
    dns: '9.9.9.9 1.1.1.1',
    metric: '7',
  });
  assert.deepEqual(await values('--user', 'me', '--timezone', ''), { 'login-user': 'me', timezone: '' });
});

test('what belongs to a value is changed with it', async () => {
  const none = { password: '', auth: '' };
  assert.deepEqual(await values('--apn-user', ''), { user: '', ...none });
  assert.deepEqual(await values('--wifi-ssid', 'home', '--wifi-country', 'DE'), {
    'wifi-ssid': 'home',
    'wifi-country': 'DE',
    'wifi-password': '',
  });
  assert.deepEqual(await values('--wifi-ssid', ''), {
    'wifi-ssid': '',
    'wifi-country': '',
    'wifi-password': '',
  });
  // An APN alone changes the APN alone.
  assert.deepEqual(await values('--apn', 'a'), { apn: 'a' });
});

test('a carrier brings its user and password, or takes those of the old one away', async () => {
  const { carrier, ...given } = await read(['--carrier', 'us/acme']);
  assert.deepEqual(Object.fromEntries(given.values), {
    apn: 'fast.acme',
    user: 'u',
    password: 'p',
    auth: 'pap',
  });
  assert.deepEqual([carrier?.id, carrier?.provider], ['us/acme/fast', 'Acme']);
  const other = await read(['--carrier', 'us/acme', '--apn', 'other']);
  assert.deepEqual(Object.fromEntries(other.values), { apn: 'other', user: '', password: '', auth: '' });
  assert.match(other.warnings.join(), /is not the APN of --carrier/);
});

test('secrets come from the environment, and an empty variable is none', async () => {
  const { values: read1 } = await read(['--apn', 'a'], { WWANPI_PIN: '1234', WWANPI_PASSWORD: '' });
  assert.deepEqual(Object.fromEntries(read1), { apn: 'a', pin: '1234' });
});

test('every issue is found at once; a secret is not in it', async () => {
  await assert.rejects(
    read([
      '--apn',
      'a b',
      '--pin',
      '77',
      '--apn-password',
      ' x',
      '--ssh-key',
      '/nowhere.pub',
      '--metric',
      '1e3',
    ]),
    (error: unknown) => {
      assert.ok(error instanceof OptionsError);
      assert.deepEqual([...new Set(error.issues.map(({ option }) => option))].sort(), [
        'apn',
        'apn-password',
        'metric',
        'pin',
        'ssh-key',
      ]);
      assert.ok(!error.message.includes('77'));
      return true;
    },
  );
  await assert.rejects(read([]), /no setting is given/);
});

test('one key of one file; several are refused', async (t) => {
  const { tmpDir } = await createTestContext(t);
  const key = `ssh-ed25519 ${'AAAAC3NzaC1lZDI1NTE5AAAAI'.padEnd(68, 'A')} me@host`;
  const one = join(tmpDir, 'one.pub');
  await writeFile(one, `# mine\n${key}\n`);
  assert.deepEqual(await values('--ssh-key', one), { 'ssh-key': key });
  assert.deepEqual(await values('--ssh-key', ''), { 'ssh-key': '' });
  await assert.rejects(read(['--ssh-key', one, one]), /holds 2 keys, and wwanpi\.txt has room for one/);
});
