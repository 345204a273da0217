import { findBase } from '../base/bases.ts';
import type { CarrierData } from '../carriers/carrier.ts';
import { readProgram } from '../core/package.ts';
import { nameCountry } from '../formats/country-name.ts';
import { printable } from '../formats/printable.ts';
import { joinWords } from '../options/describe-option.ts';
import { toKebab } from '../options/option.ts';
import { mapVariables } from '../options/options.ts';
import { formatArgv } from '../tools/exec.ts';
import { type Answers, findWifiCountry } from './answers.ts';
import { nameBase, nameCarrier, PI_CHOICES } from './choices.ts';

/** The build that the answers ask for. */
export interface GuidedBuild {
  /** The options of `wwanpi build`, camel case, without secrets. */
  readonly options: Readonly<Record<string, string | readonly string[] | boolean>>;
  /** The options that no command line may show, camel case. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Makes the build of the answers. */
export function planGuidedBuild(answers: Answers): GuidedBuild {
  const { base = '', carrier, apn, login, user, place = {}, wifi, ssid } = answers;
  const options = {
    base,
    carrier: apn === undefined ? carrier : undefined,
    apn,
    user: login?.kind === 'nobody' || user === 'pi' ? undefined : user,
    sshKey: login?.kind === 'key' ? [login.path] : undefined,
    ssh: login?.kind === 'password' ? true : undefined,
    login: login?.kind === 'nobody' && isClosed(base) ? false : undefined,
    ...place,
    wifiSsid: wifi === true ? ssid : undefined,
    wifiCountry: wifi === true ? findWifiCountry(answers) : undefined,
  };
  const secrets = {
    password: login?.kind === 'password' ? answers.password : undefined,
    wifiPsk: wifi === true && answers.passphrase !== '' ? answers.passphrase : undefined,
    pin: answers.hasPin === true ? answers.pin : undefined,
  };
  return { options: dropUndefined(options), secrets: dropUndefined(secrets) };
}

/** The words after `wwanpi` that ask for a build; without its secrets. */
export function listWords({ options }: Pick<GuidedBuild, 'options'>): string[] {
  const words = Object.entries(options).flatMap(([key, value]) => {
    const name = `--${toKebab(key)}`;
    if (typeof value === 'boolean') return [value ? name : `--no-${name.slice(2)}`];
    // A value that begins with a dash would look like an option.
    return [value].flat().flatMap((each) => (each.startsWith('-') ? [`${name}=${each}`] : [name, each]));
  });
  return ['build', ...words];
}

/** The command that does the same again, for a shell, after a sentence that names the variables of its secrets. */
export function formatSameAgain(build: GuidedBuild): string {
  const names = mapVariables({ secretOnly: true });
  const variables = Object.keys(build.secrets).map((option) => names[option] ?? option);
  const without = variables.length === 0 ? '' : `, with ${joinWords(variables, 'and')} in the environment`;
  return `The same again${without}:\n\n  ${formatArgv([readProgram(), ...listWords(build)])}\n`;
}

/** The plan in five lines, each a label and a text. */
export function describePlan(
  answers: Answers,
  data: CarrierData | undefined,
  imagePath: string,
): ReadonlyArray<readonly [label: string, text: string]> {
  const { pi, base = '', place = {}, wifi, ssid = '', hasPin } = answers;
  const pin = hasPin === true ? ', with a PIN' : '';
  return [
    [
      'Pi',
      `${PI_CHOICES.find(({ value }) => value === pi)?.label}, with ${[nameBase(base), ...Object.values(place)].join(', ')}`,
    ],
    ['Carrier', `${describeCarrier(answers, data)}${pin}`],
    ['Login', describeLogin(answers)],
    ['Wi-Fi', wifi === true ? printable(ssid) : 'no'],
    ['Image', imagePath],
  ];
}

/** Who can log in, and how. */
export function describeLogin({ login, user = 'pi' }: Answers): string {
  switch (login?.kind) {
    case 'key':
      return `user ${user}, with the key ${login.shown}`;
    case 'password':
      return `user ${user}, with a password; SSH is on`;
    default:
      return 'nobody';
  }
}

/** What it means that nobody logs in, for a base. */
export function warnOfNobody(base: string): string {
  return isClosed(base)
    ? 'Nobody will ever be able to log in to this Pi: if something is wrong, you cannot find out what.'
    : 'SSH stays off, and anyone at the keyboard can log in as pi with the password that everybody knows, raspberry.';
}

/** The carrier, its country and the APN, as far as they are known. */
function describeCarrier({ country, carrier, apn }: Answers, data: CarrierData | undefined): string {
  if (apn !== undefined) return `APN ${printable(apn)}`;
  const row = data?.carriers.find(({ id }) => id === carrier);
  if (row === undefined) return nameCountry(country ?? '');
  return `${nameCarrier(row)} (${nameCountry(row.country)}), APN ${printable(row.apn)}`;
}

/** Whether no user of the base has a password. */
function isClosed(base: string): boolean {
  return findBase(base)?.passwordUsers.length === 0;
}

function dropUndefined<Value>(record: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, Value] => entry[1] !== undefined),
  );
}
