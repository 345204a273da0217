import { BASES } from '../base/bases.ts';
import { SCENARIOS } from '../boot/scenarios.ts';
import { isOffered } from '../carriers/carrier.ts';
import { loadCarriers } from '../carriers/load-carriers.ts';
import type { KnownNames } from '../options/option.ts';
import { listCommands } from './command-list.ts';
import type { Candidate, ValueSource } from './complete-words.ts';

/**
 * The names that complete a value: bases, scenarios, carriers and countries of the installed data. On an error there
 * are no names, because a completion must not print errors.
 */
export const listKnownNames: ValueSource = async ({ names }) => {
  try {
    return names === undefined ? [] : await SOURCES[names]();
  } catch {
    return [];
  }
};

const SOURCES: Readonly<Record<KnownNames, () => readonly Candidate[] | Promise<readonly Candidate[]>>> = {
  command: () => listCommands().map(({ name, describe }) => ({ word: name, describe })),
  base: () => BASES.map(({ name, description }) => ({ word: name, describe: description })),
  scenario: () => SCENARIOS.map(({ name, description }) => ({ word: name, describe: description })),
  carrier: async () =>
    (await readCarriers()).map(({ id, provider, apn }) => ({
      word: id,
      describe: `${provider}, APN ${apn}`,
    })),
  country: async () => [
    ...new Map(
      (await readCarriers()).map(({ country, countryName }) => [
        country,
        { word: country, describe: countryName },
      ]),
    ).values(),
  ],
};

/** Reads the data on this machine; a completion must not download anything. */
async function readCarriers() {
  const { carriers } = await loadCarriers(() => Promise.reject(new Error('not installed')));
  return carriers.filter(isOffered);
}
