import { type BootRecord, journalLines } from './boot-record.ts';

/**
 * NetworkManager's line about an attempt that failed (src/core/devices/nm-device.c, _set_state_full): `device (cdc-wdm0):
 * state change: prepare -> failed (reason 'gsm-apn-failed', …)`.
 */
const FAILED = /device \([^)]+\): state change: \S+ -> failed \(reason '([^']+)'/;
/**
 * Its lines about a modem with which no attempt begins: `device (cdc-wdm0): modem state 'locked'` when it appears
 * (src/core/devices/wwan/nm-device-modem.c), and `modem state changed, 'enabling' --> 'failed' (reason: …)` later
 * (src/core/devices/wwan/nm-modem.c, nm_modem_set_state).
 */
const UNUSABLE = /modem state (?:changed, '[^']+' --> )?'(failed|locked)'/;

/** Why NetworkManager did not bring the modem online when it last tried; undefined if it has not failed. */
export function findDialFailure(record: BootRecord): string | undefined {
  const reasons = journalLines(record).flatMap((line) => {
    const failed = FAILED.exec(line)?.[1];
    const state = UNUSABLE.exec(line)?.[1];
    return failed ?? (state === undefined ? [] : `the modem is ${state}`);
  });
  return reasons.at(-1);
}
