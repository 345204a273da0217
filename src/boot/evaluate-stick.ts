import { formatSeconds } from '../formats/units.ts';
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
  const found = findStick(record.events);
  if (found.configuredAt !== undefined) {
    const switched =
      found.switchedAt === undefined ? '' : `, switched from 12d1:1505 at ${formatSeconds(found.switchedAt)}`;
    return met(found.configuredAt, `12d1:1506 configured${switched}`);
  }
  const doneAt = bootDoneAt(record);
  const comesLater = scenario.machine.plugInAfterBootMs !== undefined;
  if (scenario.behaviour.absent === true && !comesLater && doneAt !== undefined) {
    return failed('no modem was plugged in');
  }
  if (found.factoryAt === undefined) return pending('no modem on the bus yet');
  const limit = Math.max(found.factoryAt, doneAt ?? Number.POSITIVE_INFINITY) + SWITCH_MS;
  return waitUntil(record, limit, 'the modem is still the mass storage 12d1:1505: nothing switched it');
};

/** The modem accepted the image's AT^NDISDUP, which named the right APN. */
export const evaluateAtCommand: Evaluator = ({ setup, apn }, record) => {
  if (setup.ndisdupApn === undefined) return skipped('the image sends no AT^NDISDUP');
  const sent = record.events.flatMap((event) => {
    const named = event.type === 'at' ? /^AT\^NDISDUP=\d+,1,"([^"]*)"/i.exec(event.command)?.[1] : undefined;
    return event.type === 'at' && named !== undefined ? [{ ...event, named }] : [];
  });
  const wrong = sent.find(({ named }) => named !== apn);
  if (wrong !== undefined) return failed(`AT^NDISDUP named the APN "${wrong.named}" instead of "${apn}"`);
  const taken = sent.find(({ answer }) => answer === 'OK');
  if (taken !== undefined) return met(taken.t, `${taken.command} → OK`);
  const last = sent.at(-1);
  const so = last === undefined ? 'AT^NDISDUP has not come' : `AT^NDISDUP was answered ${last.answer}`;
  return unitFailed(record, NDISDUP) ? failed(`${so}; ${NDISDUP} failed`) : pending(so);
};

/** The QMI call was started, with the right APN. */
export const evaluateStartNetwork: Evaluator = (bootTest, record) => {
  const { apn } = bootTest;
  const wrong = record.events.find((event) => isDialled(event) && event.what !== 'stop' && event.apn !== apn);
  if (wrong?.type === 'call') return failed(`the QMI call named the APN "${wrong.apn}" instead of "${apn}"`);
  const start = record.events.find((event) => isQmiCall(event, 'start'));
  if (start?.type === 'call') {
    return met(start.t, `APN ${start.apn}${start.user === undefined ? '' : `, user ${start.user}`}`);
  }
  const so = describeRefusal(record.events) ?? 'no QMI start network yet';
  return ifupFailed(bootTest, record) ? failed(`${so}; ${IFUP} failed`) : pending(so);
};

function isQmiCall(event: TimedEvent, what: string): boolean {
  return isDialled(event) && event.what === what;
}

/** Why the last refused "start network" was refused; undefined if none was. */
function describeRefusal(events: readonly TimedEvent[]): string | undefined {
  const refused = events.filter((event) => event.type === 'qmi' && isRefusedStart(event)).at(-1);
  if (refused?.type !== 'qmi') return undefined;
  const why = events.filter((event) => isQmiCall(event, 'refuse')).at(-1);
  const reason = why?.type === 'call' && why.why !== undefined ? ` (${why.why}, APN ${why.apn})` : '';
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

/** ifup gave up on wwan0, and no later attempt is expected to succeed. */
export function ifupFailed({ setup, scenario }: BootTest, record: BootRecord): boolean {
  if (!unitFailed(record, IFUP)) return false;
  if (!setup.supervised || scenario.expected.verdict === 'offline') return true;
  const since = firstSeen(record, IFUP, 'failed') ?? record.elapsedMs;
  return record.elapsedMs > since + SUPERVISOR_MS;
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

function findStick(events: readonly TimedEvent[]): StickTimes {
  let id: string | undefined;
  let configuredAt: number | undefined;
  let factoryAt: number | undefined;
  let switchedAt: number | undefined;
  for (const event of events) {
    if (event.type !== 'usb') continue;
    if (event.what === 'plug') id = event.id;
    if (event.what === 'plug' && event.id === '12d1:1505') factoryAt ??= event.t;
    if (event.what === 'mode-switch') switchedAt ??= event.t;
    if (event.what === 'set-configuration' && event.configuration !== 0 && id === '12d1:1506')
      configuredAt ??= event.t;
  }
  return { configuredAt, factoryAt, switchedAt };
}
