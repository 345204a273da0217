import { fillPlaceholders } from '../src/formats/config/placeholders.ts';
import { quoteInteger } from '../src/formats/config/quoted.ts';
import { quoteSupervisorValue } from '../src/formats/config/supervisor-conf.ts';
import { removeOld } from './remove-old.ts';
import { fromOverlay, rootFile } from './root-file.ts';
import type { Stage } from './stage.ts';

const SCRIPT = '/usr/lib/wwanpi/supervise';
/** Functions of the script: queries to modem and network, and the actions of the recovery levels. */
const RECOVERY = '/usr/lib/wwanpi/recovery';
/** The line on the consoles and the LED. */
const STATUS = '/usr/lib/wwanpi/status';
const CONF = '/etc/wwanpi/supervisor.conf';
const UNIT = '/etc/systemd/system/wwanpi-supervisor.service';
const LOAD_TRIGGER = '/etc/modules-load.d/wwanpi-led.conf';
const LINK = '/etc/systemd/system/multi-user.target.wants/wwanpi-supervisor.service';

/** Names of the ACT LED: upstream's kernel and Raspberry Pi's from 5.15 on; Raspberry Pi's before. */
const ACT_LED = 'ACT led0';

/** The script that repairs wwan0 when it goes down or never comes up. */
export const supervisor: Stage = {
  name: 'supervisor',
  reads: () => [SCRIPT, RECOVERY, STATUS, CONF, UNIT, LOAD_TRIGGER, LINK],
  plan: ({ recipe, files, overlay }) => {
    const settings = recipe.supervisor;
    // If the base is an image of wwanpi, it may have files of another choice.
    const without = (...paths: string[]) => removeOld('supervisor', paths, files);
    if (settings === undefined)
      return { changes: without(LINK, LOAD_TRIGGER, UNIT, CONF, STATUS, RECOVERY, SCRIPT) };
    const conf = fillPlaceholders(overlay(CONF), {
      INTERVAL: quoteInteger(settings.intervalSeconds),
      DEAD_AFTER: quoteInteger(settings.deadAfterSeconds),
      PROBE: quoteSupervisorValue(settings.probes.join(' ')),
      REBOOT_AFTER: quoteInteger(settings.rebootAfterMinutes),
      LED: quoteSupervisorValue(settings.led ? ACT_LED : ''),
    });
    const file = fromOverlay('supervisor', overlay);
    return {
      changes: [
        file(SCRIPT, 0o755),
        file(RECOVERY),
        file(STATUS),
        rootFile('supervisor', CONF, conf),
        file(UNIT),
        ...(settings.led ? [file(LOAD_TRIGGER)] : without(LOAD_TRIGGER)),
        { kind: 'symlink', stage: 'supervisor', path: LINK, target: UNIT },
      ],
    };
  },
};
