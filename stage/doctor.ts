import { fromOverlay } from './root-file.ts';
import type { Stage } from './stage.ts';

const DOCTOR = '/usr/bin/wwan-doctor';
/** AT commands; ModemManager sends its own. */
const AT_PORT = '/usr/lib/wwanpi/at-port';
/** What several scripts of the image share: the state of a call, and questions to the network. */
const SHARED = ['/usr/lib/wwanpi/call-status', '/usr/lib/wwanpi/ask-network'];

/** `wwan-doctor` on the Pi, and the functions that it shares with other scripts. */
export const doctor: Stage = {
  name: 'doctor',
  reads: () => [DOCTOR, AT_PORT, ...SHARED],
  plan: ({ facts, overlay }) => {
    const file = fromOverlay('doctor', overlay);
    const shared = facts.system.stack === 'ifupdown' ? [AT_PORT, ...SHARED] : SHARED;
    return { changes: [file(DOCTOR, 0o755), ...shared.map((path) => file(path))] };
  },
};
