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
