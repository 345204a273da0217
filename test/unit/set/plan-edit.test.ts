import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../../src/core/errors.ts';
import { formatCardText, parseCardText } from '../../../src/formats/card-settings/card-text.ts';
import type { CardKey } from '../../../src/formats/card-settings/keys.ts';
import { planEdit, UNFINISHED } from '../../../src/set/plan-edit.ts';

const asMap = (values: Partial<Record<CardKey, string>>) =>
  new Map(Object.entries(values) as [CardKey, string][]);
const built = formatCardText(
  asMap({ apn: 'internet', metric: '6000', dns: '1.1.1.1', user: 'me', password: 'x' }),
);
const plan = (values: Partial<Record<CardKey, string>>, content = built) =>
  planEdit(content, asMap(values), 'a.img');
const bytes = (text: string) => new TextEncoder().encode(text);

test('the lines that change are shown, secrets masked; the size stays', () => {
  const { content, lines } = plan({
    apn: 'web.vodafone.de',
    password: 'hunter2',
    pin: '1234',
    metric: '6000',
  });
  assert.deepEqual(lines, [
    '- apn=internet',
    '+ apn=web.vodafone.de',
    '- password=(stored)',
    '+ password=(secret)',
    '- pin=',
    '+ pin=(secret)',
  ]);
  assert.equal(content.length, built.length);
  const { values } = parseCardText(content);
  assert.deepEqual(
    [values.get('apn'), values.get('password'), values.get('pin'), values.get('user')],
    ['web.vodafone.de', 'hunter2', '1234', 'me'],
  );
});

test('a new APN beside the old user name is pointed out', () => {
  assert.match(plan({ apn: 'a.b' }).notes.join(), /user name and password of the old APN stay/);
  assert.deepEqual(plan({ apn: 'a.b', user: '', password: '', auth: '' }).notes, []);
  assert.deepEqual(plan({ hostname: 'pi' }).notes, []);
});

test('values that are there already change no byte', () => {
  const { content, lines } = plan({ apn: 'internet', dns: '1.1.1.1' });
  assert.deepEqual(lines, []);
  assert.equal(content, built);
});

test('a value that does not go with the others is the issue of its option', () => {
  assert.throws(() => plan({ 'wifi-ssid': 'home' }), /--wifi-ssid needs --wifi-country/);
  assert.throws(() => plan({ user: '' }), /password: is given without user/);
});

test('faults of the file that the change leaves are all named, with their lines', () => {
  const broken = bytes('apn=internet\nmetric=high\nnonsense\n');
  assert.throws(
    () => plan({ hostname: 'pi' }, broken),
    (error: unknown) =>
      error instanceof InputError && /line 2: metric/.test(error.message) && /line 3: /.test(error.message),
  );
  // Mended by the change itself.
  assert.deepEqual(plan({ metric: '7' }, bytes('apn=internet\nmetric=high\n')).lines, [
    '- metric=high',
    '+ metric=7',
  ]);
});

test('a file that an earlier change left unfinished is refused', () => {
  const cut = Uint8Array.from(built);
  cut.set(bytes(UNFINISHED));
  assert.throws(() => plan({ apn: 'x' }, cut), /an earlier wwanpi set was cut off/);
});

test('a value from the file cannot control the terminal', () => {
  const { lines } = plan({ hostname: 'pi' }, bytes('apn=a\nhostname=\x1b[2Jx\n'));
  assert.doesNotMatch(lines.join(), /\x1b/);
});
