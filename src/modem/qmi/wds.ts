import type { Behaviour } from '../behaviour.ts';
import { CAUSE, type CallFailure, type Calls } from '../calls.ts';
import { u8, u16, u32, u64 } from '../little-endian.ts';
import type { Traffic } from '../traffic.ts';
import type { QmiFirmware } from './firmware.ts';
import { address, type QmiRequest, SERVICE, type Tlv, text8 } from './qmux.ts';
import {
  BROADCAST,
  type Indicate,
  ok,
  QMI_ERROR,
  type QmiAnswer,
  type QmiService,
  type QmiTable,
  refused,
} from './service.ts';

const MESSAGE = {
  reset: 0x0000,
  setEventReport: 0x0001,
  abort: 0x0002,
  startNetwork: 0x0020,
  stopNetwork: 0x0021,
  packetServiceStatus: 0x0022,
  getChannelRates: 0x0023,
  getPacketStatistics: 0x0024,
  indicationRegister: 0x0003,
  getAutoconnect: 0x0034,
  getLteAttachParameters: 0x0085,
  getLteAttachPdnList: 0x0094,
  bindMuxDataPort: 0x00a2,
  getProfileList: 0x002a,
  getProfileSettings: 0x002b,
  getDefaultSettings: 0x002c,
  getCurrentSettings: 0x002d,
  getDataBearerTechnology: 0x0037,
  setIpFamily: 0x004d,
} as const;

/** TLVs of "start network". */
const START = { apn: 0x14, auth: 0x16, user: 0x17, password: 0x18, ipFamily: 0x19 } as const;
const CONNECTION = { disconnected: 1, connected: 2 } as const;
const IP_FAMILY: Readonly<Record<number, 4 | 6 | 'any'>> = { 4: 4, 6: 6, 8: 'any' };
const CALL_END = { unspecified: 1, noService: 3, authenticationFailed: 10 } as const;
const CALL_END_TYPE = { cm: 3, '3gpp': 6 } as const;
const CM_NO_SERVICE = 2001;
const LTE_BEARER = 0x0a;
const PDP_TYPE_IPV4 = 0;
const IP_SUPPORT_IPV4 = 0;
/** An E397 tells bogus current rates (libqmi 7768fb07, by its owner); the greatest ones are those of LTE category 3. */
const RATES = { current: 0xffff_ffff, maxUp: 50_000_000, maxDown: 100_000_000 } as const;

/** Messages that came after the E397u. */
const NEW_MESSAGES: QmiTable = {
  [MESSAGE.indicationRegister]: () => ok(),
  [MESSAGE.bindMuxDataPort]: () => ok(),
  // Off, and while roaming too.
  [MESSAGE.getAutoconnect]: () => ok([0x01, u8(0)], [0x10, u8(1)]),
  [MESSAGE.getLteAttachParameters]: () =>
    ok([0x10, Buffer.alloc(0)], [0x11, u8(IP_SUPPORT_IPV4)], [0x12, u8(1)]),
  [MESSAGE.getLteAttachPdnList]: () => ok([0x10, Buffer.concat([u8(1), u16(1)])]),
};

