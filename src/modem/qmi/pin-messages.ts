import type { PinAnswer, PinState, Sim } from '../sim.ts';
import type { QmiRequest } from './qmux.ts';
import { ok, QMI_ERROR, type QmiAnswer, type QmiService, type QmiTable, refused } from './service.ts';

/** The four messages about a PIN that the services DMS and UIM have, by their numbers, and the TLV with the PINs. */
export interface PinNumbers {
  readonly protect: number;
  readonly verify: number;
  readonly unblock: number;
  readonly change: number;
  readonly tlv: number;
}

/** QmiDmsUimPinStatus and QmiUimPinState of libqmi, which number the states of a PIN alike. */
export const PIN_STATE: Readonly<Record<PinState, number>> = {
  absent: 0,
  required: 1,
  verified: 2,
  disabled: 3,
  blocked: 4,
  dead: 5,
};

const PIN1 = 1;

/** The messages, and where their secrets stand. */
export function createPinMessages(
  sim: Sim,
  { protect, verify, unblock, change, tlv }: PinNumbers,
): { readonly messages: QmiTable; readonly secrets: NonNullable<QmiService['secrets']> } {
  /** The id of the PIN, `skip` further bytes, then strings, given to `act`. */
  const withPins =
    (skip: number, count: number, act: (pins: readonly string[], flag: number) => PinAnswer) =>
    ({ tlvs }: QmiRequest): QmiAnswer => {
      const given = tlvs.get(tlv);
      const id = given?.[0];
      if (given === undefined || id === undefined || given.length < 1 + skip)
        return refused(QMI_ERROR.MissingArgument);
      const pins = readStrings(given.subarray(1 + skip), count);
      if (pins === undefined) return refused(QMI_ERROR.MalformedMessage);
      return id === PIN1 ? pinAnswer(sim, act(pins, given[1] ?? 0)) : refused(QMI_ERROR.InvalidPinId);
    };
  const messages: QmiTable = {
    [protect]: withPins(1, 1, ([pin = ''], on) => sim.protect(pin, on !== 0)),
    [verify]: withPins(0, 1, ([pin = '']) => sim.verify(pin)),
    [unblock]: withPins(0, 2, ([puk = '', pin = '']) => sim.unblock(puk, pin)),
    [change]: withPins(0, 2, ([old = '', pin = '']) => sim.change(old, pin)),
  };
  return { messages, secrets: Object.fromEntries(Object.keys(messages).map((number) => [number, [tlv]])) };
}

/** Length-prefixed strings; undefined unless they fill `bytes` exactly. */
function readStrings(bytes: Buffer, count: number): string[] | undefined {
  const strings: string[] = [];
  let at = 0;
  for (let n = 0; n < count; n += 1) {
    const length = bytes[at];
    if (length === undefined || at + 1 + length > bytes.length) return undefined;
    strings.push(bytes.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return at === bytes.length ? strings : undefined;
}

/** A refusal contains the tries that are left: TLV 0x10, PIN and PUK. */
function pinAnswer(sim: Sim, answer: PinAnswer): QmiAnswer {
  if (sim.state === 'absent') return refused(QMI_ERROR.UimUninitialized);
  if (answer === 'ok') return ok();
  if (answer === 'not-needed') return refused(QMI_ERROR.NoEffect);
  const blocked = sim.state === 'dead' ? QMI_ERROR.PinAlwaysBlocked : QMI_ERROR.PinBlocked;
  const error = answer === 'wrong' ? QMI_ERROR.IncorrectPin : blocked;
  return refused(error, [0x10, Buffer.from([sim.retries, sim.pukRetries])]);
}
