import type { FileChange } from '../src/core/model.ts';
import { listOnBoot } from '../src/formats/config/fstab.ts';
import { fillPlaceholders } from '../src/formats/config/placeholders.ts';
import { padStatusText } from '../src/formats/config/status-text.ts';
import { removeOld } from './remove-old.ts';
import { fromOverlay, rootFile } from './root-file.ts';
import type { Stage } from './stage.ts';

const SCRIPT = '/usr/lib/wwanpi/status-file';
const UNIT = '/etc/systemd/system/wwanpi-status-file.service';
const TIMER = '/etc/systemd/system/wwanpi-status-file.timer';
const TIMER_LINK = '/etc/systemd/system/timers.target.wants/wwanpi-status-file.timer';
/** On the FAT partition, which every PC can read. */
const NAMES = ['wwanpi-status.txt', 'wwanpi-status-before.txt'];
/** Of the text before the first start. */
const OVERLAY = '/boot/wwanpi-status.txt';

/** What the Pi knows of its connection, in a file for a person who puts the card into a PC. */
export const statusFile: Stage = {
  name: 'status-file',
  reads: () => [SCRIPT, UNIT, TIMER, TIMER_LINK, ...NAMES.flatMap(listOnBoot)],
  plan: ({ recipe, facts, files, overlay }) => {
    const paths = NAMES.map((name) => `${facts.system.bootFolder}/${name}`);
    const without = (...paths: string[]) => removeOld('status-file', paths, files);
    if (!recipe.statusFile) return { changes: without(TIMER_LINK, TIMER, UNIT, SCRIPT, ...paths) };
    const file = fromOverlay('status-file', overlay);
    const text = padStatusText(fillPlaceholders(overlay(OVERLAY), {}));
    const texts = paths.map((path) => rootFile('status-file', path, text));
    // The supervisor starts the unit when the state changes; without one, a timer does.
    const timer: FileChange[] =
      recipe.supervisor === undefined
        ? [file(TIMER), { kind: 'symlink', stage: 'status-file', path: TIMER_LINK, target: TIMER }]
        : without(TIMER_LINK, TIMER);
    return { changes: [file(SCRIPT, 0o755), file(UNIT), ...timer, ...texts] };
  },
};
