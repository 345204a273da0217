import type { CallFailure } from '../calls.ts';
import { u32 } from '../little-endian.ts';
import { parseAddress } from '../network/ethernet.ts';
import { readNumber, readText } from './fields.ts';
import { COMMAND, type MbimAnswer, type MbimParts, type MbimTable, ok, refused, STATUS } from './service.ts';

/** The context type "internet" (table 10-9). */
const INTERNET = Buffer.from('7e5e2a7e4e6f7272736b656e7e5e2a7e', 'hex');
const COMMANDS = { deactivate: 0, activate: 1 } as const;
const ACTIVATION = { activated: 1, deactivated: 3 } as const;
const NO_VOICE = 0;
const IPV4 = 1;
/** By MBIM_CONTEXT_IP_TYPE; no answer of this network has both. */
const IP_FAMILY: Readonly<Record<number, 4 | 6 | 'any'>> = { 0: 'any', 1: 4, 2: 6, 3: 'any', 4: 'any' };
const AUTH: Readonly<Record<number, readonly ('pap' | 'chap')[]>> = { 1: ['pap'], 2: ['chap'], 3: ['chap'] };
const AVAILABLE = { address: 1, gateway: 2, dns: 4, mtu: 8 } as const;
const ONE_SESSION = 0;
/** Of the call of that session. */
export const CALL_OWNER = `mbim:${ONE_SESSION}`;

/** Sets a call up and tells its addresses (§10.5.12, 13, 20). There is one session, number 0. */
export function createConnectTable(parts: MbimParts, isAttached: () => boolean): MbimTable {
  const { behaviour, calls, radio, indicate } = parts;
  const { network } = behaviour;
  let starting = false;
  let isStopping = false;

  const state = (isUp: boolean, networkError: number) =>
    ok(
      ...[ONE_SESSION, isUp ? ACTIVATION.activated : ACTIVATION.deactivated, NO_VOICE, isUp ? IPV4 : 0],
      { inline: INTERNET },
      networkError,
    );

  calls.subscribe((who, up, failure) => {
    // A call that the host starts or ends is told in the answer to that.
    if (who !== CALL_OWNER || up || failure === undefined || isStopping) return;
    indicate(COMMAND.connect, state(false, causeOf(failure)).buffer);
  });

  radio.subscribe((registration) => {
    if (registration === 'off') starting = false;
  });

  function activate(buffer: Buffer, reply: (answer: MbimAnswer) => void): MbimAnswer | undefined {
    const [apn, user, password] = [8, 16, 24].map((at) => readText(buffer, at));
    const [auth, ipType] = [readNumber(buffer, 36), readNumber(buffer, 40)];
    const ipFamily = IP_FAMILY[ipType ?? -1];
    if (apn === undefined || user === undefined || password === undefined || auth === undefined)
      return refused(STATUS.invalidParameters);
    if (ipFamily === undefined) return refused(STATUS.invalidParameters);
    if (!radio.online) return refused(STATUS.radioPowerOff);
    if (radio.registration !== 'registered') return refused(STATUS.notRegistered);
    if (!isAttached()) return refused(STATUS.packetServiceDetached);
    if (calls.has(CALL_OWNER)) return refused(STATUS.maxActivatedContexts);
    if (starting) return refused(STATUS.busy);
    starting = true;
    calls.start(
      {
        owner: CALL_OWNER,
        via: 'mbim',
        apn,
        ...(user === '' ? {} : { user }),
        password,
        ...(AUTH[auth] === undefined ? {} : { auth: AUTH[auth] }),
        ipFamily,
      },
      (failure) => {
        starting = false;
        if (failure === undefined) return reply(state(true, 0));
        const { buffer: told } = state(false, causeOf(failure));
        const status = failure.kind === 'no-service' ? STATUS.notRegistered : STATUS.failure;
        reply({ status, buffer: told });
      },
    );
    return undefined;
  }

  function ipConfiguration(buffer: Buffer): MbimAnswer {
    if (readNumber(buffer, 0) !== ONE_SESSION) return refused(STATUS.invalidParameters);
    if (!calls.has(CALL_OWNER)) return refused(STATUS.contextNotActivated);
    const isTold = network.addressing === 'ipv4';
    const mtu = isTold && network.mtuBy.includes('qmi') ? network.mtu : 0;
    const { address, gateway, dns } = AVAILABLE;
    const flags = isTold ? address | gateway | dns | (mtu === 0 ? 0 : AVAILABLE.mtu) : 0;
    const own = Buffer.concat([u32(countBits(parseAddress(network.netmask))), parseAddress(network.address)]);
    const none = { array: [] };
    return ok(
      ...[ONE_SESSION, flags, 0],
      ...(isTold ? [{ array: [own] }, none] : [none, none]),
      ...[{ reference: isTold ? parseAddress(network.gateway) : undefined }, { reference: undefined }],
      ...[{ array: isTold ? network.dns.map(parseAddress) : [] }, none],
      ...[mtu, 0],
    );
  }

  return {
    [COMMAND.connect]: ({ isSet, buffer }, reply) => {
      if (readNumber(buffer, 0) !== ONE_SESSION) return refused(STATUS.invalidParameters);
      if (!isSet) return state(calls.has(CALL_OWNER), 0);
      const command = readNumber(buffer, 4);
      if (command === COMMANDS.activate) return activate(buffer, reply);
      if (command !== COMMANDS.deactivate) return refused(STATUS.invalidParameters);
      starting = false;
      isStopping = true;
      const stopped = calls.stop(CALL_OWNER);
      isStopping = false;
      return stopped ? state(false, 0) : refused(STATUS.contextNotActivated);
    },
    [COMMAND.ipConfiguration]: ({ buffer }) => ipConfiguration(buffer),
    [COMMAND.provisionedContexts]: ({ isSet }) =>
      isSet ? refused(STATUS.noDeviceSupport) : ok({ structs: [] }),
  };
}

function causeOf(failure: CallFailure): number {
  return failure.kind === '3gpp' ? failure.cause : 0;
}

function countBits(mask: Buffer): number {
  return [...mask].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
}
