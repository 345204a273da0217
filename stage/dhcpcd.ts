import { getText } from '../src/formats/config/base-text.ts';
import { denyInterface } from '../src/formats/config/dhcpcd-conf.ts';
import { editedFile } from './edited-file.ts';
import type { Stage } from './stage.ts';

const CONF = '/etc/dhcpcd.conf';

/**
 * Makes dhcpcd ignore wwan0. Otherwise, depending on the release, dhcpcd takes it for Wi-Fi and delays the boot by
 * 30 s, or runs a second DHCP client on it.
 */
export const dhcpcd: Stage = {
  name: 'dhcpcd',
  reads: () => [CONF],
  plan: ({ files }) => {
    const conf = getText(files, CONF);
    if (conf === undefined) {
      const fault = `the base has no ${CONF}: its network is not run by dhcpcd; use a Stretch Lite image or --base debian-bookworm`;
      return { changes: [], faults: [fault] };
    }
    const edited = denyInterface(conf, 'wwan0');
    if (edited === conf) return { changes: [] };
    return { changes: [editedFile('dhcpcd', CONF, edited, files)] };
  },
};
