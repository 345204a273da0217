import { formatSeconds } from '../formats/units.ts';
import type { DeviceDescription } from '../modem/devices.ts';
import { isDialled, type TimedEvent } from '../modem/events.ts';
import { type BootRecord, bootDoneAt, findUnit, firstSeen, lastLookAt } from './boot-record.ts';
import {
  type BootTest,
  type Evaluator,
  failed,
  met,
  pending,
  skipped,
  waitUntil,
} from './milestone-result.ts';
import { findDialFailure } from './networkmanager-journal.ts';
import { getDevice } from './scenario.ts';

/** How long after the boot usb_modeswitch may still come. */
const SWITCH_MS = 60_000;
const IFUP = 'ifup@wwan0.service';
const NDISDUP = 'wwanpi-ndisdup.service';

/** The test kernel runs. */
export const evaluateKernel: Evaluator = (_trial, { console }) => {
  const line = console.find(({ text }) => text.includes('Linux version '));
  if (line === undefined) return pending('nothing on the console yet');
  return met(line.t, `Linux ${/Linux version (\S+)/.exec(line.text)?.[1]}`);
};

/** The device is on the bus in modem mode; if it had to be switched, it was. */
export const evaluateStick: Evaluator = ({ scenario }, record) => {
  const device = getDevice(scenario);
  const found = findStick(record.events, device);
  if (found.configuredAt !== undefined) {
    const switched =
      found.switchedAt === undefined
        ? ''
        : `, switched from ${device.factoryUsbId} at ${formatSeconds(found.switchedAt)}`;
    return met(found.configuredAt, `${device.usbId} configured${switched}`);
  }
  const doneAt = bootDoneAt(record);
  const comesLater = scenario.machine.plugInAfterBootMs !== undefined;
  if (scenario.behaviour.absent === true && !comesLater && doneAt !== undefined) {
    return failed('no modem was plugged in');
  }
  if (found.factoryAt === undefined) return pending('no modem on the bus yet');
  const limit = Math.max(found.factoryAt, doneAt ?? Number.POSITIVE_INFINITY) + SWITCH_MS;
  return waitUntil(
    record,
    limit,
    `the modem is still the mass storage ${device.factoryUsbId}: nothing switched it`,
  );
};

/** The modem accepted the image's AT^NDISDUP, which named the right APN; in this boot or in one before the power was cut. */
export const evaluateAtCommand: Evaluator = ({ setup, apn, sentBefore }, record) => {
  if (setup.stack === 'networkmanager') return skipped("ModemManager owns the modem's ports; it dials alone");
  if (setup.ndisdupApn === undefined) return skipped('the image sends no AT^NDISDUP');
  const sent = listNdisdup(record.events);
  const wrong = sent.find(({ named }) => named !== apn);
  if (wrong !== undefined) return failed(`AT^NDISDUP named the APN "${wrong.named}" instead of "${apn}"`);
  const taken = sent.find(({ answer }) => answer === 'OK');
  if (taken !== undefined) return met(taken.t, `${taken.command} → OK`);
  if (sentBefore !== undefined) return skipped(`${sentBefore} → OK, before the power was cut`);
  const last = sent.at(-1);
  const so = last === undefined ? 'AT^NDISDUP has not come' : `AT^NDISDUP was answered ${last.answer}`;
  return unitFailed(record, NDISDUP) ? failed(`${so}; ${NDISDUP} failed`) : pending(so);
};

/** The AT^NDISDUP that the modem accepted, if it named the right APN; undefined if none did. */
export function findTakenCommand(events: readonly TimedEvent[], apn: string): string | undefined {
  return listNdisdup(events).find(({ named, answer }) => named === apn && answer === 'OK')?.command;
}

function listNdisdup(events: readonly TimedEvent[]) {
  return events.flatMap((event) => {
    const named = event.type === 'at' ? /^AT\^NDISDUP=\d+,1,"([^"]*)"/i.exec(event.command)?.[1] : undefined;
    return event.type === 'at' && named !== undefined ? [{ ...event, named }] : [];
  });
}

