import { findFaults, type Rule } from './rule.ts';

/** A whole operator identifier at the end of an APN (TS 23.003 §9.1.2). */
const OPERATOR = '[.][mM][nN][cC][0-9]{3}[.][mM][cC][cC][0-9]{3}[.][gG][pP][rR][sS]';

/** What refuses an APN, by 3GPP TS 23.003 §9.1 and §9.1.1. */
export const APN_RULES: readonly Rule[] = [
  { pattern: '^$', refuses: true, fault: 'is empty' },
  {
    pattern: '[^A-Za-z0-9._:@+/=-]',
    refuses: true,
    fault: 'holds a character that no APN has; an APN has only letters, digits, hyphens and dots',
  },
  {
    pattern: `^.{0,62}(${OPERATOR})?$`,
    fault: 'is too long; a network identifier has at most 62 characters',
  },
  { pattern: '^.{100}', refuses: true, fault: 'is longer than 99 characters' },
  {
    pattern: '^[.]|[.][.]|[.]$',
    refuses: true,
    fault: 'has an empty label: a dot at an end, or two in a row',
  },
  {
    pattern: '^([rR][aA][cC]|[lL][aA][cC]|[sS][gG][sS][nN]|[rR][nN][cC])',
    refuses: true,
    fault: 'begins with "rac", "lac", "sgsn" or "rnc", which TS 23.003 §9.1.1 keeps for network nodes',
  },
  {
    pattern: '[.][gG][pP][rR][sS]$',
    refuses: true,
    unless: `${OPERATOR}$`,
    fault: 'ends in ".gprs" without the mncNNN.mccNNN of an operator identifier before it',
  },
];

/** The result of `checkApn`: `faults` reject the APN, `oddities` cause a warning. Each text continues "APN …". */
export interface ApnVerdict {
  readonly faults: readonly string[];
  readonly oddities: readonly string[];
}

/**
 * Checks an APN by `APN_RULES`: dot-separated labels of letters, digits and inner hyphens,
 * each at most 63 octets; the network identifier at most 63 octets encoded (62 characters), the whole at most
 * 100 encoded; an operator identifier only as `mncNNN.mccNNN.gprs`. Some carriers use a few other characters,
 * so those are only oddities. Characters of AT, ifupdown or shell syntax are always faults.
 */
export function checkApn(apn: string): ApnVerdict {
  const faults = findFaults(apn, APN_RULES);
  const oddities: string[] = [];
  const bad = [...new Set(apn.match(/[^A-Za-z0-9._:@+/=-]/gu) ?? [])];
  if (bad.length > 0) {
    const named = `holds ${bad.map(nameCharacter).join(', ')}; an APN has only letters, digits, hyphens and dots`;
    faults[faults.findIndex((fault) => fault.startsWith('holds a character'))] = named;
  }
  const labels = apn.replace(new RegExp(`${OPERATOR}$`), '').split('.');
  if (labels.some((label) => /^-|-$/.test(label)))
    oddities.push('has a label that begins or ends with a hyphen');
  const odd = [...new Set(apn.match(/[_:@+/=]/g) ?? [])];
  if (odd.length > 0)
    oddities.push(
      `holds ${odd.map(nameCharacter).join(', ')}; an APN has letters, digits, dots and hyphens (3GPP TS 23.003 §9.1)`,
    );
  return { faults, oddities };
}

/** A character for a message: as text or by name, never one that could control a terminal. */
function nameCharacter(character: string): string {
  const names: Record<string, string> = {
    ' ': 'a space',
    '"': 'a double quote',
    "'": 'a quote',
    ',': 'a comma',
    '*': 'an asterisk',
  };
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return `a control character (U+${hex(code)})`;
  if (code > 0x7e) return `a non-ASCII character (U+${hex(code)})`;
  return names[character] ?? `"${character}"`;
}

function hex(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, '0');
}
