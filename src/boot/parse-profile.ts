import { InputError } from '../core/errors.ts';
import { readKeyfile, splitKeyfileList } from '../formats/config/keyfile-reader.ts';
import { getDefaultMetric } from '../formats/config/metric.ts';

/** What an image dials, and what has to come of it. */
export interface Dialling {
  readonly apn: string;
  /** User and password, if the image gives them to the network. */
  readonly credentials: { readonly user: string; readonly password: string } | undefined;
  /** Metric of the modem's default route; 0 if the stanza names none (ifupdown's own default). */
  readonly metric: number;
  /** Name servers that have to come first in resolv.conf, in this order. */
  readonly nameServers: readonly string[];
  /** APN of the AT^NDISDUP the image sends, or undefined when it sends none. */
  readonly ndisdupApn: string | undefined;
  /** The SIM's PIN, if the image enters one. */
  readonly pin: string | undefined;
}

/**
 * Reads a profile of NetworkManager for a modem (nm-settings-keyfile(5)).
 * @throws InputError when it names no APN, or is none
 */
export function parseProfile(text: string, name: string): Dialling {
  const profile = readKeyfile(text, name);
  const get = (group: string, key: string) => profile.get(group)?.get(key);
  const apn = get('gsm', 'apn') ?? '';
  if (apn === '') throw new InputError(`the image dials no APN: ${name} names none`);
  const user = get('gsm', 'username');
  const metric = Number(get('ipv4', 'route-metric') ?? -1);
  return {
    apn,
    credentials: user === undefined ? undefined : { user, password: get('gsm', 'password') ?? '' },
    // -1 is NetworkManager's word for "the usual one".
    metric: metric === -1 ? getDefaultMetric('networkmanager') : metric,
    nameServers: splitKeyfileList(get('ipv4', 'dns') ?? ''),
    ndisdupApn: undefined,
    pin: get('gsm', 'pin'),
  };
}
