import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { expectCard } from '../../../src/boot/expect-card.ts';
import { parseExpectations, parseNameServers } from '../../../src/boot/parse-expectations.ts';
import { InputError } from '../../../src/core/errors.ts';
import { listRequiredFiles, planChanges } from '../../../src/customise/plan-changes.ts';
import { editCardText } from '../../../src/formats/card-settings/card-text.ts';
import type { CardKey } from '../../../src/formats/card-settings/keys.ts';
import { recipeOf } from '../../helpers/recipes.ts';
import { stretchFacts, stretchFiles } from '../../helpers/stretch-files.ts';

/** The texts of the files that the stages write for these options. */
function textsOf(options: Record<string, unknown>) {
  const recipe = recipeOf(options);
  const { changes } = planChanges(recipe, stretchFacts, stretchFiles(listRequiredFiles(recipe)), []);
  return (path: string) => {
    const change = changes.find((each) => each.path === path);
    return change?.kind === 'file' ? Buffer.from(change.content).toString() : undefined;
  };
}

/** The set-up that a boot test reads from the files that the stages write for these options. */
function setupOf(options: Record<string, unknown>) {
  const text = textsOf(options);
  return parseExpectations({
    stanza: text('/etc/network/interfaces.d/wwan0') ?? '',
    profile: text('/etc/qmi-network.conf'),
    pin: text('/etc/wwanpi/pin'),
    firewall: text('/etc/wwanpi/firewall.conf'),
    supervisor: text('/etc/wwanpi/supervisor.conf'),
    status: text('/usr/lib/wwanpi/status'),
    statusFile: text('/usr/lib/wwanpi/status-file'),
    resolvHead: text('/etc/resolv.conf.head'),
    ndisdup: text('/etc/wwanpi/ndisdup.conf'),
  });
}

test('a boot test expects the set-up that the stages write', () => {
  assert.deepEqual(setupOf({ apn: 'fast.metropcs.com' }), {
    stack: 'ifupdown',
    apn: 'fast.metropcs.com',
    credentials: undefined,
    metric: 6000,
    nameServers: ['1.1.1.1', '1.0.0.1'],
    ndisdupApn: 'fast.metropcs.com',
    pin: undefined,
    allowed: [],
    supervised: true,
    display: { led: true },
    hasStatusFile: true,
  });
});

test('a PIN and no supervisor, as the options say', () => {
  const setup = setupOf({ apn: 'internet', pin: '0472', supervisor: 'off' });
  assert.deepEqual([setup.pin, setup.supervised, setup.display], ['0472', false, undefined]);
});

test('an image whose LED is left alone, and one of a wwanpi that showed nothing yet', () => {
  assert.deepEqual(setupOf({ apn: 'internet', led: 'off' }).display, { led: false });
  const texts = { stanza: '\tpre-up APN=a x\n', supervisor: 'INTERVAL=15\n' };
  const rest = { profile: undefined, resolvHead: undefined, ndisdup: undefined, pin: undefined };
  const setup = parseExpectations({
    ...texts,
    ...rest,
    firewall: undefined,
    status: undefined,
    statusFile: undefined,
  });
  assert.deepEqual([setup.supervised, setup.display], [true, undefined]);
});

test('the ports that are open, and no firewall', () => {
  assert.deepEqual(setupOf({ apn: 'internet', wwanAllow: ['ssh,8080/tcp'] }).allowed, ['22/tcp', '8080/tcp']);
  assert.equal(setupOf({ apn: 'internet', firewall: 'off' }).allowed, undefined);
});

test('metric, name servers and NDISDUP as the options say', () => {
  const setup = setupOf({ apn: 'internet', metric: '50', dns: ['9.9.9.9'], ndisdup: 'off' });
  assert.equal(setup.metric, 50);
  assert.deepEqual(setup.nameServers, ['9.9.9.9']);
  assert.equal(setup.ndisdupApn, undefined);
  assert.deepEqual(setupOf({ apn: 'internet', dns: ['none'] }).nameServers, []);
});

for (const apnAuth of ['pap', 'chap', 'none']) {
  test(`user and password are read from the profile unchanged (${apnAuth})`, () => {
    const { credentials } = setupOf({ apn: 'internet', apnUser: 'u@x', apnPassword: 'p#1;&', apnAuth });
    assert.deepEqual(credentials, { user: 'u@x', password: 'p#1;&' });
  });
}