/** Wireless data: calls and their settings. Handles are per client; releasing a client ends its call. */
export function createWds(
  behaviour: Behaviour,
  calls: Calls,
  traffic: Traffic,
  indicate: Indicate,
  firmware: QmiFirmware,
): QmiService {
  const handles = new Map<number, number>();
  const starting = new Set<number>();
  let nextHandle = 0xe100_0001;
  const { network } = behaviour;

  calls.subscribe((owner, up, failure) => {
    const status = u8(up ? CONNECTION.connected : CONNECTION.disconnected);
    const client = getClient(owner);
    if (!up && client !== undefined) handles.delete(client);
    indicate(SERVICE.WDS, BROADCAST, MESSAGE.packetServiceStatus, [
      [0x01, Buffer.concat([status, u8(0)])],
      ...(failure === undefined ? [] : endReason(failure)),
      [0x12, u8(4)],
    ]);
  });

  function start(request: QmiRequest, reply: (answer: QmiAnswer) => void): QmiAnswer | undefined {
    const { client, tlvs } = request;
    const wanted = tlvs.get(START.ipFamily);
    const ipFamily = wanted === undefined ? 'any' : IP_FAMILY[wanted[0] ?? -1];
    // libqmi 1.16.2 sends 0 here when no IP type is given, and this modem refuses it (fixed in 1.17.900).
    if (ipFamily === undefined) return refused(QMI_ERROR.InvalidIpFamilyPreference);
    const existing = handles.get(client);
    if (existing !== undefined) return refused(QMI_ERROR.NoEffect, [0x01, u32(existing)]);
    if (starting.has(client)) return refused(QMI_ERROR.NoEffect);
    starting.add(client);
    const user = text(tlvs.get(START.user));
    const password = text(tlvs.get(START.password));
    const auth = tlvs.get(START.auth)?.[0];
    calls.start(
      {
        owner: getOwner(client),
        via: 'qmi',
        apn: text(tlvs.get(START.apn)) ?? '',
        user,
        password,
        ...(auth === undefined ? {} : { auth: authNames(auth) }),
        ipFamily,
      },
      (failure) => {
        starting.delete(client);
        if (failure !== undefined) return reply(refused(QMI_ERROR.CallFailed, ...endReason(failure)));
        const handle = nextHandle;
        nextHandle += 1;
        handles.set(client, handle);
        reply(ok([0x01, u32(handle)]));
      },
    );
    return undefined;
  }

  function stop({ client, tlvs }: QmiRequest): QmiAnswer {
    const given = tlvs.get(0x01);
    if (given === undefined) return refused(QMI_ERROR.MissingArgument);
    if (given.length < 4) return refused(QMI_ERROR.MalformedMessage);
    const handle = handles.get(client);
    if (handle === undefined) return refused(QMI_ERROR.NoEffect);
    if (given.readUInt32LE(0) !== handle) return refused(QMI_ERROR.InvalidHandle);
    calls.stop(getOwner(client));
    return ok();
  }

  function release(client: number) {
    starting.delete(client);
    calls.stop(getOwner(client));
    handles.delete(client);
  }

  function currentSettings(): QmiAnswer {
    if (!calls.up) return refused(QMI_ERROR.OutOfCall);
    // Without DHCP the host learns its address here alone.
    if (firmware.isNew && network.addressing === 'no-dhcp') return refused(QMI_ERROR.InformationUnavailable);
    const servers = network.dns.map((server, index): Tlv => [0x15 + index, address(server)]);
    const mtu: Tlv[] = network.mtuBy.includes('qmi') ? [[0x29, u32(network.mtu)]] : [];
    return ok(
      [0x1e, address(network.address)],
      [0x20, address(network.gateway)],
      [0x21, address(network.netmask)],
      ...servers,
      ...mtu,
      [0x2b, u8(4)],
    );
  }

  /** The modem's only profile; it does not tell which APNs the network knows. */
  const profile: Tlv[] = [
    [0x10, Buffer.from('profile1')],
    [0x11, u8(PDP_TYPE_IPV4)],
    [0x14, Buffer.alloc(0)],
  ];

  return {
    number: SERVICE.WDS,
    name: 'WDS',
    version: firmware.versions.wds,
    secrets: { [MESSAGE.startNetwork]: [START.password] },
    released: release,
    messages: {
      [MESSAGE.reset]: ({ client }) => {
        release(client);
        return ok();
      },
      [MESSAGE.setEventReport]: () => ok(),
      [MESSAGE.abort]: ({ client }) => {
        if (!starting.has(client)) return refused(QMI_ERROR.NoEffect);
        release(client);
        return ok();
      },
      [MESSAGE.startNetwork]: start,
      [MESSAGE.stopNetwork]: stop,
      [MESSAGE.packetServiceStatus]: () =>
        ok([0x01, u8(calls.up ? CONNECTION.connected : CONNECTION.disconnected)]),
      [MESSAGE.getChannelRates]: () => {
        const { current, maxUp, maxDown } = RATES;
        return calls.up
          ? ok([0x01, Buffer.concat([current, current, maxUp, maxDown].map(u32))])
          : refused(QMI_ERROR.OutOfCall);
      },
      [MESSAGE.getPacketStatistics]: () =>
        ok(
          [0x10, u32(traffic.up.packets)],
          [0x11, u32(traffic.down.packets)],
          [0x19, u64(BigInt(traffic.up.bytes))],
          [0x1a, u64(BigInt(traffic.down.bytes))],
        ),
      ...(firmware.isNew ? NEW_MESSAGES : {}),
      [MESSAGE.getProfileList]: () => ok([0x01, Buffer.concat([Buffer.from([1, 0, 1]), text8('profile1')])]),
      [MESSAGE.getProfileSettings]: ({ tlvs }) => {
        const id = tlvs.get(0x01);
        if (id === undefined) return refused(QMI_ERROR.MissingArgument);
        return id[0] === 0 && id[1] === 1 ? ok(...profile) : refused(QMI_ERROR.InvalidProfile);
      },
      [MESSAGE.getDefaultSettings]: () => ok(...profile),
      [MESSAGE.getCurrentSettings]: currentSettings,
      [MESSAGE.getDataBearerTechnology]: () =>
        calls.up ? ok([0x01, u8(LTE_BEARER)]) : refused(QMI_ERROR.OutOfCall),
      [MESSAGE.setIpFamily]: ({ tlvs }) =>
        IP_FAMILY[tlvs.get(0x01)?.[0] ?? -1] === undefined
          ? refused(QMI_ERROR.InvalidIpFamilyPreference)
          : ok(),
    },
  };
}

function getOwner(client: number): string {
  return `qmi:${client}`;
}

function getClient(owner: string): number | undefined {
  return owner.startsWith('qmi:') ? Number(owner.slice(4)) : undefined;
}

/** TLVs 0x10 and 0x11: why a call ended, short and verbose. */
function endReason(failure: CallFailure): Tlv[] {
  const [short, type, verbose] =
    failure.kind === 'no-service'
      ? [CALL_END.noService, CALL_END_TYPE.cm, CM_NO_SERVICE]
      : [
          failure.cause === CAUSE.userAuthentication ? CALL_END.authenticationFailed : CALL_END.unspecified,
          CALL_END_TYPE['3gpp'],
          failure.cause,
        ];
  return [
    [0x10, u16(short)],
    [0x11, Buffer.concat([u16(type), u16(verbose)])],
  ];
}

function text(value: Buffer | undefined): string | undefined {
  return value?.toString('utf8');
}

function authNames(bits: number): ('pap' | 'chap')[] {
  return [...(bits & 1 ? (['pap'] as const) : []), ...(bits & 2 ? (['chap'] as const) : [])];
}
