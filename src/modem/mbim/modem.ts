import type { ControlPort } from '../control-port.ts';
import type { EventLog } from '../events.ts';
import type { ModemParts } from '../modem-parts.ts';
import { CALL_OWNER, createConnectTable } from './connect.ts';
import { createDeviceTable } from './device.ts';
import {
  createMbimReader,
  encodeCommandDone,
  encodeIndication,
  encodeStatus,
  MBIM_ERROR,
  type MbimCommand,
} from './message.ts';
import { createRegistrationTable } from './registration.ts';
import {
  BASIC_CONNECT,
  COMMAND,
  type MbimAnswer,
  type MbimParts,
  type MbimTable,
  refused,
  STATUS,
} from './service.ts';
import { createSimTable } from './sim.ts';

/** The MBIM side of a modem: takes one transfer at a time, answers through `send`. Commands count between open and close. */
export function createMbimModem(
  modemParts: ModemParts,
  log: EventLog,
  send: (message: Buffer) => void,
): ControlPort {
  let isOpen = false;
  let generation = 0;
  let read = createMbimReader();

  function indicate(command: number, buffer: Buffer) {
    if (isOpen && !modem.unresponsive) send(encodeIndication(BASIC_CONNECT, command, buffer));
  }

  const parts: MbimParts = { ...modemParts, indicate };
  const registration = createRegistrationTable(parts);
  const table: MbimTable = {
    ...createDeviceTable(parts),
    ...createSimTable(parts),
    ...registration.table,
    ...createConnectTable(parts, registration.isAttached),
  };

  function open(transaction: number) {
    const status = modem.exhausted ? STATUS.busy : STATUS.ok;
    isOpen = status === STATUS.ok;
    log.record({ type: 'mbim', what: 'open', transaction, status });
    send(encodeStatus('openDone', transaction, status));
  }

  function close(transaction: number) {
    isOpen = false;
    modemParts.calls.stop(CALL_OWNER);
    log.record({ type: 'mbim', what: 'close', transaction, status: STATUS.ok });
    send(encodeStatus('closeDone', transaction, STATUS.ok));
  }

  function run(request: MbimCommand) {
    const asked = generation;
    const reply = ({ status, buffer }: MbimAnswer) => {
      // Drops a late answer to a host from before the modem was pulled.
      if (modem.unresponsive || generation !== asked) return;
      log.record({
        type: 'mbim',
        what: request.isSet ? 'set' : 'query',
        command: nameOf(request),
        transaction: request.transaction,
        status,
      });
      send(encodeCommandDone(request, status, buffer));
    };
    const handler = request.service === BASIC_CONNECT ? table[request.command] : undefined;
    const answer = handler === undefined ? refused(STATUS.noDeviceSupport) : handler(request, reply);
    if (answer !== undefined) reply(answer);
  }

  const modem: ControlPort = {
    unresponsive: false,
    exhausted: false,
    input(bytes) {
      const request = read(bytes);
      if (modem.unresponsive || request === 'more' || request.kind === 'error') return;
      const { transaction } = request;
      if (request.kind === 'open') open(transaction);
      else if (request.kind === 'close') close(transaction);
      else if (request.kind === 'bad') {
        log.record({ type: 'mbim-bad', error: request.error, bytes: bytes.length });
        send(encodeStatus('functionError', transaction, request.error));
      } else if (!isOpen) send(encodeStatus('functionError', transaction, MBIM_ERROR.notOpened));
      else if (request.kind === 'command') run(request);
    },
    powerDown() {
      isOpen = false;
      modem.exhausted = false;
      generation += 1;
      read = createMbimReader();
    },
  };
  return modem;
}

/** `connect`, or what stands for a command that the modem does not know. */
function nameOf({ service, command }: MbimCommand): string {
  const name = Object.entries(COMMAND).find(([, number]) => number === command)?.[0];
  return service === BASIC_CONNECT && name !== undefined ? name : `${service}/${command}`;
}
