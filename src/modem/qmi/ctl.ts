import { u8, u16 } from '../little-endian.ts';
import { type QmiRequest, SERVICE } from './qmux.ts';
import { ok, QMI_ERROR, type QmiAnswer, type QmiService, refused } from './service.ts';
import { LINK_LAYER } from './wda.ts';

const MESSAGE = {
  setInstanceId: 0x0020,
  getVersionInfo: 0x0021,
  allocateClient: 0x0022,
  releaseClient: 0x0023,
  setDataFormat: 0x0026,
  sync: 0x0027,
  /** libqmi's own, for its proxy; the pty tier can stand in for one. */
  internalProxyOpen: 0xff00,
} as const;

const MAX_CLIENT = 254;

/** Client numbers in use, per service. */
export interface Clients {
  has(service: number, client: number): boolean;
  any(service: number): boolean;
  /** Undefined if all are in use. */
  allocate(service: number): number | undefined;
  /** False if there is no such client. */
  release(service: number, client: number): boolean;
  /** Releases all. */
  sync(): void;
  /** Forgets all clients, and drops the answers that are still under way to them. */
  forget(): void;
  /** Increases with every `forget`. */
  readonly generation: number;
  /** Nothing is allocated, whatever is released; until `forget`. */
  exhausted: boolean;
}

export function createClients(services: readonly QmiService[]): Clients {
  const used = new Map<number, Set<number>>();
  const last = new Map<number, number>();
  let generation = 0;
  const set = (service: number) => used.get(service) ?? new Set<number>();

  const clients: Clients = {
    exhausted: false,
    get generation() {
      return generation;
    },
    has: (service, client) => set(service).has(client),
    any: (service) => set(service).size > 0,
    allocate(service) {
      const taken = set(service);
      if (clients.exhausted || taken.size >= MAX_CLIENT) return undefined;
      // Continues from the last number, as modems do: a released number is not used again at once.
      let client = last.get(service) ?? 0;
      do client = (client % MAX_CLIENT) + 1;
      while (taken.has(client));
      last.set(service, client);
      used.set(service, taken.add(client));
      return client;
    },
    release(service, client) {
      if (!set(service).delete(client)) return false;
      services.find((each) => each.number === service)?.released?.(client);
      return true;
    },
    sync() {
      for (const [service, taken] of used) for (const client of [...taken]) clients.release(service, client);
    },
    forget() {
      clients.sync();
      clients.exhausted = false;
      last.clear();
      generation += 1;
    },
  };
  return clients;
}

/** The control service: the list of services, and their client numbers. A modem with WDA knows raw IP alone. */
export function answerControl(
  clients: Clients,
  services: readonly QmiService[],
  { message, tlvs }: QmiRequest,
): QmiAnswer {
  const hasWda = services.some(({ number }) => number === SERVICE.WDA);
  const given = tlvs.get(0x01);
  switch (message) {
    case MESSAGE.setInstanceId:
      return ok([0x01, u16(0)]);
    case MESSAGE.getVersionInfo: {
      const all = [{ number: SERVICE.CTL, version: [1, 5] as const }, ...services];
      const entries = all.map(({ number, version: [major, minor] }) =>
        Buffer.concat([u8(number), u16(major), u16(minor)]),
      );
      return ok([0x01, Buffer.concat([u8(entries.length), ...entries])]);
    }
    case MESSAGE.allocateClient: {
      const service = given?.[0];
      if (service === undefined) return refused(QMI_ERROR.MissingArgument);
      if (!services.some((each) => each.number === service)) return refused(QMI_ERROR.InvalidServiceType);
      const client = clients.allocate(service);
      return client === undefined
        ? refused(QMI_ERROR.ClientIdsExhausted)
        : ok([0x01, Buffer.from([service, client])]);
    }
    case MESSAGE.releaseClient: {
      const [service, client] = given ?? [];
      if (service === undefined || client === undefined) return refused(QMI_ERROR.MissingArgument);
      return clients.release(service, client)
        ? ok([0x01, Buffer.from([service, client])])
        : refused(QMI_ERROR.InvalidClientId);
    }
    case MESSAGE.setDataFormat:
      return ok([0x10, u16(hasWda ? LINK_LAYER.rawIp : LINK_LAYER.ethernet)]);
    case MESSAGE.sync:
      clients.sync();
      return ok();
    case MESSAGE.internalProxyOpen:
      return ok();
    default:
      return refused(QMI_ERROR.InvalidQmiCommand);
  }
}
