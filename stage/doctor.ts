import { fromOverlay } from './root-file.ts';
import type { Stage } from './stage.ts';

const DOCTOR = '/usr/bin/wwan-doctor';
/** What several scripts of the image share: AT commands, the state of a call, and questions to the network. */
const SHARED = ['/usr/lib/wwanpi/at-port', '/usr/lib/wwanpi/call-status', '/usr/lib/wwanpi/ask-network'];

/** `wwan-doctor` on the Pi, and the functions that it shares with other scripts. */
export const doctor: Stage = {
  name: 'doctor',
  reads: () => [DOCTOR, ...SHARED],
  plan: ({ overlay }) => {
    const file = fromOverlay('doctor', overlay);
    return { changes: [file(DOCTOR, 0o755), ...SHARED.map((path) => file(path))] };
  },
};
