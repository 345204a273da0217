import { basePackages, DPKG_STATUS, getText } from '../src/formats/config/base-text.ts';
import { fillPlaceholders } from '../src/formats/config/placeholders.ts';
import { quoteCountry, quotePsk, quoteSsid } from '../src/formats/config/wpa-supplicant.ts';
import { rootFile } from './root-file.ts';
import type { Stage } from './stage.ts';

const ON_BOOT = '/boot/wpa_supplicant.conf';
const IN_ETC = '/etc/wpa_supplicant/wpa_supplicant.conf';

/** A Wi-Fi network besides LTE, in the place that the release expects. */
export const wifi: Stage = {
  name: 'wifi',
  reads: () => [ON_BOOT, IN_ETC, DPKG_STATUS],
  plan: ({ recipe, files, overlay }) => {
    if (recipe.wifi === undefined) return { changes: [] };
    const installed = basePackages(files);
    if (!installed.has('wpasupplicant')) {
      return {
        changes: [],
        faults: ['the base lacks wpasupplicant, so --wifi-ssid cannot work; leave it out'],
      };
    }
    const text = fillPlaceholders(overlay(ON_BOOT), {
      COUNTRY: quoteCountry(recipe.wifi.country),
      SSID: quoteSsid(recipe.wifi.ssid),
      KEY: quotePsk(recipe.wifi.psk),
    });
    // raspberrypi-net-mods moves the file from /boot to /etc, mode 600, before dhcpcd starts wpa_supplicant.
    const path = installed.has('raspberrypi-net-mods') ? ON_BOOT : IN_ETC;
    const warnings =
      getText(files, path) === undefined
        ? []
        : [`${path} of the base is replaced by the network of --wifi-ssid`];
    return { changes: [rootFile('wifi', path, text, { mode: 0o600, secret: true })], warnings };
  },
};
