import type { FileChange } from '../src/core/model.ts';
import { basePackages, DPKG_STATUS, getText } from '../src/formats/config/base-text.ts';
import { formatWifiSecurity, quoteKeyfileSsid } from '../src/formats/config/keyfile.ts';
import { fillPlaceholders } from '../src/formats/config/placeholders.ts';
import { quoteCountry } from '../src/formats/config/wpa-supplicant.ts';
import { editedFile } from './edited-file.ts';
import { removeOld } from './remove-old.ts';
import { rootFile } from './root-file.ts';
import type { Stage } from './stage.ts';

/** The profile of NetworkManager. */
export const WIFI_KEYFILE = '/etc/NetworkManager/system-connections/wwanpi-wifi.nmconnection';
/** The country as an option of the kernel's module: no edit of cmdline.txt, which the base's first start edits, too. */
export const REGULATORY = '/etc/modprobe.d/wwanpi-wifi.conf';
/** Raspberry Pi OS comes with Wi-Fi off until somebody names a country. */
const STATE = '/var/lib/NetworkManager/NetworkManager.state';

/** A Wi-Fi network besides LTE, under NetworkManager. */
export const nmWifi: Stage = {
  name: 'wifi',
  reads: () => [WIFI_KEYFILE, REGULATORY, STATE, DPKG_STATUS],
  plan: ({ recipe, files, overlay }) => {
    const { wifi } = recipe;
    if (wifi === undefined) return { changes: removeOld('wifi', [WIFI_KEYFILE, REGULATORY], files) };
    if (!basePackages(files).has('wpasupplicant')) {
      const fault = 'the base lacks wpasupplicant, so --wifi-ssid cannot work; leave it out';
      return { changes: [], faults: [fault] };
    }
    const profile = fillPlaceholders(overlay(WIFI_KEYFILE), {
      SSID: quoteKeyfileSsid(wifi.ssid),
      KEY: formatWifiSecurity(wifi.psk),
    });
    const country = fillPlaceholders(overlay(REGULATORY), { COUNTRY: quoteCountry(wifi.country) });
    const state = getText(files, STATE);
    const turnedOn = state?.replace(/^([ \t]*WirelessEnabled[ \t]*=[ \t]*)false[ \t]*$/m, '$1true');
    const edits: FileChange[] =
      turnedOn === undefined || turnedOn === state ? [] : [editedFile('wifi', STATE, turnedOn, files)];
    return {
      changes: [
        rootFile('wifi', WIFI_KEYFILE, profile, { mode: 0o600, secret: true }),
        rootFile('wifi', REGULATORY, country),
        ...edits,
      ],
    };
  },
};
