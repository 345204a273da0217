import { validatePin } from '../formats/config/pin.ts';
import { isProbe } from '../formats/config/supervisor-conf.ts';
import type { Diagnostics } from './notes.ts';
import type { RawOptions } from './options-schema.ts';
import type { Supervisor } from './recipe.ts';

/** Anycast name servers that answer pings. Two, so that an outage of one does not look like a dead link. */
const DEFAULT_PROBES = ['1.1.1.1', '8.8.8.8'];
const DEFAULT_INTERVAL_SECONDS = 15;
const DEFAULT_DEAD_AFTER_SECONDS = 60;
const MAX_REBOOT_MINUTES = 100_000;

/** The SIM's PIN; its value never appears in a message. */
export function readPin({ pin }: RawOptions, notes: Diagnostics): string | undefined {
  const fault = pin === undefined ? undefined : validatePin(pin);
  if (fault !== undefined) {
    notes.issue({ option: 'pin', message: fault, hint: 'leave it out if the SIM needs none' });
  }
  return pin;
}

/** The supervisor's settings; undefined for `--supervisor off`. */
export function readSupervisor(options: RawOptions, notes: Diagnostics): Supervisor | undefined {
  const { supervisor, supervisorInterval, supervisorDeadAfter, supervisorReboot, probe, led } = options;
  if (supervisor === 'off') {
    const on = led === 'off' ? undefined : led;
    const given = { supervisorInterval, supervisorDeadAfter, supervisorReboot, probe, on };
    if (Object.values(given).some((value) => value !== undefined)) {
      notes.issue({
        option: 'supervisor',
        value: 'off',
        message: 'is given together with a setting of the supervisor',
        hint: 'give one or the other',
      });
    }
    return undefined;
  }
  const intervalSeconds = supervisorInterval ?? DEFAULT_INTERVAL_SECONDS;
  const deadAfterSeconds = supervisorDeadAfter ?? DEFAULT_DEAD_AFTER_SECONDS;
  if (intervalSeconds < 1 || intervalSeconds > 3600) {
    notes.issue({
      option: 'supervisor-interval',
      value: String(intervalSeconds),
      message: 'is not between 1 and 3600 seconds',
    });
  }
  if (deadAfterSeconds < 4 || deadAfterSeconds > 86_400) {
    notes.issue({
      option: 'supervisor-dead-after',
      value: String(deadAfterSeconds),
      message: 'is not between 4 and 86400 seconds',
    });
  } else if (deadAfterSeconds < intervalSeconds) {
    notes.issue({
      option: 'supervisor-dead-after',
      value: String(deadAfterSeconds),
      message: `is less than the check interval of ${intervalSeconds} seconds`,
      hint: 'make it at least as long',
    });
  }
  return {
    intervalSeconds,
    deadAfterSeconds,
    probes: readProbes(probe, notes),
    rebootAfterMinutes: readReboot(supervisorReboot, notes),
    led: led !== 'off',
  };
}

function readProbes(given: readonly string[] | undefined, notes: Diagnostics): readonly string[] {
  if (given === undefined) return DEFAULT_PROBES;
  const probes = [...new Set(given.flatMap((text) => text.split(/[\s,]+/)).filter((word) => word !== ''))];
  if (probes.length === 0 || probes.length > 4) {
    notes.issue({ option: 'probe', message: 'needs one to four IPv4 addresses' });
  }
  for (const probe of probes.filter((each) => !isProbe(each))) {
    const hint = 'give one such as 9.9.9.9';
    notes.issue({ option: 'probe', value: probe, message: 'is not an IPv4 address', hint });
  }
  return probes;
}

function readReboot(minutes: number | 'off' | undefined, notes: Diagnostics): number {
  if (minutes === undefined || minutes === 'off' || minutes === 0) return 0;
  if (minutes < 10 || minutes > MAX_REBOOT_MINUTES) {
    notes.issue({
      option: 'supervisor-reboot',
      value: String(minutes),
      message: `is not between 10 and ${MAX_REBOOT_MINUTES} minutes`,
      hint: 'the recovery levels before it need that long',
    });
  }
  return minutes;
}
