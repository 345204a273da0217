import type { Radio } from '../radio.ts';
import type { Sim } from '../sim.ts';
import { type AtAnswer, type AtContext, type AtTable, OK, readOnly, said, simError } from './context.ts';
import type { AtCommand } from './parse.ts';

/** Commands about SIM, signal and registration (TS 27.007 §7 and §8, and Huawei's own). */
export const radioCommands: AtTable = {
  '+CFUN': (command, { radio, restart }) => {
    if (command.kind === 'read') return said(`+CFUN: ${radio.online ? 1 : 4}`);
    if (command.kind !== 'set') return undefined;
    // TS 27.007 §8.2: the second parameter is a restart before.
    if (command.parameters[1] === '1') restart();
    else radio.online = command.parameters[0] === '1';
    return OK;
  },
  '+CPIN': pinCommand,
  '^CPIN': (command, { sim }) => {
    if (command.kind !== 'read') return undefined;
    if (sim.state === 'absent') return simError(sim);
    return said(`^CPIN: ${pinName(sim)},${sim.retries},${sim.pukRetries},${sim.retries},10,3`);
  },
  '+CSQ': (command, { radio }) => (command.kind === 'run' ? said(`+CSQ: ${csq(radio)},99`) : undefined),
  '^HCSQ': (_, { radio, behaviour }) => (behaviour.knowsHcsq ? said(hcsq(radio)) : undefined),
  '+CREG': registrationCommand,
  '+CGREG': registrationCommand,
  '+CEREG': registrationCommand,
  '+CGATT': (command, { radio }) =>
    command.kind === 'read' ? said(`+CGATT: ${radio.registration === 'registered' ? 1 : 0}`) : OK,
  '+COPS': (command, { radio, behaviour }) => {
    if (command.kind === 'set') return OK;
    if (command.kind !== 'read') return undefined;
    return said(
      radio.registration === 'registered' ? `+COPS: 0,0,"${behaviour.network.operator}",7` : '+COPS: 0',
    );
  },
  '^SYSINFO': (_, { radio, sim }) => {
    const isRegistered = radio.registration === 'registered';
    const service = isRegistered ? `2,3,${radio.roaming ? 1 : 0},9` : '0,0,0,0';
    return said(`^SYSINFO:${service},${simNumber(sim)},,${isRegistered ? 11 : ''}`);
  },
  '^SYSINFOEX': (_, { radio, sim }) =>
    said(
      radio.registration === 'registered'
        ? `^SYSINFOEX:2,3,${radio.roaming ? 1 : 0},${simNumber(sim)},,6,"LTE",101,"LTE"`
        : `^SYSINFOEX:0,0,0,${simNumber(sim)},,0,"NO SERVICE",0,"NO SERVICE"`,
    ),
  '^SYSCFG': readOnly('^SYSCFG:2,0,3FFFFFFF,1,2'),
  '^SYSCFGEX': readOnly('^SYSCFGEX:"00",3FFFFFFF,1,2,7FFFFFFFFFFFFFFF'),
  '^GETPORTMODE': () => said('^GETPORTMODE:TYPE:WCDMA:huawei,mdm:0,qmi:1,ndis:2,diag:3,pcui:4,cdrom:5,sd:6'),
  '^SETPORT': readOnly('^SETPORT:FF;1,2,3,7'),
  '^CARDMODE': (_, { sim }) => said(`^CARDMODE: ${sim.ready ? 2 : 0}`),
};

/** Received signal as in +CSQ: 0–31, 99 unknown (TS 27.007 §8.5). */
export function csq(radio: Radio): number {
  const signal = radio.signal;
  if (signal === undefined) return 99;
  return Math.max(0, Math.min(31, Math.round((signal.rssiDbm + 113) / 2)));
}

/** +CREG's number for the registration (TS 27.007 §7.2). */
export function registrationNumber(radio: Radio): number {
  return { off: 0, searching: 2, registered: radio.roaming ? 5 : 1, denied: 3 }[radio.registration];
}

/** ^HCSQ for LTE: RSSI, RSRP, SINR and RSRQ in steps, as Huawei's other LTE modems count them. */
export function hcsq(radio: Radio): string {
  const signal = radio.signal;
  if (signal === undefined) return '^HCSQ: "NOSERVICE"';
  const rsrp = signal.rsrpDbm + 141;
  const sinr = Math.round((signal.snrTenthsDb / 10 + 20) * 5);
  return `^HCSQ: "LTE",${signal.rssiDbm + 121},${rsrp},${sinr},${Math.round((signal.rsrqDb + 20) * 2)}`;
}

function pinCommand(command: AtCommand, { sim, later }: AtContext): AtAnswer | undefined {
  if (command.kind === 'read') {
    return sim.state === 'dead' || sim.state === 'absent' ? simError(sim) : said(`+CPIN: ${pinName(sim)}`);
  }
  if (command.kind !== 'set') return undefined;
  if (sim.state === 'absent') return simError(sim);
  const [first = '', second] = command.parameters;
  const answer =
    sim.state === 'blocked' && second !== undefined ? sim.unblock(first, second) : sim.verify(first);
  if (answer === 'ok') later('^SIMST:1');
  if (answer === 'ok') return OK;
  if (answer === 'not-needed') return { error: 3 };
  return { error: answer === 'blocked' ? (sim.state === 'dead' ? 13 : 12) : 16 };
}

/** SIM state of ^SYSINFO and ^SYSINFOEX: 255 is none. */
function simNumber(sim: Sim): number {
  return sim.state === 'absent' ? 255 : sim.ready ? 1 : 0;
}

function pinName(sim: Sim): string {
  const open = sim.state === 'disabled' || sim.state === 'verified';
  return open ? 'READY' : sim.state === 'required' ? 'SIM PIN' : 'SIM PUK';
}

function registrationCommand(command: AtCommand, { radio, port }: AtContext): AtAnswer | undefined {
  if (command.kind === 'set') {
    port.registrationMode[command.name] = Number(command.parameters[0] ?? 0);
    return OK;
  }
  if (command.kind !== 'read') return undefined;
  return said(`${command.name}: ${port.registrationMode[command.name] ?? 0},${registrationNumber(radio)}`);
}
