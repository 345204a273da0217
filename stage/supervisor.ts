import { fillPlaceholders } from '../src/formats/config/placeholders.ts';
import { quoteInteger } from '../src/formats/config/quoted.ts';
import { quoteSupervisorValue } from '../src/formats/config/supervisor-conf.ts';
import { rootFile } from './root-file.ts';
import type { Stage } from './stage.ts';

const SCRIPT = '/usr/lib/wwanpi/supervise';
/** Functions of the script: queries to modem and network, and the actions of the recovery levels. */
const RECOVERY = '/usr/lib/wwanpi/recovery';
const CONF = '/etc/wwanpi/supervisor.conf';
const UNIT = '/etc/systemd/system/wwanpi-supervisor.service';
const LINK = '/etc/systemd/system/multi-user.target.wants/wwanpi-supervisor.service';

/** The script that repairs wwan0 when it goes down or never comes up. */
export const supervisor: Stage = {
  name: 'supervisor',
  reads: () => [SCRIPT, RECOVERY, CONF, UNIT, LINK],
  plan: ({ recipe, files, overlay }) => {
    const settings = recipe.supervisor;
    if (settings === undefined) {
      // If the base is an image of wwanpi, it may have these files.
      const there = [LINK, UNIT, CONF, RECOVERY, SCRIPT].filter((path) => files.get(path) !== undefined);
      return { changes: there.map((path) => ({ kind: 'remove', stage: 'supervisor', path })) };
    }
    const conf = fillPlaceholders(overlay(CONF), {
      INTERVAL: quoteInteger(settings.intervalSeconds),
      DEAD_AFTER: quoteInteger(settings.deadAfterSeconds),
      PROBE: quoteSupervisorValue(settings.probes.join(' ')),
      REBOOT_AFTER: quoteInteger(settings.rebootAfterMinutes),
    });
    return {
      changes: [
        rootFile('supervisor', SCRIPT, fillPlaceholders(overlay(SCRIPT), {}), { mode: 0o755 }),
        rootFile('supervisor', RECOVERY, fillPlaceholders(overlay(RECOVERY), {})),
        rootFile('supervisor', CONF, conf),
        rootFile('supervisor', UNIT, fillPlaceholders(overlay(UNIT), {})),
        { kind: 'symlink', stage: 'supervisor', path: LINK, target: UNIT },
      ],
    };
  },
};
