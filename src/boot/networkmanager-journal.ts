import { type BootRecord, journalLines } from './boot-record.ts';

/**
 * NetworkManager's line about an attempt that failed (src/core/devices/nm-device.c, _set_state_full): `device (cdc-wdm0):
 * state change: prepare -> failed (reason 'ip-config-unavailable', …)`.
 */
const FAILED = /device \([^)]+\): state change: \S+ -> failed \(reason '([^']+)'/;
/** What it says before that of an attempt in which ModemManager refused (src/core/devices/wwan/nm-modem-broadband.c). */
const REFUSED = /modem-broadband\[[^\]]+\]: failed to connect modem: (.+)$/;
/** ModemManager's line about a modem with which no attempt begins (src/mm-iface-modem.c): `[modem0] state changed (unknown -> locked)`. */
const UNUSABLE = /\[modem\d+\] state changed \(\S+ -> (failed|locked)\)/;

/** Why NetworkManager and ModemManager did not bring the modem online when they last tried; undefined if nothing failed. */
export function findDialFailure(record: BootRecord): string | undefined {
  const reasons = journalLines(record).flatMap((line) => {
    const reason = REFUSED.exec(line)?.[1] ?? FAILED.exec(line)?.[1];
    const state = UNUSABLE.exec(line)?.[1];
    if (reason !== undefined && reason !== 'unknown') return `NetworkManager failed: ${reason}`;
    return state === undefined ? [] : `ModemManager calls the modem ${state}`;
  });
  return reasons.at(-1);
}
