import { type Environment, readVariable } from '../core/environment.ts';

/** Where the guess of a country comes from, for the text beside it. */
export interface CountryGuess {
  /** Two small letters. */
  readonly country: string;
  readonly from: 'time zone' | 'language';
}

/**
 * Guesses the country of a person. The time zone comes first, because en_US is the language of many people elsewhere;
 * the locale (LC_ALL, then LANG: locale(7)) decides where the zone names no country, as UTC does, or several.
 * @param countries the possible ones, two small letters each
 */
export function guessCountry(
  env: Environment,
  timeZone: string | undefined,
  countries: readonly string[],
): CountryGuess | undefined {
  const ofZone = timeZone === undefined ? [] : countries.filter((code) => listZones(code).includes(timeZone));
  const locale = readVariable('LC_ALL', env) ?? readVariable('LANG', env) ?? '';
  const territory = /^[a-z]{2,3}_([A-Z]{2})(?:[.@]|$)/.exec(locale)?.[1]?.toLowerCase();
  if (territory !== undefined && (ofZone.length === 0 || ofZone.includes(territory))) {
    if (countries.includes(territory)) return { country: territory, from: 'language' };
  }
  const [country] = ofZone;
  return country === undefined ? undefined : { country, from: 'time zone' };
}

/** The time zones of a country, by CLDR: a getter up to Node 22, a function from Node 24 on (ECMA-402, Intl Locale Info). */
function listZones(country: string): readonly string[] {
  try {
    const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & {
      readonly timeZones?: readonly string[];
      getTimeZones?(): readonly string[] | undefined;
    };
    return locale.getTimeZones?.() ?? locale.timeZones ?? [];
  } catch {
    // Throws on a code that has not the form of a region.
    return [];
  }
}
