import type { OptionEntry } from './option.ts';
import { listOptions } from './options.ts';

/** An input of the Action that is not an option of `build` or `fleet`. */
export interface OwnInput {
  readonly name: string;
  /** The variable that passes a secret to wwanpi. */
  readonly variable?: string;
}

/** The inputs of action.yml that are not options. */
export const OWN_INPUTS: readonly OwnInput[] = [
  { name: 'fleet' },
  { name: 'boot' },
  { name: 'args' },
  { name: 'host-packages' },
  { name: 'cache' },
  { name: 'debian-mirror' },
  { name: 'node-version' },
  { name: 'sign-passphrase', variable: 'WWANPI_SIGN_PASSPHRASE' },
];

/** Inputs that action.yml passes to wwanpi in environment variables, which keeps them out of the process list. */
export const SECRET_INPUTS: Readonly<Record<string, string>> = Object.fromEntries(
  [...listInputOptions().filter(({ secret }) => secret === true), ...OWN_INPUTS].flatMap(
    ({ name, variable }) => (variable === undefined ? [] : [[name, variable]]),
  ),
);

/** The options that are inputs, without duplicates: the entry of `build`, or else that of `fleet`. */
export function listInputOptions(): OptionEntry[] {
  const options = [...listOptions('build'), ...listOptions('fleet')].filter(({ action }) => action === true);
  return [...new Map(options.toReversed().map((option) => [option.name, option])).values()].toReversed();
}
