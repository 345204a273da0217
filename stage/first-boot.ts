import { formatNdisdup } from '../src/formats/config/at-command.ts';
import { fillPlaceholders } from '../src/formats/config/placeholders.ts';
import { removeOld } from './remove-old.ts';
import { fromOverlay, rootFile } from './root-file.ts';
import type { Stage } from './stage.ts';

const SCRIPT = '/usr/lib/wwanpi/ndisdup';
const CONF = '/etc/wwanpi/ndisdup.conf';
// Units and rules go to /etc: /lib is a folder on Stretch and a symlink on bookworm.
const UNIT = '/etc/systemd/system/wwanpi-ndisdup.service';
const ONCE = '/etc/systemd/system/wwanpi-ndisdup.service.d/first-boot.conf';
const RULE = '/etc/udev/rules.d/90-wwanpi-ndisdup.rules';
const MARKER = '/var/lib/wwanpi/ndisdup.done';

/** The unit that sends AT^NDISDUP to the modem when its serial ports appear, once or each time. */
export const firstBoot: Stage = {
  name: 'first-boot',
  reads: () => [SCRIPT, CONF, UNIT, ONCE, RULE, MARKER],
  plan: ({ recipe, files, overlay }) => {
    const { apn, credentials, ndisdup = 'first-boot' } = recipe;
    // If the base is an image of wwanpi, maybe booted already, it can have files of another choice.
    const without = (...paths: string[]) => removeOld('first-boot', paths, files);
    if (ndisdup === 'off') return { changes: without(RULE, ONCE, UNIT, CONF, SCRIPT, MARKER) };
    const command = formatNdisdup({ apn, credentials });
    const conf = fillPlaceholders(overlay(CONF), { COMMAND: command });
    const file = fromOverlay('first-boot', overlay);
    return {
      changes: [
        file(SCRIPT, 0o755),
        credentials === undefined
          ? rootFile('first-boot', CONF, conf)
          : rootFile('first-boot', CONF, conf, { mode: 0o600, secret: true }),
        file(UNIT),
        ...(ndisdup === 'first-boot' ? [file(ONCE)] : without(ONCE)),
        file(RULE),
        ...without(MARKER),
      ],
    };
  },
};
