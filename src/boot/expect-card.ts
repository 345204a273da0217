import { readCardText } from '../formats/card-settings/card-text.ts';
import { type CardValues, resolveValue } from '../formats/card-settings/check.ts';
import { CARD_KEYS, type CardKey, isCardKey } from '../formats/card-settings/keys.ts';
import { splitServers } from '../formats/config/address.ts';
import { getDefaultMetric } from '../formats/config/metric.ts';
import type { ImageSetup } from './parse-expectations.ts';

/** The texts of what an image has of wwanpi.txt; undefined where it has no such file. */
export interface CardFiles {
  /** /boot/wwanpi.txt. */
  readonly card: string | undefined;
  /** The same, as the Pi saw it last. */
  readonly seen: string | undefined;
  /** /etc/wwanpi/card-settings: the values in force, key=value. */
  readonly current: string | undefined;
}

/**
 * What the image will do once the Pi has read wwanpi.txt. A file that was not edited, or has a fault, changes nothing.
 */
export function expectCard(setup: ImageSetup, { card, seen, current }: CardFiles): ImageSetup {
  if (card === undefined || current === undefined || card === seen) return setup;
  const before = parseInForce(current);
  const { values, faults } = readCardText(new TextEncoder().encode(card), before);
  if (faults.length > 0) return setup;
  const get = (key: CardKey) => resolveValue(key, values, before);
  const apn = get('apn');
  const servers = splitServers(get('dns')).filter((word) => word !== 'none');
  return {
    ...setup,
    apn,
    credentials: get('user') === '' ? undefined : { user: get('user'), password: get('password') },
    metric: Number(get('metric') || getDefaultMetric(setup.stack)),
    nameServers: [...new Set(servers)],
    ndisdupApn: setup.ndisdupApn === undefined ? undefined : apn,
    pin: get('pin') || undefined,
  };
}

/** As the Pi reads them: a key that the file does not have is empty. */
function parseInForce(text: string): CardValues {
  const values = new Map<CardKey, string>(CARD_KEYS.map(({ key }) => [key, '']));
  for (const line of text.split('\n')) {
    const key = line.slice(0, line.indexOf('='));
    if (isCardKey(key)) values.set(key, line.slice(key.length + 1));
  }
  return values;
}
