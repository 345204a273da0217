import { CAUSE } from '../calls.ts';
import { type AtAnswer, type AtContext, type AtTable, said, simError } from './context.ts';
import type { AtCommand } from './parse.ts';

/** Huawei's authentication numbers in ^NDISDUP, as ModemManager's Huawei plugin has them. */
const AUTH: ReadonlyMap<string, readonly ('pap' | 'chap')[]> = new Map([
  ['0', []],
  ['1', ['pap']],
  ['2', ['chap']],
  ['3', ['chap']],
]);

/** Commands that start, stop and show a data call. */
export const dialCommands: AtTable = {
  '^NDISDUP': (command, context) => {
    if (command.kind === 'test') return said('^NDISDUP: (1,11),(0,1)');
    return command.kind === 'set' ? dial(command, context) : undefined;
  },
  '^NDISSTATQRY': (command, { calls, behaviour }) => {
    if (command.kind === 'run') return undefined;
    const up = calls.has(owner(command.parameters[0])) || calls.up;
    const dead = behaviour.network.addressing === 'ipv6-only' ? 33 : '';
    return said(up ? '^NDISSTATQRY: 1,,,"IPV4"' : `^NDISSTATQRY: 0,${dead},,"IPV4"`);
  },
  '^DHCP': ({ kind }, { calls, behaviour }) => {
    if (kind !== 'read') return undefined;
    if (!calls.up || behaviour.network.addressing === 'no-dhcp') return { error: 'plain' };
    const { address, netmask, gateway, dns } = behaviour.network;
    const addresses = [address, netmask, gateway, gateway, dns[0] ?? gateway, dns[1] ?? '0.0.0.0'];
    return said(`^DHCP:${addresses.map(hexAddress).join(',')},100000000,50000000`);
  },
  '+CGDCONT': (command, { behaviour }) => {
    if (command.kind === 'set') return said();
    return command.kind === 'read'
      ? said(`+CGDCONT: 1,"IP","${behaviour.apns[0]?.apn ?? ''}","0.0.0.0",0,0`)
      : undefined;
  },
  '^AUTHDATA': (command) => (command.kind === 'set' ? said() : undefined),
};

/**
 * `^NDISDUP=<cid>,<1|0>[,"apn"[,"user"[,"password"[,auth]]]]`. OK only says that the command was accepted; its
 * outcome comes as ^NDISSTAT. Hanging up without a call is an error.
 */
function dial(command: AtCommand, context: AtContext): AtAnswer {
  const [cid = '', state, apn = '', user, password, auth] = command.parameters;
  if (!/^\d{1,2}$/.test(cid) || (state !== '0' && state !== '1')) return { error: 50 };
  if (state === '0') {
    if (!context.calls.stop(owner(cid))) return { error: 'plain' };
    context.later('^NDISSTAT: 0,36,,"IPV4"');
    return said();
  }
  if (!context.sim.ready) return simError(context.sim);
  if (context.calls.has(owner(cid))) {
    context.later('^NDISSTAT: 1,,,"IPV4"');
    return said();
  }
  const ways = auth === undefined ? undefined : AUTH.get(auth);
  context.calls.start(
    {
      owner: owner(cid),
      via: 'at',
      apn,
      ...(user === undefined || user === '' ? {} : { user }),
      password,
      auth: ways,
      ipFamily: 4,
    },
    (failure) =>
      context.later(
        failure === undefined ? '^NDISSTAT: 1,,,"IPV4"' : `^NDISSTAT: 0,${ndisCause(failure)},,"IPV4"`,
      ),
  );
  return said();
}

function owner(cid: string | undefined): string {
  return `at:${cid ?? '1'}`;
}

/** An address as ^DHCP writes it: little endian, leading zeros dropped by the firmware. */
function hexAddress(address: string): string {
  return Buffer.from(address.split('.').map(Number)).readUInt32LE(0).toString(16).toUpperCase();
}

/** NDIS error cause of a call that failed; 33 is Huawei's number for "no network". */
function ndisCause(failure: { kind: string; cause?: number }): number {
  return failure.kind === '3gpp' ? (failure.cause ?? CAUSE.regularDeactivation) : 33;
}
