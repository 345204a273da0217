import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { InputError } from '../../../src/core/errors.ts';
import { hashRecipePassword } from '../../../src/customise/hash-recipe-password.ts';
import { optionsSchema } from '../../../src/recipe/options-schema.ts';
import { parseRecipe } from '../../../src/recipe/parse-recipe.ts';
import { readSshKeys } from '../../../src/recipe/read-ssh-keys.ts';
import { createTestContext } from '../../helpers/context.ts';
import { recipeOf, SSH_KEY } from '../../helpers/recipes.ts';

const APN = 'fast.metropcs.com';

function getFaults(options: Record<string, unknown>): string {
  try {
    parseRecipe(options);
  } catch (error) {
    assert.ok(error instanceof InputError);
    return error.message;
  }
  return '';
}

test('an APN is all it takes', () => {
  const { recipe, warnings } = parseRecipe({ apn: APN });
  assert.deepEqual(recipe, {
    name: 'wwanpi-raspbian-stretch-fast.metropcs.com',
    apn: APN,
    credentials: undefined,
    dns: ['1.1.1.1', '1.0.0.1'],
    metric: undefined,
    firewall: { allowed: [] },
    ndisdup: undefined,
    pin: undefined,
    supervisor: {
      intervalSeconds: 15,
      deadAfterSeconds: 60,
      probes: ['1.1.1.1', '8.8.8.8'],
      rebootAfterMinutes: 0,
      led: true,
    },
    statusFile: true,
    ssh: false,
    user: undefined,
    noLogin: false,
    sshKeys: [],
    hostname: undefined,
    password: { kind: 'stock' },
    stockPassword: 'refuse',
    wifi: undefined,
    timezone: undefined,
    locale: undefined,
    keyboard: undefined,
    own: { tree: [], owners: [], packages: [], scripts: [] },
    epochSeconds: undefined,
  });
  assert.deepEqual(warnings, []);
});

test('everything given comes through', () => {
  const { recipe } = parseRecipe({
    apn: APN,
    apnUser: 'u',
    apnPassword: 'p',
    apnAuth: 'pap',
    dns: ['9.9.9.9,2620:fe::fe'],
    metric: '50',
    ndisdup: 'off',
    pin: '0472',
    supervisorInterval: '5',
    supervisorDeadAfter: 20,
    supervisorReboot: '60',
    led: 'off',
    probe: ['9.9.9.9,1.1.1.1'],
    sshKey: [` ${SSH_KEY}\n`, SSH_KEY],
    hostname: 'lte-7',
    password: 'correct horse',
    wifiSsid: 'home',
    wifiPsk: 'A'.repeat(64),
    wifiCountry: 'us',
    base: '/tmp/My Image.img.xz',
    epoch: 1,
  });
  assert.deepEqual(recipe.credentials, { user: 'u', password: 'p', auth: 'pap' });
  assert.deepEqual(recipe.dns, ['9.9.9.9', '2620:fe::fe']);
  assert.equal(recipe.metric, 50);
  assert.equal(recipe.pin, '0472');
  assert.deepEqual(recipe.supervisor, {
    intervalSeconds: 5,
    deadAfterSeconds: 20,
    probes: ['9.9.9.9', '1.1.1.1'],
    rebootAfterMinutes: 60,
    led: false,
  });
  assert.deepEqual([recipe.ssh, recipe.sshKeys], [true, [SSH_KEY]]);
  assert.deepEqual(recipe.wifi, { ssid: 'home', psk: 'a'.repeat(64), country: 'US' });
  assert.match(recipe.name, /^wwanpi-My-Image-fast\.metropcs\.com-[0-9a-f]{8}$/);
});

