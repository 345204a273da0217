import { type BootRecord, journalLines } from './boot-record.ts';

/**
 * NetworkManager's line about an attempt that failed (src/core/devices/nm-device.c, _set_state_full): `device (cdc-wdm0):
 * state change: prepare -> failed (reason 'gsm-apn-failed', …)`.
 */
const FAILED = /device \([^)]+\): state change: \S+ -> failed \(reason '([^']+)'/;
/** ModemManager's line about a modem with which no attempt begins (src/mm-iface-modem.c): `[modem0] state changed (unknown -> locked)`. */
const UNUSABLE = /\[modem\d+\] state changed \(\S+ -> (failed|locked)\)/;

/** Why NetworkManager and ModemManager did not bring the modem online when it last tried; undefined if it has not failed. */
export function findDialFailure(record: BootRecord): string | undefined {
  const reasons = journalLines(record).flatMap((line) => {
    const failed = FAILED.exec(line)?.[1];
    const state = UNUSABLE.exec(line)?.[1];
    if (failed !== undefined) return `NetworkManager gave up: ${failed}`;
    return state === undefined ? [] : `ModemManager calls the modem ${state}`;
  });
  return reasons.at(-1);
}
