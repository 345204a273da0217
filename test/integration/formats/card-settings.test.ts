import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Stack } from '../../../src/core/model.ts';
import {
  editCardText,
  formatCardFault,
  formatCardText,
  readCardText,
} from '../../../src/formats/card-settings/card-text.ts';
import type { CardValues } from '../../../src/formats/card-settings/check.ts';
import { CARD_KEYS, type CardKey, STORED } from '../../../src/formats/card-settings/keys.ts';
import { parseRecipe } from '../../../src/recipe/parse-recipe.ts';
import type { Recipe } from '../../../src/recipe/recipe.ts';
import { listCardValues } from '../../../stage/card-settings.ts';
import { type CardFile, makeCardLibrary, makeCardRoot, planCardImage } from '../../helpers/card-root.ts';
import { makeCase } from '../../helpers/card-texts.ts';
import { createTestContext } from '../../helpers/context.ts';
import { createRandom } from '../../helpers/mutate.ts';
import { SSH_KEY } from '../../helpers/recipes.ts';

/** Files for each image; both stacks share most of the scripts. */
const COUNTS: Readonly<Record<Stack, number>> = { ifupdown: 5000, networkmanager: 2500 };
const HASH = `$6$salt$${'a'.repeat(86)}`;
const WIFI_KEY = '0123456789abcdef'.repeat(4);

/** An image with all that wwanpi.txt can say. */
const FULL = {
  ...{ apn: 'a@b', apnUser: 'user', apnPassword: 'Old#1', apnAuth: 'pap', pin: '0472', dns: ['none'] },
  ...{ hostname: 'lte-7', user: 'anna', sshKey: [SSH_KEY], stockPassword: 'keep', metric: 7 },
  ...{ wifiSsid: 'home', wifiPsk: 'old password', wifiCountry: 'us', timezone: 'Europe/Berlin' },
};

/** Images whose cards are edited. */
const IMAGES: readonly (readonly [Stack, Record<string, unknown>])[] = [
  ['ifupdown', { apn: 'fast.metropcs.com' }],
  ['ifupdown', { ...FULL, ndisdup: 'off' }],
  ['networkmanager', { apn: 'fast.metropcs.com' }],
  ['networkmanager', FULL],
];

for (const [index, [stack, options]] of IMAGES.entries()) {
  test(`image ${index + 1}, ${stack}: TypeScript and bash agree about ${COUNTS[stack]} files, and bash writes what the stages do`, async (t) => {
    const { exec, tmpDir } = await createTestContext(t);
    const { recipe } = parseRecipe(options);
    const current = listCardValues(recipe, stack);
    await makeCardRoot(join(tmpDir, 'pi'), recipe, stack);
    const below = createRandom(index + 1);
    const cases = Array.from({ length: COUNTS[stack] }, () => makeCase(below, formatCardText(current)));
    await mkdir(join(tmpDir, 'cases'));
    for (const [number, bytes] of cases.entries()) await writeFile(join(tmpDir, 'cases', `${number}`), bytes);
    const library = await makeCardLibrary(tmpDir, stack);
    const driver = join(import.meta.dirname, '../../helpers/card-cases.bash');
    const script = join(library, 'card-settings');
    const output = join(tmpDir, 'output');
    await exec(['bash', driver, script, join(tmpDir, 'cases'), String(cases.length), output], {
      env: { WWANPI_ROOT: join(tmpDir, 'pi'), WWANPI_LIB: library },
    });
    const answers = (await readFile(output, 'latin1')).split('\x01case\0').slice(1);
    assert.equal(answers.length, cases.length);
    const image = planCardImage(recipe, stack);
    let accepted = 0;
    for (const [number, bytes] of cases.entries()) {
      const words = (answers[number] ?? '').split('\0');
      accepted += checkCase(bytes, words, { stack, current, recipe, options, image }) ? 1 : 0;
    }
    assert.ok(accepted > cases.length / 10 && accepted < (cases.length * 9) / 10, `${accepted} accepted`);
  });
}

interface Setting {
  readonly stack: Stack;
  readonly current: CardValues;
  readonly recipe: Recipe;
  readonly options: Record<string, unknown>;
  readonly image: ReadonlyMap<string, CardFile>;
}

