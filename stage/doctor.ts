import { fillPlaceholders } from '../src/formats/config/placeholders.ts';
import { rootFile } from './root-file.ts';
import type { Stage } from './stage.ts';

const DOCTOR = '/usr/bin/wwan-doctor';
/** Functions that several scripts of the image share: AT commands, and the state of a call. */
const SHARED = ['/usr/lib/wwanpi/at-port', '/usr/lib/wwanpi/call-status'];

/** `wwan-doctor` on the Pi, and the functions that it shares with other scripts. */
export const doctor: Stage = {
  name: 'doctor',
  reads: () => [DOCTOR, ...SHARED],
  plan: ({ overlay }) => ({
    changes: [
      rootFile('doctor', DOCTOR, fillPlaceholders(overlay(DOCTOR), {}), { mode: 0o755 }),
      ...SHARED.map((path) => rootFile('doctor', path, fillPlaceholders(overlay(path), {}))),
    ],
  }),
};
