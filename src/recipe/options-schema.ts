import { z } from 'zod';
import { type OptionEntry, toCamel } from '../options/option.ts';
import { listOptions, type RecipeOptions } from '../options/options.ts';

const MAX_INT32 = 2_147_483_647;

/**
 * The schema of the options that make a recipe, by their camel case names, made from the table of options. It checks
 * only their types; `parseRecipe` checks the values.
 */
export const optionsSchema = z.strictObject(
  Object.fromEntries(
    listOptions('build')
      .filter(({ recipe }) => recipe === true)
      .map((option) => [toCamel(option.name), makeSchema(option)]),
  ),
) as unknown as z.ZodObject<Record<keyof RecipeOptions, z.ZodType>, z.core.$strict>;

/** The options after the check of their types; any may be missing while issues are collected. */
export type RawOptions = RecipeOptions;

function makeSchema(option: OptionEntry): z.ZodType {
  const schema = makeValueSchema(option);
  return (option.required === true ? schema : schema.optional()).describe(option.help);
}

function makeValueSchema({ type, choices, needs = 'a value' }: OptionEntry): z.ZodType {
  switch (type) {
    case 'switch':
      return z.boolean('is a switch: it takes no value');
    case 'list':
      return z.preprocess(
        (value) => (typeof value === 'string' ? [value] : value),
        z.array(z.string(`needs ${needs}`), `needs ${needs}`),
      );
    case 'number':
      return choices === undefined
        ? wholeNumber(needs)
        : z.union([z.literal(choices), wholeNumber(needs)], `needs ${needs}, or "${choices.join('", "')}"`);
    case 'text':
      return choices === undefined
        ? z.string(`needs ${needs}`)
        : z.enum(choices, `must be one of ${choices.join(', ')}`);
  }
}

function wholeNumber(what: string): z.ZodType<number> {
  return z.preprocess(
    // Only plain digits: Number('') is 0 and Number('0x10') is 16.
    (value) => (typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value),
    z.number(`needs ${what}`).int(`needs ${what}`).min(0, `needs ${what}`).max(MAX_INT32, `needs ${what}`),
  ) as z.ZodType<number>;
}