/** One fault each: option, value, what the message must say. */
const bad: readonly [options: Record<string, unknown>, says: RegExp][] = [
  [{ apn: undefined }, /--apn needs an APN/],
  [{ apn: 'a"b' }, /--apn .*double quote/],
  [{ colour: 'red' }, /--colour is not an option of wwanpi build/],
  [{ apnUser: '' }, /--apn-user is empty/],
  [{ apnUser: 'a b' }, /--apn-user holds a space/],
  [{ apnUser: 'u', apnPassword: 'a,b' }, /--apn-password holds a comma/],
  [{ apnUser: 'x'.repeat(128) }, /--apn-user is longer/],
  [{ apnPassword: 'p' }, /without --apn-user/],
  [{ apnAuth: 'chap' }, /without --apn-user/],
  [{ apnUser: 'u', apnAuth: 'md5' }, /--apn-auth "md5" must be one of/],
  [{ dns: ['1.1.1'] }, /--dns "1.1.1" is not an/],
  [{ dns: ['fe80::1%eth0'] }, /is not an IPv4 or IPv6/],
  [{ dns: [''] }, /--dns is empty/],
  [{ dns: ['none', '1.1.1.1'] }, /one or the other/],
  [{ dns: ['1.1.1.1', '1.0.0.1', '9.9.9.9', '8.8.8.8'] }, /at most 3/],
  [{ metric: -1 }, /--metric needs a whole number/],
  [{ metric: '1e3' }, /--metric/],
  [{ metric: Number.NaN }, /--metric/],
  [{ metric: 2 ** 31 }, /--metric/],
  [{ metric: 1.5 }, /--metric/],
  [{ ndisdup: 'always' }, /--ndisdup "always" must be one of first-boot, every-boot, off/],
  [{ pin: '123' }, /--pin is not four to eight digits/],
  [{ pin: 1234 }, /--pin needs four to eight digits/],
  [{ pin: '12 4' }, /--pin is not/],
  [{ supervisor: 'no' }, /--supervisor "no" must be one of on, off/],
  [{ supervisor: 'off', probe: ['1.1.1.1'] }, /--supervisor "off" is given together with a setting/],
  [{ supervisor: 'off', led: 'on' }, /--supervisor "off" is given together with a setting/],
  [{ led: 'blue' }, /--led "blue" must be one of on, off/],
  [{ supervisorInterval: 0 }, /--supervisor-interval "0" is not between/],
  [{ supervisorDeadAfter: 3 }, /--supervisor-dead-after "3" is not between/],
  [{ supervisorDeadAfter: 10 }, /--supervisor-dead-after "10" is less than the check interval of 15 s/],
  [{ supervisorReboot: 5 }, /--supervisor-reboot "5" is not between 10 and/],
  [{ supervisorReboot: 'soon' }, /--supervisor-reboot "soon" needs minutes, or "off"/],
  [{ probe: ['$(reboot)'] }, /--probe .* is not an IPv4 address/],
  [{ probe: ['::1'] }, /--probe "::1" is not an IPv4/],
  [{ probe: [] }, /--probe needs one to four/],
  [{ ssh: 'yes' }, /--ssh is a switch/],
  [{ firewall: 'maybe' }, /--firewall "maybe" must be one of on, off/],
  [{ stockPassword: 'yes' }, /--stock-password "yes" must be one of refuse, keep/],
  [{ wwanAllow: ['telnet'] }, /--wwan-allow "telnet": is not a port|--wwan-allow "telnet" is not a port/],
  [{ wwanAllow: ['22/tcp;reboot'] }, /is not a port/],
  [{ wwanAllow: [''] }, /--wwan-allow is empty/],
  [{ wwanAllow: ['ssh'], firewall: 'off' }, /--wwan-allow is given with --firewall off/],
  [{ sshKey: ['ssh-rsa AAAA'] }, /--ssh-key has a key, number 1, that /],
  [{ hostname: 'a_b' }, /--hostname "a_b"/],
  [{ password: '' }, /--password is empty/],
  [{ password: 'a\nb' }, /--password holds a control/],
  [{ passwordHash: '$1$x' }, /--password-hash is no/],
  [{ password: 'x', passwordHash: `$6$a$${'.'.repeat(86)}` }, /both given/],
  [{ wifiSsid: 'home', wifiPsk: 'longenough' }, /needs --wifi-country/],
  [{ wifiPsk: 'longenough' }, /without --wifi-ssid/],
  [{ wifiSsid: 'x'.repeat(33), wifiCountry: 'US' }, /--wifi-ssid is longer than 32 bytes/],
  [{ wifiSsid: 'x', wifiCountry: 'USA' }, /--wifi-country/],
  [{ wifiSsid: 'x', wifiCountry: 'US', wifiPsk: 'short' }, /--wifi-psk is not 8 to 63 characters/],
  [{ name: '../x' }, /--name/],
  [{ name: '.x' }, /--name/],
  [{ epoch: -1 }, /--epoch/],
];

for (const [options, says] of bad) {
  test(`rejected: ${JSON.stringify(options).slice(0, 80)}`, () => {
    const message = getFaults({ apn: APN, ...options });
    assert.match(message, says);
    assert.doesNotMatch(message, /\n/, 'one fault, one line');
  });
}

test('all faults show at once, whatever their kind', () => {
  const message = getFaults({
    apn: 'a b',
    colour: 1,
    hue: 2,
    metric: 'x',
    dns: ['y'],
    name: '/',
    hostname: '-',
  });
  for (const flag of ['apn', 'colour', 'hue', 'metric', 'dns', 'name', 'hostname']) {
    assert.match(message, new RegExp(`- --${flag} `));
  }
});

test('messages hold no secret and nothing that drives a terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
      const message = getFaults({ apn: text, hostname: text, dns: [text], name: text, [text]: 1 });
      assert.doesNotMatch(message, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    }),
  );
  const secret = 'Secret, with a comma';
  const message = getFaults({
    apn: APN,
    apnUser: secret,
    apnPassword: secret,
    passwordHash: secret,
    wifiPsk: secret,
  });
  assert.doesNotMatch(message, /Secret/);
});

test('warnings: what is odd but allowed', () => {
  const { warnings } = parseRecipe({
    apn: 'my_apn',
    apnUser: 'u',
    apnAuth: 'mschapv2',
    dns: ['1.1.1.1', '1.0.0.1', '9.9.9.9'],
    password: 'raspberry',
    wifiSsid: 'open',
    wifiCountry: 'US',
    ssh: false,
    sshKey: [SSH_KEY],
  });
  assert.equal(warnings.length, 6);
  assert.match(warnings.join('\n'), /_[\s\S]*QMI[\s\S]*never asked/);
});

