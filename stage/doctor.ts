import { fillPlaceholders } from '../src/formats/placeholders.ts';
import { rootFile } from './root-file.ts';
import type { Stage } from './stage.ts';

const DOCTOR = '/usr/bin/wwan-doctor';
const AT_PORT = '/usr/lib/wwanpi/at-port';

/** `wwan-doctor` on the Pi, and how the image's scripts talk AT. */
export const doctor: Stage = {
  name: 'doctor',
  reads: () => [DOCTOR, AT_PORT],
  plan: ({ overlay }) => ({
    changes: [
      rootFile('doctor', DOCTOR, fillPlaceholders(overlay(DOCTOR), {}), { mode: 0o755 }),
      rootFile('doctor', AT_PORT, fillPlaceholders(overlay(AT_PORT), {})),
    ],
  }),
};