/** Whether the file was accepted; fails where the two differ. */
function checkCase(bytes: Uint8Array, words: readonly string[], setting: Setting): boolean {
  const shown = JSON.stringify(Buffer.from(bytes).toString('latin1').trimEnd().slice(0, 3000));
  const { values, faults } = readCardText(bytes, setting.current);
  const answer = readAnswer(words);
  if (faults.length > 0) {
    assert.deepEqual(
      answer.faults,
      faults.map((fault) => toBytes(formatCardFault(fault))),
      shown,
    );
    return false;
  }
  // What only this Pi knows.
  const options = listOptions(values, setting);
  const expected = planOrRefuse(options, setting.stack);
  if (expected === undefined) {
    assert.ok(answer.faults.length > 0, shown);
    return false;
  }
  assert.deepEqual(answer.faults, [], shown);
  const actual = applyAnswer(setting.image, answer);
  // On Stretch the stage leaves the network on the FAT partition, and the base moves it to /etc.
  expected.set(WIFI, expected.get(ON_BOOT) ?? NO_WIFI);
  actual.set(
    WIFI,
    actual.get(ON_BOOT) ?? (options.wifiSsid === undefined ? NO_WIFI : actual.get(WIFI)) ?? NO_WIFI,
  );
  for (const path of new Set([...expected.keys(), ...actual.keys()])) {
    if (OWN.test(path)) continue;
    // When the key goes, the stock password does not become a way in.
    if (path.startsWith('/etc/ssh/') && options.sshKey === undefined && options.passwordHash === undefined)
      continue;
    // Nor does a password take away a rule for sudo that the Pi has.
    if (path.startsWith('/etc/sudoers.d/') && expected.get(path) === undefined) continue;
    assert.deepEqual(actual.get(path), expected.get(path), `${path} of ${shown}`);
  }
  const secrets = CARD_KEYS.filter(
    ({ key, secret }) => secret && ![undefined, '', STORED].includes(values.get(key)),
  );
  const masked =
    secrets.length === 0 ? bytes : editCardText(bytes, new Map(secrets.map(({ key }) => [key, STORED])));
  assert.equal(answer.text, Buffer.from(masked).toString('latin1'), shown);
  return true;
}

const ON_BOOT = '/boot/wpa_supplicant.conf';
const NO_WIFI: CardFile = { text: '', mode: 0 };
const WIFI = '/etc/wpa_supplicant/wpa_supplicant.conf';
/** Files that are about the settings themselves, or that the base has moved by then. */
const OWN = /zoneinfo|wwanpi\.txt$|^\/boot\/|^\/etc\/wwanpi\/card-settings$|^\/home\/.*\/\.(bash|profile)/;

/** The command line that stands for these values. */
function listOptions(values: CardValues, { current, options }: Setting): Record<string, unknown> {
  const stays: readonly CardKey[] = ['hostname', 'login-user', 'login-password', 'timezone'];
  const get = (key: CardKey) => {
    const value = values.get(key) ?? STORED;
    if (value === STORED || (value === '' && stays.includes(key))) return current.get(key) || undefined;
    return value || undefined;
  };
  const given = (key: CardKey) => ![undefined, '', STORED].includes(values.get(key));
  const psk = get('wifi-password');
  const isKey = psk !== undefined && /^[0-9a-f]{64}$/i.test(psk);
  const dns = get('dns');
  return {
    ...options,
    ...{ apn: get('apn'), apnUser: get('user'), apnPassword: get('password'), apnAuth: get('auth') },
    ...{ pin: get('pin'), dns: [dns === undefined || /^[ \t,]*$/.test(dns) ? 'none' : dns] },
    ...{ metric: get('metric'), hostname: get('hostname'), user: get('login-user') },
    ...{ passwordHash: given('login-password') ? HASH : get('login-password'), stockPassword: 'keep' },
    ...{ sshKey: get('ssh-key')?.split('\t'), ssh: undefined, wifiSsid: get('wifi-ssid') },
    ...{
      wifiPsk: psk === undefined || isKey ? psk : WIFI_KEY,
      wifiCountry: get('wifi-country'),
      timezone: get('timezone'),
    },
  };
}

/** The image of this command line; undefined where this base cannot become it. */
function planOrRefuse(options: Record<string, unknown>, stack: Stack): Map<string, CardFile> | undefined {
  try {
    return planCardImage(parseRecipe(options).recipe, stack);
  } catch (error) {
    assert.match(String(error), /this base can't become|is an area with several time zones/);
    return undefined;
  }
}

interface Answer {
  readonly faults: string[];
  readonly puts: { path: string; file: CardFile }[];
  readonly actions: string[];
  text: string;
}

function readAnswer(words: readonly string[]): Answer {
  const answer: Answer = { faults: [], puts: [], actions: [], text: '' };
  for (let at = 1; at < words.length; at += 1) {
    const next = () => {
      at += 1;
      return words[at] ?? '';
    };
    switch (words[at]) {
      case 'fault':
        answer.faults.push(next());
        break;
      case 'put': {
        const path = next();
        const mode = Number.parseInt(next(), 8);
        answer.puts.push({ path, file: { text: next(), mode } });
        break;
      }
      case 'action':
        answer.actions.push(next());
        break;
      case 'text':
        answer.text = next();
        break;
      case 'passphrase':
        at += 2;
        break;
      case 'hashed':
      case 'changed':
        at += 1;
        break;
      default:
    }
  }
  return answer;
}

/** The Pi's files after the change. */
function applyAnswer(image: ReadonlyMap<string, CardFile>, { puts, actions }: Answer): Map<string, CardFile> {
  const files = new Map(image);
  const words = actions.map((action) => action.split(' '));
  for (const [action, one = '', two = ''] of words) {
    if (action !== 'move') continue;
    for (const [path, file] of image) {
      if (!path.startsWith(`${one}/`)) continue;
      files.delete(path);
      files.set(`${two}${path.slice(one.length)}`, file);
    }
  }
  for (const { path, file } of puts) files.set(path, file);
  for (const [action, one = '', two = ''] of words) {
    if (action === 'link') files.set(two, { target: one });
    if (action === 'remove') files.delete(one);
  }
  return files;
}

function toBytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}
