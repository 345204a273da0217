import { fillPlaceholders } from '../src/formats/config/placeholders.ts';
import { rootFile } from './root-file.ts';
import type { Stage } from './stage.ts';

const DOCTOR = '/usr/bin/wwan-doctor';
/** Read by it and by other scripts of the image: how they talk AT, what is known of a dialling and of the network. */
const SHARED = ['/usr/lib/wwanpi/at-port', '/usr/lib/wwanpi/call-status', '/usr/lib/wwanpi/ask-network'];

/** `wwan-doctor` on the Pi, and what it shares with the image's other scripts. */
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
