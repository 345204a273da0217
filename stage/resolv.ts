import { basePackages, DPKG_STATUS, getText } from '../src/formats/config/base-text.ts';
import { fillPlaceholders } from '../src/formats/config/placeholders.ts';
import { formatNameServers } from '../src/formats/config/resolv-conf.ts';
import { rootFile } from './root-file.ts';
import type { Stage } from './stage.ts';

const HEAD = '/etc/resolv.conf.head';

/** Name servers that come before the carrier's, by openresolv's resolv.conf.head. */
export const resolv: Stage = {
  name: 'resolv',
  reads: () => [HEAD, DPKG_STATUS],
  plan: ({ recipe, files, overlay }) => {
    if (recipe.dns.length === 0) {
      // Remove a file that an earlier wwanpi wrote into the base; keep any other.
      const ours = getText(files, HEAD)?.startsWith('# Written by wwanpi') === true;
      return { changes: ours ? [{ kind: 'remove', stage: 'resolv', path: HEAD }] : [] };
    }
    const text = fillPlaceholders(overlay(HEAD), { SERVERS: formatNameServers(recipe.dns) });
    // Debian's resolvconf package keeps its head elsewhere and ignores this file.
    const faults = basePackages(files).has('openresolv')
      ? []
      : [
          `the base lacks openresolv, which reads ${HEAD}; use --dns none to take only the network's name servers`,
        ];
    return { changes: [rootFile('resolv', HEAD, text)], faults };
  },
};