/** The call was started by QMI or MBIM, with the right APN. */
export const evaluateStartNetwork: Evaluator = (bootTest, record) => {
  const { apn, scenario } = bootTest;
  const protocol = getDevice(scenario).protocol.toUpperCase();
  const calls = record.events.filter(isDialled);
  const wrong = calls.find((call) => call.what !== 'stop' && call.apn !== apn);
  if (wrong !== undefined)
    return failed(`the ${protocol} call named the APN "${wrong.apn}" instead of "${apn}"`);
  const start = calls.find(({ what }) => what === 'start');
  if (start !== undefined) {
    return met(start.t, `APN ${start.apn}${start.user === undefined ? '' : `, user ${start.user}`}`);
  }
  const so = describeRefusal(record.events) ?? `no ${protocol} start network yet`;
  const failure = findFailure(bootTest, record);
  return failure === undefined ? pending(so) : failed(`${so}; ${failure}`);
};

/** Why the last refused "start network" was refused; undefined if none was. */
function describeRefusal(events: readonly TimedEvent[]): string | undefined {
  const refused = events.filter((event) => event.type === 'qmi' && isRefusedStart(event)).at(-1);
  if (refused?.type !== 'qmi') return undefined;
  const call = events.filter(isDialled).findLast(({ what }) => what === 'refuse');
  const reason = call?.why === undefined ? '' : ` (${call.why}, APN ${call.apn})`;
  return `start network was refused with QMI error ${refused.error}${reason}`;
}

/** A "start network" (WDS 0x0020) that was refused. */
export function isRefusedStart(event: TimedEvent): boolean {
  return (
    event.type === 'qmi' &&
    event.service === 'WDS' &&
    Number.parseInt(event.message, 16) === 0x20 &&
    event.error !== 0
  );
}

/** How long the supervisor may take to bring wwan0 up after ifup first failed. */
const SUPERVISOR_MS = 240_000;

/** That dialling failed and no later attempt is expected to succeed, in words. NetworkManager begins again after a rest. */
export function findFailure({ setup, scenario }: BootTest, record: BootRecord): string | undefined {
  const isOffline = scenario.expected.verdict === 'offline';
  if (setup.stack === 'networkmanager') {
    return isOffline ? findDialFailure(record) : undefined;
  }
  if (!unitFailed(record, IFUP)) return undefined;
  const since = firstSeen(record, IFUP, 'failed') ?? record.elapsedMs;
  const isOver = !setup.supervised || isOffline || record.elapsedMs > since + SUPERVISOR_MS;
  return isOver ? `${IFUP} failed` : undefined;
}

/** The unit failed, and the look at it began after the last event of the modem or of a call. */
function unitFailed(record: BootRecord, name: string): boolean {
  if (findUnit(record, name)?.active !== 'failed') return false;
  const last = record.events.findLast(({ type }) => type === 'call' || type === 'usb')?.t ?? 0;
  return (lastLookAt(record, 'units') ?? -1) >= last;
}

interface StickTimes {
  readonly configuredAt: number | undefined;
  readonly factoryAt: number | undefined;
  readonly switchedAt: number | undefined;
}

function findStick(events: readonly TimedEvent[], { usbId, factoryUsbId }: DeviceDescription): StickTimes {
  let id: string | undefined;
  let configuredAt: number | undefined;
  let factoryAt: number | undefined;
  let switchedAt: number | undefined;
  for (const event of events) {
    if (event.type !== 'usb') continue;
    if (event.what === 'plug') id = event.id;
    if (event.what === 'plug' && event.id === factoryUsbId) factoryAt ??= event.t;
    if (event.what === 'mode-switch') switchedAt ??= event.t;
    if (event.what === 'set-configuration' && event.configuration !== 0 && id === usbId)
      configuredAt ??= event.t;
  }
  return { configuredAt, factoryAt, switchedAt };
}
