import { findServerFaults, splitServers } from '../config/address.ts';
import { findFaults, toByteString } from '../config/rule.ts';
import { findBlobFault } from '../config/ssh-key.ts';
import { CARD_KEYS, type CardKey, type CardKeyEntry, STORED } from './keys.ts';

/** Settings by key; a value is as in wwanpi.txt, so it may be empty or `(stored)`. */
export type CardValues = ReadonlyMap<CardKey, string>;

/** A value that is refused. Its text never has the value. */
export interface ValueFault {
  readonly key: CardKey;
  /** A sentence without its subject: "holds a space". */
  readonly fault: string;
}

/**
 * Checks settings by the rules of the command line. /usr/lib/wwanpi/card-settings does the same on the Pi, with the same
 * texts in the same order; there alone it shows whether the time zone exists and the user can be renamed.
 * @param values those of the file; a key that is left out is as in `current`
 * @param current the values that apply so far, as far as they are known
 */
export function checkCardSettings(values: CardValues, current: CardValues = new Map()): ValueFault[] {
  const own = CARD_KEYS.flatMap((entry) =>
    findValueFaults(entry, values.get(entry.key)).map((fault): ValueFault => ({ key: entry.key, fault })),
  );
  if (own.length > 0) return own;
  const resolve = (key: CardKey) => resolveValue(key, values, current);
  const has = (key: CardKey) => resolve(key) !== '';
  const faults: ValueFault[] = [];
  if (!has('user')) {
    if (has('password')) faults.push({ key: 'password', fault: 'is given without user; give both, or none' });
    if (has('auth') && resolve('auth') !== 'none') {
      faults.push({ key: 'auth', fault: 'is given without user; give both, or none' });
    }
  }
  if (has('wifi-ssid')) {
    if (!has('wifi-country')) {
      faults.push({ key: 'wifi-ssid', fault: 'needs wifi-country: the radio stays blocked without it' });
    }
    const isKept = (values.get('wifi-password') ?? STORED) === STORED && has('wifi-password');
    const before = current.get('wifi-ssid') ?? '';
    // The Pi has a key that was made from both.
    if (isKept && before !== '' && before !== resolve('wifi-ssid')) {
      faults.push({ key: 'wifi-password', fault: 'is stored for the old wifi-ssid; write it again' });
    }
  } else {
    for (const key of ['wifi-password', 'wifi-country'] as const) {
      if (has(key)) faults.push({ key, fault: 'is given without wifi-ssid; name the network too' });
    }
  }
  return faults;
}

/** What a setting will be: as given or, where it is left out or `(stored)`, as it is; `(stored)` if that is not known. */
export function resolveValue(key: CardKey, values: CardValues, current: CardValues): string {
  const value = values.get(key) ?? STORED;
  return value === STORED ? (current.get(key) ?? (values.has(key) ? value : '')) : value;
}

/**
 * The faults of one value, for a form that checks as one types; none for `(stored)` and for a key left out.
 * @param entry its line in the table
 */
export function findValueFaults(entry: CardKeyEntry, value: string | undefined): string[] {
  if (value === undefined || value === STORED) return [];
  if (value === '') return entry.key === 'apn' ? ['is empty; the Pi cannot dial without one'] : [];
  if (toByteString(value).length > entry.maxBytes) return [`is longer than ${entry.maxBytes} bytes`];
  const faults = findFaults(value, entry.rules);
  if (faults.length > 0) return faults;
  if (entry.special === 'dns') return findServerFaults(splitServers(value));
  const blob = entry.special === 'ssh-key' ? findBlobFault(value) : undefined;
  return blob === undefined ? [] : [blob];
}
