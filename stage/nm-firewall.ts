import type { FileChange } from '../src/core/model.ts';
import { basePackages, DPKG_STATUS } from '../src/formats/config/base-text.ts';
import { quotePorts } from '../src/formats/config/firewall-conf.ts';
import { fillPlaceholders } from '../src/formats/config/placeholders.ts';
import { removeOld } from './remove-old.ts';
import { fromOverlay, rootFile } from './root-file.ts';
import type { Stage } from './stage.ts';

const FIREWALL = '/usr/lib/wwanpi/firewall';
const CONF = '/etc/wwanpi/firewall.conf';
const UNIT = '/etc/systemd/system/wwanpi-firewall.service';
const WANTED = '/etc/systemd/system/sysinit.target.wants/wwanpi-firewall.service';

/**
 * Drops new connections from the mobile network, except to the ports of --wwan-allow. A unit puts the rules in before the
 * network starts: scripts of NetworkManager's dispatcher, even "pre-up", run when the interface has its address.
 */
export const nmFirewall: Stage = {
  name: 'firewall',
  reads: () => [FIREWALL, CONF, UNIT, WANTED, DPKG_STATUS],
  plan: ({ recipe, files, overlay }) => {
    const wanted = recipe.firewall;
    if (wanted === undefined || !basePackages(files).has('nftables')) {
      // A base that wwanpi made earlier has them.
      const changes = removeOld('firewall', [WANTED, UNIT, FIREWALL, CONF], files);
      const warning =
        'the base lacks nftables: the Pi takes connections from the mobile network; install it in the base, or say --firewall off';
      return { changes, warnings: wanted === undefined ? [] : [warning] };
    }
    const file = fromOverlay('firewall', overlay);
    const conf = fillPlaceholders(overlay(CONF), { ALLOW: quotePorts(wanted.allowed) });
    const link: FileChange = { kind: 'symlink', stage: 'firewall', path: WANTED, target: UNIT };
    return { changes: [file(FIREWALL, 0o755), rootFile('firewall', CONF, conf), file(UNIT), link] };
  },
};
