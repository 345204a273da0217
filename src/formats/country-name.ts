const REGIONS = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'code' });

/** The code of SIM cards that roam everywhere: ISO 3166 leaves ZZ to its users. */
export const INTERNATIONAL = 'zz';

/** A country's English name by its code of two letters; the code itself where it is none. */
export function nameCountry(code: string): string {
  // CLDR calls it "Unknown Region".
  if (code === INTERNATIONAL) return 'International';
  try {
    return REGIONS.of(code.toUpperCase()) ?? code;
  } catch {
    // Two letters are a region code's form; anything else is no code.
    return code;
  }
}
