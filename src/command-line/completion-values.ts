import { z } from 'zod';
import { BASES } from '../base/bases.ts';
import { SCENARIOS } from '../boot/scenarios.ts';
import { loadCarriers } from '../carriers/load-carriers.ts';
import { MATRIX_KINDS } from '../fleet/format-matrix.ts';
import { optionsSchema } from '../recipe/options-schema.ts';
import { PACK_FORMATS } from '../recipe/packing.ts';
import type { Candidate, ValueSource } from './complete-words.ts';

/**
 * The words for values: named bases, scenarios, carriers and countries of the installed data, and what the recipe's
 * schema allows. Whatever fails gives no words: a key pressed is no place for an error.
 */
export const listOptionValues: ValueSource = async (option) => {
  const list = SOURCES[option.name] ?? (() => listEnum(option.name));
  try {
    return await list();
  } catch {
    return [];
  }
};

const listWords = (words: readonly string[]) => words.map((word) => ({ word, describe: '' }));

const SOURCES: Readonly<Record<string, () => readonly Candidate[] | Promise<readonly Candidate[]>>> = {
  base: () => BASES.map(({ name, description }) => ({ word: name, describe: description })),
  scenario: () => SCENARIOS.map(({ name, description }) => ({ word: name, describe: description })),
  matrix: () => listWords(MATRIX_KINDS),
  compress: () => listWords(PACK_FORMATS),
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

/** Of the data on this machine; nothing is fetched for a key pressed. */
async function readCarriers() {
  const { carriers } = await loadCarriers(() => Promise.reject(new Error('not installed')));
  return carriers.filter(({ usage }) => usage === 'internet');
}

/** What the schema of build options lists for an option. */
function listEnum(name: string): Candidate[] {
  const { properties = {} } = z.toJSONSchema(optionsSchema, { io: 'input', unrepresentable: 'any' });
  const key = name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const property = properties[key];
  const values = typeof property === 'object' ? (property.enum ?? []) : [];
  return listWords(values.map(String));
}
