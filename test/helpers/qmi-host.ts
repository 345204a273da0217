import { type BehaviourInput, parseBehaviour } from '../../src/modem/behaviour.ts';
import { type Core, createCore } from '../../src/modem/core.ts';
import { DEVICE_MODELS } from '../../src/modem/device-models.ts';
import type { DeviceName } from '../../src/modem/devices.ts';
import { createEventLog, type EventLog } from '../../src/modem/events.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

/** A message from the modem, taken apart. */
export interface QmiMessage {
  readonly service: number;
  readonly client: number;
  readonly flags: number;
  readonly message: number;
  /** Of the result TLV; undefined in an indication. */
  readonly error: number | undefined;
  /** Type → value in hex, without the result. */
  readonly tlvs: Readonly<Record<number, string>>;
}

/** A powered modem without USB, and a host that speaks QMI to it. */
export interface QmiHost {
  readonly core: Core;
  readonly clock: ManualClock;
  readonly log: EventLog;
  /** Every frame from the modem, oldest first. */
  readonly frames: Buffer[];
  /** Sends a request and answers with the response, if it has come by then. */
  ask(
    service: number,
    client: number,
    message: number,
    tlvs?: Record<number, string>,
  ): QmiMessage | undefined;
  /** A client of that service. */
  client(service: number): number;
  indications(): QmiMessage[];
}

export function createQmiHost(behaviour: BehaviourInput = {}, device: DeviceName = 'e397u'): QmiHost {
  const clock = createManualClock();
  const log = createEventLog(clock);
  const core = createCore(
    parseBehaviour({ unsolicitedEveryMs: 0, ...behaviour }),
    clock,
    log,
    DEVICE_MODELS[device],
  );
  const frames: Buffer[] = [];
  core.outputs.control = (frame) => frames.push(frame);
  core.powerUp(0);
  clock.advance(0);
  let transaction = 0;
  const host: QmiHost = {
    core,
    clock,
    log,
    frames,
    ask(service, client, message, tlvs = {}) {
      transaction = (transaction % 255) + 1;
      const before = frames.length;
      core.control.input(encodeRequest(service, client, transaction, message, tlvs));
      clock.advance(200);
      return frames
        .slice(before)
        .map(decodeFrame)
        .find(({ error }) => error !== undefined);
    },
    client(service) {
      const answer = host.ask(0, 0, 0x22, { 1: Buffer.from([service]).toString('hex') });
      return Number.parseInt(answer?.tlvs[1]?.slice(2) ?? '', 16);
    },
    indications: () => frames.map(decodeFrame).filter(({ error }) => error === undefined),
  };
  return host;
}

/** A request as libqmi builds it; TLV values in hex. */
export function encodeRequest(
  service: number,
  client: number,
  transaction: number,
  message: number,
  tlvs: Record<number, string>,
): Buffer {
  const u16 = (value: number) => [value & 0xff, value >> 8];
  const body = Object.entries(tlvs).flatMap(([type, hex]) => {
    const value = Buffer.from(hex, 'hex');
    return [Number(type), ...u16(value.length), ...value];
  });
  const head = service === 0 ? [0, transaction] : [0, ...u16(transaction)];
  const rest = [0, service, client, ...head, ...u16(message), ...u16(body.length), ...body];
  return Buffer.from([1, ...u16(rest.length + 2), ...rest]);
}

export function decodeFrame(frame: Buffer): QmiMessage {
  const service = frame.readUInt8(4);
  const header = service === 0 ? 12 : 13;
  const tlvs: Record<number, string> = {};
  let error: number | undefined;
  for (let at = header; at < frame.length; ) {
    const length = frame.readUInt16LE(at + 1);
    const value = frame.subarray(at + 3, at + 3 + length);
    if (frame[at] === 2) error = value.readUInt16LE(2);
    else tlvs[frame.readUInt8(at)] = value.toString('hex');
    at += 3 + length;
  }
  const message = frame.readUInt16LE(header - 4);
  return { service, client: frame.readUInt8(5), flags: frame.readUInt8(6), message, error, tlvs };
}
