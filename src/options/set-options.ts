import { CARD_KEYS } from '../formats/card-settings/keys.ts';
import { ACCESS_OPTIONS } from './access-options.ts';
import { IMAGE_OPTIONS } from './image-options.ts';
import { LOCALISATION_OPTIONS } from './localisation-options.ts';
import type { OptionEntry } from './option.ts';

const BUILD_OPTIONS: readonly OptionEntry[] = [...IMAGE_OPTIONS, ...ACCESS_OPTIONS, ...LOCALISATION_OPTIONS];

/** Where the help of `build` does not fit. */
const HELP: Readonly<Record<string, string>> = {
  apn: 'Access point name, as the carrier writes it',
  carrier: 'Carrier to take APN, user and password from: us/metropcs',
  'ssh-key': 'Public key file for logging in, with one key',
};

/**
 * The options of `wwanpi set`: those of `build` that stand for a key of wwanpi.txt, in the order of --help, and its own.
 * What is not given stays as it is, so none has a default.
 */
export const SET_OPTIONS: readonly OptionEntry[] = [
  ...BUILD_OPTIONS.filter(
    ({ name }) => name === 'carrier' || CARD_KEYS.some(({ option }) => option === name),
  ).map(toSetting),
  {
    name: 'output',
    commands: ['set'],
    group: 'Output',
    type: 'text',
    metavar: 'FILE',
    help: 'Write a copy to this file, and leave the image',
    path: 'write-file',
  },
  {
    name: 'sign',
    commands: ['set'],
    group: 'Output',
    type: 'text',
    metavar: 'KEY',
    help: 'Sign the new SHA256SUMS with a gpg key or a minisign secret key file; passphrase in $WWANPI_SIGN_PASSPHRASE',
  },
  {
    name: 'dry-run',
    commands: ['set'],
    group: 'Output',
    type: 'switch',
    help: 'Print the lines that would change; change nothing',
  },
  {
    name: 'yes',
    alias: 'y',
    commands: ['set'],
    group: 'Output',
    type: 'switch',
    help: 'Do not ask before a card is changed; for scripts',
  },
  {
    name: 'force',
    commands: ['set'],
    group: 'Output',
    type: 'switch',
    help: 'Also change a disk that is not removable, or an image that its SHA256SUMS does not fit',
  },
];

/** An option of `build` as `set` has it: one of many, without what the recipe, fleets and the Action do with it. */
function toSetting(option: OptionEntry): OptionEntry {
  const { name, group, type, metavar, choices, names, needs, secret, variable, path } = option;
  const help = HELP[name] ?? option.help;
  const all = { name, group, type, metavar, choices, names, needs, secret, variable, path, help };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return { ...given, commands: ['set'] } as unknown as OptionEntry;
}
