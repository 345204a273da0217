import type { FileChange } from '../src/core/model.ts';
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
const FILE = '/boot/wwanpi-status.txt';
const BEFORE = '/boot/wwanpi-status-before.txt';

/** What the Pi knows of its connection, in a file for a person who puts the card into a PC. */
export const statusFile: Stage = {
  name: 'status-file',
  reads: () => [SCRIPT, UNIT, TIMER, TIMER_LINK, FILE, BEFORE],
  plan: ({ recipe, files, overlay }) => {
    const without = (...paths: string[]) => removeOld('status-file', paths, files);
    if (!recipe.statusFile) return { changes: without(TIMER_LINK, TIMER, UNIT, SCRIPT, FILE, BEFORE) };
    const file = fromOverlay('status-file', overlay);
    const text = padStatusText(fillPlaceholders(overlay(FILE), {}));
    const texts = [FILE, BEFORE].map((path) => rootFile('status-file', path, text));
    // The supervisor starts the unit when the state changes; without one, a timer does.
    const timer: FileChange[] =
      recipe.supervisor === undefined
        ? [file(TIMER), { kind: 'symlink', stage: 'status-file', path: TIMER_LINK, target: TIMER }]
        : without(TIMER_LINK, TIMER);
    return { changes: [file(SCRIPT, 0o755), file(UNIT), ...timer, ...texts] };
  },
};
