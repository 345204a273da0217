import type { ControlPort } from '../control-port.ts';
import type { EventLog } from '../events.ts';
import { answerControl, createClients } from './ctl.ts';
import { encodeQmux, parseQmux, type QmiRequest, SERVICE, type Tlv } from './qmux.ts';
import { BROADCAST, QMI_ERROR, type QmiAnswer, type QmiService, refused, resultTlv } from './service.ts';

/**
 * The QMI side of the modem: takes one QMUX frame at a time, answers through `send`. Creates the services too, because
 * they send indications through it.
 */
export function createQmiModem(
  services: (
    indicate: (service: number, client: number, message: number, tlvs: readonly Tlv[]) => void,
  ) => readonly QmiService[],
  log: EventLog,
  send: (frame: Buffer) => void,
): ControlPort {
  const list = services(indicate);
  const clients = createClients(list);

  function indicate(service: number, client: number, message: number, tlvs: readonly Tlv[]) {
    if (modem.unresponsive || (client === BROADCAST && !clients.any(service))) return;
    send(encodeQmux({ service, client, transaction: 0, message, kind: 'indication', tlvs }));
  }

  function answer(request: QmiRequest, reply: (answer: QmiAnswer) => void): QmiAnswer | undefined {
    if (request.service === SERVICE.CTL) return answerControl(clients, list, request);
    if (!clients.has(request.service, request.client)) return refused(QMI_ERROR.InvalidClientId);
    const service = list.find((each) => each.number === request.service);
    const handler = service?.messages[request.message];
    return handler === undefined ? refused(QMI_ERROR.InvalidQmiCommand) : handler(request, reply);
  }

  const modem: ControlPort = {
    unresponsive: false,
    get exhausted() {
      return clients.exhausted;
    },
    set exhausted(now: boolean) {
      clients.exhausted = now;
    },
    input(frame) {
      const request = parseQmux(frame);
      if (typeof request === 'string') {
        log.record({ type: 'qmi-bad', why: request, bytes: frame.length });
        return;
      }
      if (modem.unresponsive) return;
      const generation = clients.generation;
      const reply = ({ error, tlvs }: QmiAnswer) => {
        // Drops a late answer to a client from before the modem was pulled.
        if (modem.unresponsive || clients.generation !== generation) return;
        log.record(describe(list, request, error));
        const { service, client, transaction, message } = request;
        send(
          encodeQmux({
            service,
            client,
            transaction,
            message,
            kind: 'response',
            tlvs: [resultTlv(error), ...tlvs],
          }),
        );
      };
      const now = answer(request, reply);
      if (now !== undefined) reply(now);
    },
    powerDown: () => clients.forget(),
  };
  return modem;
}

function describe(services: readonly QmiService[], request: QmiRequest, error: number) {
  const service = services.find((each) => each.number === request.service);
  const secrets = service?.secrets?.[request.message] ?? [];
  // An unknown message may contain a PIN, as DMS 0x2a does (UIM Change PIN).
  const isKnown = request.service === SERVICE.CTL || service?.messages[request.message] !== undefined;
  const tlvs: Record<string, string> = {};
  for (const [type, value] of request.tlvs) {
    tlvs[hex(type, 2)] =
      !isKnown || secrets.includes(type) ? `*** (${value.length} bytes)` : value.toString('hex');
  }
  return {
    type: 'qmi' as const,
    service: request.service === SERVICE.CTL ? 'CTL' : (service?.name ?? String(request.service)),
    client: request.client,
    message: hex(request.message, 4),
    transaction: request.transaction,
    error,
    tlvs,
  };
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