test('any password that a recipe accepts is written and read unchanged', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[!#%&()*+./0-9:;<=>?@A-Z[\]^_a-z{|}~-]{1,20}$/), (password) => {
      assert.equal(
        setupOf({ apn: 'internet', apnUser: 'u', apnPassword: password }).credentials?.password,
        password,
      );
    }),
    { numRuns: 200 },
  );
});

/** An image without any of the files. */
const NOTHING = {
  stanza: undefined,
  profile: undefined,
  resolvHead: undefined,
  ndisdup: undefined,
  pin: undefined,
  firewall: undefined,
  supervisor: undefined,
  status: undefined,
  statusFile: undefined,
};

test('an image that wwanpi did not make: quotes, no metric, the APN in the profile', () => {
  const stanza = 'iface wwan0 inet dhcp\n\tpre-up APN="h2g2" /usr/bin/qmi-network /dev/cdc-wdm0 start\n';
  assert.deepEqual(parseExpectations({ ...NOTHING, stanza }), {
    stack: 'ifupdown',
    apn: 'h2g2',
    credentials: undefined,
    metric: 0,
    nameServers: [],
    ndisdupApn: undefined,
    pin: undefined,
    allowed: undefined,
    supervised: false,
    display: undefined,
    hasStatusFile: false,
  });
  assert.equal(parseExpectations({ ...NOTHING, stanza, profile: 'APN=other\n' }).apn, 'other');
});

test('an image that dials nothing cannot be tested', () => {
  const texts = { ...NOTHING, stanza: 'iface wwan0 inet dhcp\n' };
  assert.throws(() => parseExpectations(texts), InputError);
});

test('an image with NetworkManager: its profile says what it dials', () => {
  const gsm = '[gsm]\napn=internet\nusername=me\npassword=a;b#c\npin=0472\n';
  const connection = `[connection]\ntype=gsm\n${gsm}[ipv4]\nroute-metric=50\ndns=9.9.9.9;1.1.1.1;\n`;
  const setup = parseExpectations({ ...NOTHING, connection, firewall: 'ALLOW=22/tcp\n' });
  assert.deepEqual(setup, {
    stack: 'networkmanager',
    apn: 'internet',
    credentials: { user: 'me', password: 'a;b#c' },
    metric: 50,
    nameServers: ['9.9.9.9', '1.1.1.1'],
    ndisdupApn: undefined,
    pin: '0472',
    allowed: ['22/tcp'],
    supervised: false,
    display: undefined,
    hasStatusFile: false,
  });
});

test("a profile with an APN alone has NetworkManager's own metric; one without an APN dials nothing", () => {
  const setup = parseExpectations({ ...NOTHING, connection: '[gsm]\napn=internet\n' });
  assert.deepEqual(
    [setup.metric, setup.nameServers, setup.credentials, setup.pin],
    [700, [], undefined, undefined],
  );
  assert.throws(() => parseExpectations({ ...NOTHING, connection: '[gsm]\n' }), InputError);
});

test('name servers of a resolv.conf', () => {
  const text = '# nameserver 8.8.8.8\nnameserver 1.1.1.1\n\tnameserver  ::1 \nsearch x\n';
  assert.deepEqual(parseNameServers(text), ['1.1.1.1', '::1']);
});

test('a wwanpi.txt that was edited in the image makes what a build with these values would', () => {
  const built = { apn: 'internet', apnUser: 'me', apnPassword: 'x', pin: '1234' };
  const text = textsOf(built);
  const card = text('/boot/wwanpi.txt') ?? '';
  const current = text('/etc/wwanpi/card-settings');
  const edit = (changes: Partial<Record<CardKey, string>>) => ({
    card: Buffer.from(
      editCardText(Buffer.from(card), new Map(Object.entries(changes) as [CardKey, string][])),
    ).toString(),
    ...{ seen: card, current },
  });
  assert.deepEqual(expectCard(setupOf(built), edit({})), setupOf(built));
  assert.deepEqual(
    expectCard(setupOf(built), edit({ apn: 'web.vodafone.de', metric: '50', dns: '9.9.9.9' })),
    setupOf({ ...built, apn: 'web.vodafone.de', metric: 50, dns: ['9.9.9.9'] }),
  );
  assert.deepEqual(
    expectCard(setupOf(built), edit({ user: '', password: '', auth: '', pin: '', dns: 'none' })),
    setupOf({ apn: 'internet', dns: ['none'] }),
  );
  assert.deepEqual(expectCard(setupOf(built), edit({ apn: 'a b', pin: '99' })), setupOf(built), 'a fault');
  assert.deepEqual(expectCard(setupOf(built), { ...edit({ apn: 'x' }), current: undefined }), setupOf(built));
});
