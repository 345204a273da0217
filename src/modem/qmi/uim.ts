import { u8, u16 } from '../little-endian.ts';
import type { PinState, Sim } from '../sim.ts';
import { readSimFile } from '../sim-files.ts';
import { createPinMessages, PIN_STATE } from './pin-messages.ts';
import { type QmiRequest, SERVICE, type Tlv } from './qmux.ts';
import {
  BROADCAST,
  type Indicate,
  ok,
  QMI_ERROR,
  type QmiAnswer,
  type QmiService,
  refused,
} from './service.ts';

const PINS = { protect: 0x0025, verify: 0x0026, unblock: 0x0027, change: 0x0028, tlv: 0x02 } as const;
const MESSAGE = {
  reset: 0x0000,
  readTransparent: 0x0020,
  getFileAttributes: 0x0024,
  refreshRegister: 0x002a,
  registerEvents: 0x002e,
  getCardStatus: 0x002f,
  cardStatusIndication: 0x0032,
  getConfiguration: 0x003a,
  refreshRegisterAll: 0x0044,
} as const;

/** QmiUimCardApplicationState. */
const APPLICATION_STATE: Readonly<Record<PinState, number>> = {
  absent: 0,
  required: 2,
  verified: 7,
  disabled: 7,
  blocked: 3,
  dead: 5,
};
const CARD = { absent: 0, present: 1, possiblyRemoved: 6 } as const;
const USIM = 2;
const PERSONALIZATION_READY = 2;
/** The application identifier of a USIM (TS 101 220 annex E). */
const USIM_AID = Buffer.from('a0000000871002ffffffff8900000100', 'hex');
const NONE = 0xffff;
const FOUND = Buffer.from([0x90, 0x00]);
/** TS 102 221 §10.2.1.5.4. */
const NOT_FOUND = Buffer.from([0x6a, 0x82]);
const TRANSPARENT = 0;

/** The SIM's service of newer firmware: state of the card, its PIN, and its files. */
export function createUim(sim: Sim, indicate: Indicate): QmiService {
  const { messages: pins, secrets } = createPinMessages(sim, PINS);
  let reports = false;

  sim.subscribe(() => {
    if (reports) indicate(SERVICE.UIM, BROADCAST, MESSAGE.cardStatusIndication, [cardStatus(sim)]);
  });

  function readFile(request: QmiRequest): QmiAnswer {
    const file = findFile(sim, request);
    if ('error' in file) return file;
    const asked = request.tlvs.get(0x03);
    if (asked === undefined || asked.length < 4) return refused(QMI_ERROR.MissingArgument);
    const [offset, length] = [asked.readUInt16LE(0), asked.readUInt16LE(2)];
    const bytes = file.content.subarray(offset, length === 0 ? undefined : offset + length);
    return ok([0x10, FOUND], [0x11, Buffer.concat([u16(bytes.length), bytes])]);
  }

  function getAttributes(request: QmiRequest): QmiAnswer {
    const file = findFile(sim, request);
    if ('error' in file) return file;
    // No records; anyone may read; a security condition of each other kind; no raw data.
    const form = Buffer.concat([u16(file.content.length), u16(file.id), u8(TRANSPARENT), u16(0), u16(0)]);
    return ok([0x10, FOUND], [0x11, Buffer.concat([form, Buffer.alloc(15), u16(0)])]);
  }

  return {
    number: SERVICE.UIM,
    name: 'UIM',
    version: [1, 46],
    secrets,
    messages: {
      ...pins,
      [MESSAGE.reset]: () => ok(),
      [MESSAGE.readTransparent]: readFile,
      [MESSAGE.getFileAttributes]: getAttributes,
      [MESSAGE.refreshRegister]: () => ok(),
      [MESSAGE.refreshRegisterAll]: () => ok(),
      [MESSAGE.registerEvents]: ({ tlvs }) => {
        const mask = tlvs.get(0x01);
        if (mask === undefined) return refused(QMI_ERROR.MissingArgument);
        reports = true;
        return ok([0x10, Buffer.from(mask)]);
      },
      [MESSAGE.getCardStatus]: () => ok(cardStatus(sim)),
      // Automatic selection; no personalization is active.
      [MESSAGE.getConfiguration]: () => ok([0x10, u8(1)], [0x11, u8(0)]),
    },
  };
}

/** TLV 0x10 of "get card status" and its indication: one card with one application. */
function cardStatus(sim: Sim): Tlv {
  const { state } = sim;
  const primary = state === 'absent' ? NONE : 0;
  const indexes = [primary, NONE, NONE, NONE].map(u16);
  if (state === 'absent') {
    const card = [CARD.absent, PIN_STATE.absent, 0, 0, CARD.possiblyRemoved, 0];
    return [0x10, Buffer.concat([...indexes, Buffer.from([1, ...card])])];
  }
  const open = sim.ready ? PERSONALIZATION_READY : 0;
  return [
    0x10,
    Buffer.concat([
      ...indexes,
      Buffer.from([1, CARD.present, PIN_STATE.absent, 0, 0, 0, 1]),
      Buffer.from([USIM, APPLICATION_STATE[state], open, 0, 0, 0, USIM_AID.length]),
      USIM_AID,
      // UPIN does not replace PIN1; PIN1; PIN2.
      Buffer.from([0, PIN_STATE[state], sim.retries, sim.pukRetries, PIN_STATE.required, 3, 10]),
    ]),
  ];
}

/** The file that TLV 0x02 names by its identifier; its path is not looked at. */
function findFile(
  sim: Sim,
  { tlvs }: QmiRequest,
): { readonly id: number; readonly content: Buffer } | QmiAnswer {
  const named = tlvs.get(0x02);
  if (named === undefined || named.length < 2) return refused(QMI_ERROR.MissingArgument);
  if (sim.state === 'absent') return refused(QMI_ERROR.UimUninitialized);
  const id = named.readUInt16LE(0);
  const content = readSimFile(sim, id);
  if (content === 'locked') return refused(QMI_ERROR.AccessDenied);
  return content === undefined ? refused(QMI_ERROR.Internal, [0x10, NOT_FOUND]) : { id, content };
}
