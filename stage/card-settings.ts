import type { FileChange, Stack } from '../src/core/model.ts';
import { formatBashRules } from '../src/formats/card-settings/bash-rules.ts';
import { formatCardText } from '../src/formats/card-settings/card-text.ts';
import { CARD_KEYS, type CardKey } from '../src/formats/card-settings/keys.ts';
import { basePackages, DPKG_STATUS } from '../src/formats/config/base-text.ts';
import { listOnBoot } from '../src/formats/config/fstab.ts';
import { getDefaultMetric } from '../src/formats/config/metric.ts';
import { fillPlaceholders } from '../src/formats/config/placeholders.ts';
import { asQuoted, type Quoted } from '../src/formats/config/quoted.ts';
import type { Recipe } from '../src/recipe/recipe.ts';
import { KEYFILE, PIN } from './connection.ts';
import { quoteFirewall } from './firewall.ts';
import { CLOUD, PRESET } from './first-user.ts';
import { REGULATORY, WIFI_KEYFILE } from './nm-wifi.ts';
import { fromOverlay, rootFile } from './root-file.ts';
import type { Stage, StageInput } from './stage.ts';

/** The settings that any PC can edit. */
const CARD = 'wwanpi.txt';
/** The values in force, secrets too. */
const VALUES = '/etc/wwanpi/card-settings';
/** wwanpi.txt as the Pi saw it last. */
const SEEN = '/var/lib/wwanpi/card-settings.wwanpi.txt';
const UNIT = '/etc/systemd/system/wwanpi-card-settings.service';
const WANTED = '/etc/systemd/system/sysinit.target.wants/wwanpi-card-settings.service';
const FOLDER = '/usr/lib/wwanpi';
const SCRIPTS = ['card-settings', 'card-check', 'card-files', 'card-plan', 'card-users'].map(
  (name) => `${FOLDER}/${name}`,
);
const RULES = `${FOLDER}/card-rules`;
const TEMPLATES = `${FOLDER}/templates`;

/** wwanpi.txt on the card, and the unit that takes over what was edited there. */
export const cardSettings: Stage = {
  name: 'card-settings',
  reads: () => [...listOnBoot(CARD), VALUES, SEEN, UNIT, WANTED, RULES, ...SCRIPTS, DPKG_STATUS],
  plan: (input) => {
    const { recipe, facts, overlay } = input;
    const { stack, bootFolder } = facts.system;
    const values = listCardValues(recipe, stack);
    const text = formatCardText(values);
    const file = fromOverlay('card-settings', overlay);
    const hasSecret = CARD_KEYS.some(({ key, secret }) => secret && values.get(key) !== '');
    const lines = CARD_KEYS.map(({ key }) => `${key}=${values.get(key) ?? ''}\n`);
    return {
      changes: [
        rootFile('card-settings', `${bootFolder}/${CARD}`, text),
        rootFile('card-settings', SEEN, text, { mode: 0o600 }),
        rootFile('card-settings', VALUES, lines.join(''), { mode: 0o600, secret: hasSecret }),
        ...SCRIPTS.map((path, index) => file(path, index === 0 ? 0o755 : 0o644)),
        rootFile('card-settings', RULES, formatBashRules(stack)),
        ...TEMPLATES_OF[stack](input),
        file(UNIT),
        { kind: 'symlink', stage: 'card-settings', path: WANTED, target: UNIT },
      ],
    };
  },
};

/** What an image is built with, as settings. Empty: none, or as in the base. */
export function listCardValues(recipe: Recipe, stack: Stack): ReadonlyMap<CardKey, string> {
  const { credentials, wifi, password } = recipe;
  return new Map<CardKey, string>([
    ['apn', recipe.apn],
    ['user', credentials?.user ?? ''],
    ['password', credentials?.password ?? ''],
    ['auth', credentials?.auth ?? ''],
    ['pin', recipe.pin ?? ''],
    ['dns', recipe.dns.length === 0 ? 'none' : recipe.dns.join(' ')],
    ['metric', String(recipe.metric ?? getDefaultMetric(stack))],
    ['hostname', recipe.hostname ?? ''],
    ['login-user', recipe.user ?? ''],
    ['login-password', password.kind === 'hash' ? password.hash : ''],
    // Several keys are (stored) in wwanpi.txt: no line can hold a tab.
    ['ssh-key', recipe.sshKeys.join('\t')],
    ['wifi-ssid', wifi?.ssid ?? ''],
    ['wifi-password', wifi?.psk ?? ''],
    ['wifi-country', wifi?.country ?? ''],
    ['timezone', recipe.timezone ?? ''],
  ]);
}

/** The overlays whose placeholders the settings fill; none for what this base cannot use. */
const TEMPLATES_OF: Readonly<Record<Stack, (input: StageInput) => FileChange[]>> = {
  ifupdown: (input) => {
    const { recipe, files } = input;
    const installed = basePackages(files);
    const template = makeTemplate(input);
    return [
      template('/etc/network/interfaces.d/wwan0', ['APN', 'METRIC', 'PIN'], {
        FIREWALL: quoteFirewall(recipe, files),
      }),
      template('/etc/qmi-network.conf', ['APN', 'USER', 'PASSWORD']),
      ...(recipe.ndisdup === 'off' ? [] : [template('/etc/wwanpi/ndisdup.conf', ['COMMAND'])]),
      template('/etc/wwanpi/pin', ['PIN']),
      template('/usr/lib/wwanpi/enter-pin', []),
      ...(installed.has('openresolv') ? [template('/etc/resolv.conf.head', ['SERVERS'])] : []),
      template('/etc/ssh/sshd_config.d/10-wwanpi.conf', []),
      ...(installed.has('wpasupplicant')
        ? [template('/boot/wpa_supplicant.conf', ['COUNTRY', 'SSID', 'KEY'])]
        : []),
    ];
  },
  networkmanager: (input) => {
    const installed = basePackages(input.files);
    const template = makeTemplate(input);
    return [
      template(KEYFILE, ['APN', 'CREDENTIALS', 'METRIC', 'SERVERS', 'METHODS']),
      template(PIN, ['PIN']),
      template('/etc/ssh/sshd_config.d/10-wwanpi.conf', []),
      ...(installed.has('userconf-pi') ? [template(PRESET, [])] : []),
      ...(installed.has('cloud-init') ? [template(CLOUD, [])] : []),
      ...(installed.has('wpasupplicant')
        ? [template(WIFI_KEYFILE, ['SSID', 'KEY']), template(REGULATORY, ['COUNTRY'])]
        : []),
    ];
  },
};

/** A maker of templates: an overlay whose placeholders of these names stay. */
function makeTemplate({ overlay }: StageInput) {
  const keep = (name: string) => [name, asQuoted(`@@${name}@@`)] as const;
  return (path: string, names: readonly string[], values: Readonly<Record<string, Quoted>> = {}) =>
    rootFile(
      'card-settings',
      `${TEMPLATES}${path}`,
      fillPlaceholders(overlay(path), { ...Object.fromEntries(names.map(keep)), ...values }),
    );
}
