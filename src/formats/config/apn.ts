/** The result of `checkApn`: `faults` reject the APN, `oddities` cause a warning. Each text continues "APN …". */
export interface ApnVerdict {
  readonly faults: readonly string[];
  readonly oddities: readonly string[];
}

/**
 * Checks an APN by 3GPP TS 23.003 §9.1 and §9.1.1: dot-separated labels of letters, digits and inner hyphens,
 * each at most 63 octets; the network identifier at most 63 octets encoded (62 characters), the whole at most
 * 100 encoded; an operator identifier only as `mncNNN.mccNNN.gprs`. Some carriers use a few other characters,
 * so those are only oddities. Characters of AT, ifupdown or shell syntax are always faults.
 */
export function checkApn(apn: string): ApnVerdict {
  const faults: string[] = [];
  const oddities: string[] = [];
  if (apn === '') return { faults: ['is empty'], oddities };
  const bad = [...new Set(apn.match(/[^A-Za-z0-9._:@+/=-]/gu) ?? [])];
  if (bad.length > 0) {
    faults.push(
      `holds ${bad.map(nameCharacter).join(', ')}; an APN has only letters, digits, hyphens and dots`,
    );
  }
  const operator = /\.mnc\d{3}\.mcc\d{3}\.gprs$/i.exec(apn);
  const network = operator === null ? apn : apn.slice(0, operator.index);
  if (network.length > 62) {
    faults.push(`is ${network.length} characters long; a network identifier has at most 62`);
  }
  if (apn.length > 99)
    faults.push(`is ${apn.length} characters long; with its operator identifier it has at most 99`);
  const labels = network.split('.');
  if (labels.includes('')) faults.push('has an empty label: a dot at an end, or two in a row');
  if (labels.some((label) => label.length > 63)) faults.push('has a label of more than 63 characters');
  const prefix = /^(rac|lac|sgsn|rnc)/i.exec(network)?.[0];
  if (prefix !== undefined)
    faults.push(`begins with "${prefix}", which TS 23.003 §9.1.1 keeps for network nodes`);
  if (operator === null && /\.gprs$/i.test(apn)) {
    faults.push('ends in ".gprs" without the mncNNN.mccNNN of an operator identifier before it');
  }
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