test('names of different odd APNs differ', () => {
  assert.notEqual(recipeOf({ apn: 'a:b' }).name, recipeOf({ apn: 'a/b' }).name);
  assert.equal(recipeOf({ name: 'mine' }).name, 'mine');
  assert.match(recipeOf({ base: `${'x'.repeat(300)}.zip` }).name, /^[\w.-]{1,128}$/);
});

test('the schema can be had as JSON schema', () => {
  const schema = z.toJSONSchema(optionsSchema, { io: 'input' });
  assert.deepEqual(schema.required, ['apn']);
});

test('a password is hashed the same each time, with a salt that tells nothing of it', async (t) => {
  const context = await createTestContext(t);
  const hash = async (options: Record<string, unknown>, sha = 'f'.repeat(64)) => {
    const { password } = await hashRecipePassword(context, recipeOf(options), sha);
    assert.equal(password.kind, 'hash');
    return password.kind === 'hash' ? password.hash : '';
  };
  const first = await hash({ password: 'pässword 1' });
  assert.equal(await hash({ password: 'pässword 1' }), first);
  const saltOf = (text: string) => text.split('$')[2];
  assert.equal(saltOf(await hash({ password: 'another' })), saltOf(first), 'not derived from the password');
  assert.notEqual(saltOf(await hash({ password: 'pässword 1', hostname: 'b' })), saltOf(first));
  assert.notEqual(saltOf(await hash({ password: 'pässword 1' }, '0')), saltOf(first));
  // Read back by another implementation of crypt(3).
  const { stdout } = await context.exec([
    'perl',
    '-e',
    'my ($p, $h) = @ARGV; print crypt($p, $h) eq $h ? "ok" : "no"',
    'pässword 1',
    first,
  ]);
  assert.equal(stdout, 'ok');
});

test('a password goes to openssl over standard input', async (t) => {
  const context = await createTestContext(t);
  const calls: (readonly string[])[] = [];
  const exec: typeof context.exec = (argv, options) => {
    calls.push(argv);
    return context.exec(argv, options);
  };
  await hashRecipePassword({ exec }, recipeOf({ password: 'hush-hush' }), 'x');
  assert.deepEqual(
    calls.map((argv) => argv.filter((word) => !/^[./\w]{16}$/.test(word))),
    [['openssl', 'passwd', '-6', '-salt', '-stdin']],
  );
  const untouched = recipeOf();
  assert.equal(await hashRecipePassword({ exec }, untouched, 'x'), untouched);
});

test('key files: lines without comments; every bad file is named', async (t) => {
  const { tmpDir } = await createTestContext(t);
  const path = join(tmpDir, 'id.pub');
  await writeFile(path, `# mine\n\n${SSH_KEY}\n`);
  assert.deepEqual(await readSshKeys([path]), [SSH_KEY]);
  const empty = join(tmpDir, 'empty.pub');
  await writeFile(empty, '\n');
  await assert.rejects(readSshKeys([join(tmpDir, 'none'), empty]), (error: Error) => {
    assert.ok(error instanceof InputError);
    return /none" cannot be read: no such file; [^\n]*\n.*empty.pub" holds no key/.test(error.message);
  });
});

test('user, time zone, locale and keyboard: only the form is checked here, and the hint names what was meant', () => {
  const { recipe } = parseRecipe({
    ...{ apn: APN, user: 'anna-2', timezone: 'America/Argentina/Ushuaia', locale: 'ca_ES.UTF-8@valencia' },
    ...{ keyboard: 'latam', login: false },
  });
  assert.deepEqual(
    [recipe.user, recipe.timezone, recipe.locale, recipe.keyboard, recipe.noLogin],
    ['anna-2', 'America/Argentina/Ushuaia', 'ca_ES.UTF-8@valencia', 'latam', true],
  );
  for (const [options, says] of [
    [{ user: 'Anna' }, /--user "?Anna"? is not a name that adduser takes/],
    [{ user: 'a'.repeat(33) }, /longer than 32/],
    [{ user: '' }, /is empty/],
    [{ timezone: 'Europe/../../etc' }, /is not a time zone/],
    [
      { timezone: 'America/Argentina' },
      /area with several time zones; give one such as America\/Argentina\//,
    ],
    [{ timezone: 'Berlin' }, undefined],
    [{ locale: 'de_DE' }, /did you mean de_DE\.UTF-8\?/],
    [{ locale: 'pt-br.utf8' }, /did you mean pt_BR\.UTF-8\?/],
    [{ locale: 'german' }, /give one such as de_DE\.UTF-8/],
    [{ keyboard: 'us;reboot' }, /is not a keyboard layout/],
  ] as const) {
    const faults = getFaults({ apn: APN, ...options });
    if (says === undefined) assert.equal(faults, '');
    else assert.match(faults, says, JSON.stringify(options));
  }
});
