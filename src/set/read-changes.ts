import { applyCarrier, type CarrierChoice } from '../carriers/apply-carrier.ts';
import type { CarrierData } from '../carriers/carrier.ts';
import type { Environment } from '../core/environment.ts';
import { InputError } from '../core/errors.ts';
import { type CardValues, findValueFaults } from '../formats/card-settings/check.ts';
import { CARD_KEYS, type CardKey, getCardKey } from '../formats/card-settings/keys.ts';
import { checkApn } from '../formats/config/apn.ts';
import { collectIssues, type Issue, OptionsError } from '../formats/issues.ts';
import { quoteForMessage } from '../formats/printable.ts';
import { toCamel } from '../options/option.ts';
import { readFromEnvironment } from '../options/options.ts';
import { readSshKeys } from '../recipe/read-ssh-keys.ts';

/** The settings that a command line asks for. */
export interface SettingChanges {
  /** As wwanpi.txt writes them; empty: none, or the base's own. */
  readonly values: CardValues;
  /** The carrier that `--carrier` names. */
  readonly carrier: (CarrierChoice & { readonly id: string }) | undefined;
  readonly warnings: readonly string[];
}

/**
 * Makes the changes of the options of `wwanpi set`. What an option takes with it is changed, too: a carrier its user and
 * password, an APN without a user the password, another Wi-Fi network its passphrase.
 * @param line camel case
 * @param carriers needed with `--carrier`
 * @throws OptionsError with every issue at once; InputError when nothing is to be changed
 */
export async function readChanges(
  line: Readonly<Record<string, unknown>>,
  env: Environment,
  carriers: CarrierData | undefined,
): Promise<SettingChanges> {
  const issues: Issue[] = [];
  const given = { ...readFromEnvironment(env), ...line };
  const chosen = await collectIssues(issues, async () => applyCarrier(given, carriers));
  const options = chosen?.options ?? given;
  const values = new Map<CardKey, string>();
  for (const { key, option } of CARD_KEYS) {
    const value = options[toCamel(option)];
    if (value === undefined) continue;
    if (key === 'ssh-key')
      await collectIssues(issues, async () => values.set(key, await readKey(value as string[])));
    else values.set(key, Array.isArray(value) ? value.join(' ') : String(value));
  }
  takeAlong(values, chosen?.carrier !== undefined);
  issues.push(...[...values].flatMap(([key, value]) => findIssues(key, value)));
  if (issues.length > 0) throw new OptionsError(issues);
  if (values.size === 0) {
    throw new InputError('no setting is given, so nothing would change', {
      hint: 'for example: wwanpi set out/internet.img.xz --apn web.vodafone.de',
    });
  }
  const apn = values.get('apn');
  const oddities = apn === undefined ? [] : checkApn(apn).oddities;
  return {
    values,
    carrier: chosen?.carrier === undefined ? undefined : { ...chosen.carrier, id: String(options.carrier) },
    warnings: [
      ...(chosen?.warnings ?? []),
      ...oddities.map(
        (oddity) =>
          `--apn ${quoteForMessage(apn ?? '')} ${oddity}; check it against what your carrier writes`,
      ),
    ],
  };
}

/** The issues of a value; a secret is not in them. */
function findIssues(key: CardKey, value: string): Issue[] {
  const entry = getCardKey(key);
  // Names the character that an APN cannot have.
  const faults = key === 'apn' && value !== '' ? checkApn(value).faults : findValueFaults(entry, value);
  const edge = /^[ \t]|[ \t]$/.test(value)
    ? ['begins or ends with a blank, which wwanpi.txt cannot hold']
    : [];
  return [...faults, ...edge].map((message) => ({
    option: entry.option,
    value: entry.secret ? undefined : value,
    message,
  }));
}

function takeAlong(values: Map<CardKey, string>, hasCarrier: boolean): void {
  const empty = (keys: readonly CardKey[]) => {
    for (const key of keys) if (!values.has(key)) values.set(key, '');
  };
  if (hasCarrier) empty(['user', 'password', 'auth']);
  if (values.get('user') === '') empty(['password', 'auth']);
  if (values.has('wifi-ssid')) empty(['wifi-password']);
  if (values.get('wifi-ssid') === '') empty(['wifi-country']);
}

async function readKey(paths: readonly string[]): Promise<string> {
  const given = paths.filter((path) => path !== '');
  const [key = '', ...others] = await readSshKeys(given);
  if (others.length === 0) return key;
  const message = `holds ${others.length + 1} keys, and wwanpi.txt has room for one`;
  throw new OptionsError([{ option: 'ssh-key', message, hint: 'give a file with one key' }]);
}
