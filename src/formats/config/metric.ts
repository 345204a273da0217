import type { Stack } from '../../core/model.ts';
import type { Rule } from './rule.ts';

/**
 * Higher than every metric of dhcpcd, so that Ethernet and Wi-Fi win. dhcpcd 6.11 (Stretch) uses 200 and 300 plus the
 * interface's index; 9.4 (bookworm) uses 1000 and 3000, or 5000 for roaming Wi-Fi (dhcpcd, src/if.c, RTMETRIC_*).
 */
export const DEFAULT_METRIC = 6000;

/**
 * NetworkManager's own for a modem: Ethernet has 100, Wi-Fi 600 (src/core/devices/nm-device.c,
 * nm_device_get_route_metric_default), and one that passes no traffic 20000 more.
 */
const NETWORKMANAGER_METRIC = 700;

/** The metric of the default route over LTE, if nobody gives another. */
export function getDefaultMetric(stack: Stack): number {
  return stack === 'networkmanager' ? NETWORKMANAGER_METRIC : DEFAULT_METRIC;
}

/** The same for people: "6000, or 700 with NetworkManager". */
export const DEFAULT_METRICS = `${DEFAULT_METRIC}, or ${NETWORKMANAGER_METRIC} with NetworkManager`;

/** What refuses the metric of a route: the kernel has 32 bits for it, of which ifupdown takes 31. */
export const METRIC_RULES: readonly Rule[] = [
  {
    // 2147483647 and below; a number of up to nine digits may begin with zeros.
    pattern:
      '^([0-9]{1,9}|1[0-9]{9}|20[0-9]{8}|21[0-3][0-9]{7}|214[0-6][0-9]{6}|2147[0-3][0-9]{5}|21474[0-7][0-9]{4}|214748[0-2][0-9]{3}|2147483[0-5][0-9]{2}|21474836[0-3][0-9]|214748364[0-7])$',
    fault: 'is not a whole number from 0 to 2147483647',
  },
];
