import { foldText } from './fold-text.ts';

const REGIONS = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'code' });

/** The code for SIM cards that roam everywhere: ISO 3166 reserves ZZ for users. */
export const INTERNATIONAL = 'zz';

/** A country's English name by its code of two letters; an unknown code is returned unchanged. */
export function nameCountry(code: string): string {
  // CLDR calls it "Unknown Region".
  if (code === INTERNATIONAL) return 'International';
  try {
    return REGIONS.of(code.toUpperCase()) ?? code;
  } catch {
    // Throws on anything that does not have the form of a region code.
    return code;
  }
}

/**
 * The names by which people call a country, folded: its code, its name in English and in its own main language (the one
 * that CLDR's likely subtags give), and those of OTHER_NAMES.
 */
export function listCountryNames(code: string): string[] {
  const names = [nameCountry(code), nameInOwnLanguage(code), ...(OTHER_NAMES[code] ?? [])];
  return [...new Set([code, ...names.map(foldText)])].filter((name) => name !== '');
}

/**
 * Finds a country by any of its names, in any case and with or without accents: `uk`, `Germany`, `Deutschland`.
 * @param codes the countries to choose from, two letters in lower case
 * @returns its code, or undefined
 */
export function findCountry(name: string, codes: readonly string[]): string | undefined {
  const wanted = foldText(name);
  return (
    codes.find((code) => code === wanted) ?? codes.find((code) => listCountryNames(code).includes(wanted))
  );
}

/** Names in common use that CLDR does not have as the main name. UK is reserved for GB in ISO 3166. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  ae: ['uae', 'emirates'],
  ba: ['bosnia'],
  cd: ['drc', 'dr congo', 'democratic republic of the congo', 'congo kinshasa'],
  ci: ['ivory coast'],
  cz: ['czech republic'],
  gb: ['uk', 'britain', 'great britain', 'england', 'scotland', 'wales'],
  hk: ['hong kong'],
  in: ['bharat'],
  kr: ['korea'],
  mk: ['macedonia'],
  mm: ['burma', 'myanmar'],
  mo: ['macao', 'macau'],
  nl: ['holland'],
  ru: ['russian federation'],
  tr: ['turkey'],
  us: ['usa', 'america', 'united states of america'],
  va: ['vatican'],
};

function nameInOwnLanguage(code: string): string {
  try {
    const { language } = new Intl.Locale(`und-${code.toUpperCase()}`).maximize();
    return (
      new Intl.DisplayNames([language], { type: 'region', fallback: 'none' }).of(code.toUpperCase()) ?? ''
    );
  } catch {
    return '';
  }
}
