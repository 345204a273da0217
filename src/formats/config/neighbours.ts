/** Software that would run the modem or its interface as well. */
export interface Neighbour {
  /** Of its package. */
  readonly name: string;
  readonly title: string;
  /** What the rule below makes it leave alone. */
  readonly leaves: string;
  /** What the rule does not settle; ends a sentence. */
  readonly rest: string;
  readonly unit: string;
}

/** Those the udev rule speaks to. */
export const NEIGHBOURS: readonly Neighbour[] = [
  {
    name: 'modemmanager',
    title: 'ModemManager',
    leaves: 'Huawei modems',
    rest: '',
    unit: 'ModemManager.service',
  },
  {
    name: 'network-manager',
    title: 'NetworkManager',
    leaves: 'wwan0',
    rest: '; that it and dhcpcd do not both run eth0 or wlan0 is up to the base',
    unit: 'NetworkManager.service',
  },
];

/**
 * Sets ID_MM_DEVICE_IGNORE on the USB device (ModemManager 1.6.4 src/mm-base-manager.c, 1.20.4 src/mm-filter.c) and
 * NM_UNMANAGED on the interface (NetworkManager 1.6.2 src/platform/nm-linux-platform.c, 1.42.4
 * src/libnm-platform/nm-platform.c).
 */
export const NEIGHBOURS_RULE = '/etc/udev/rules.d/75-wwanpi-neighbours.rules';
