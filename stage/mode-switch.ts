import { basePackages, DPKG_STATUS } from '../src/formats/config/base-text.ts';
import { removeOld } from './remove-old.ts';
import { fromOverlay } from './root-file.ts';
import type { Stage } from './stage.ts';

const SCRIPT = '/usr/lib/wwanpi/switch-modems';
const UNIT = '/etc/systemd/system/wwanpi-modeswitch.service';
const TIMER = '/etc/systemd/system/wwanpi-modeswitch.timer';
const WANTED = '/etc/systemd/system/timers.target.wants/wwanpi-modeswitch.timer';

/** A second try for a modem that stays a drive when it is plugged in at power-on. Any vendor: usb_modeswitch knows which. */
export const modeSwitch: Stage = {
  name: 'mode-switch',
  reads: () => [SCRIPT, UNIT, TIMER, WANTED, DPKG_STATUS],
  plan: ({ files, overlay }) => {
    if (!basePackages(files).has('usb-modeswitch')) {
      return {
        changes: removeOld('mode-switch', [WANTED, TIMER, UNIT, SCRIPT], files),
        warnings: [
          'the base lacks usb-modeswitch: a modem that looks like a drive at first stays one; install it in the base',
        ],
      };
    }
    const file = fromOverlay('mode-switch', overlay);
    return {
      changes: [
        file(SCRIPT, 0o755),
        file(UNIT),
        file(TIMER),
        { kind: 'symlink', stage: 'mode-switch', path: WANTED, target: TIMER },
      ],
    };
  },
};
