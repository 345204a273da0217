import { basePackages, DPKG_STATUS } from '../src/formats/config/base-text.ts';
import { NEIGHBOURS, NEIGHBOURS_RULE } from '../src/formats/config/neighbours.ts';
import { printable } from '../src/formats/printable.ts';
import { fromOverlay } from './root-file.ts';
import type { Stage } from './stage.ts';

/**
 * Keeps ModemManager and NetworkManager off the modem, whether the base has them or they are installed later. They would
 * open the same ports, and a second call ends the first.
 */
export const neighbours: Stage = {
  name: 'neighbours',
  reads: () => [DPKG_STATUS, NEIGHBOURS_RULE],
  plan: ({ files, overlay }) => {
    const installed = basePackages(files);
    return {
      changes: [fromOverlay('neighbours', overlay)(NEIGHBOURS_RULE)],
      warnings: NEIGHBOURS.filter(({ name }) => installed.has(name)).map(
        ({ name, title, leaves, rest }) =>
          `the base has ${title} (${name} ${printable(installed.get(name) ?? '')}): the image tells it to leave ${leaves} to wwanpi${rest}`,
      ),
    };
  },
};
