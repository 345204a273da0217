import type { BaseFiles } from '../src/core/model.ts';
import { basePackages, DPKG_STATUS } from '../src/formats/config/base-text.ts';
import { quotePorts } from '../src/formats/config/firewall-conf.ts';
import { fillPlaceholders } from '../src/formats/config/placeholders.ts';
import { asQuoted, type Quoted } from '../src/formats/config/quoted.ts';
import type { Recipe } from '../src/recipe/recipe.ts';
import { removeOld } from './remove-old.ts';
import { fromOverlay, rootFile } from './root-file.ts';
import type { Stage } from './stage.ts';

/** The script that the stanza of wwan0 runs before anything else. */
const FIREWALL = '/usr/lib/wwanpi/firewall';
const CONF = '/etc/wwanpi/firewall.conf';

/** Either puts the rules in; the script takes the one that works. */
const TOOLS = ['nftables', 'iptables'];

/** Drops new connections from the mobile network, except to the ports of --wwan-allow. */
export const firewall: Stage = {
  name: 'firewall',
  reads: () => [FIREWALL, CONF, DPKG_STATUS],
  plan: ({ recipe, files, overlay }) => {
    if (!isClosed(recipe, files)) {
      // A base that wwanpi made earlier has them.
      const changes = removeOld('firewall', [FIREWALL, CONF], files);
      const warning = `the base has neither ${TOOLS.join(' nor ')}: the Pi takes connections from the mobile network; install one in the base, or say --firewall off`;
      return { changes, warnings: recipe.firewall === undefined ? [] : [warning] };
    }
    const conf = fillPlaceholders(overlay(CONF), { ALLOW: quotePorts(recipe.firewall?.allowed ?? []) });
    return {
      changes: [fromOverlay('firewall', overlay)(FIREWALL, 0o755), rootFile('firewall', CONF, conf)],
    };
  },
};

/** The line of the stanza that puts the rules in; nothing where the image has no firewall. */
export function quoteFirewall(recipe: Recipe, files: BaseFiles): Quoted {
  return asQuoted(isClosed(recipe, files) ? `\n\tpre-up ${FIREWALL}` : '');
}

/** Whether the image gets a firewall: it is wanted, and the base has a program that it needs. */
function isClosed({ firewall: wanted }: Recipe, files: BaseFiles): boolean {
  const installed = basePackages(files);
  return wanted !== undefined && TOOLS.some((name) => installed.has(name));
}
