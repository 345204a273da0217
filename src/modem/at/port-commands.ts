import { type AtHandler, type AtTable, freshPortState, OK, said, simError } from './context.ts';

/** Commands about the port itself and about the modem's identity (V.250 §6, TS 27.007 §5). */
export const portCommands: AtTable = {
  E: flag('echo'),
  V: flag('verbose'),
  Q: flag('quiet'),
  Z: (_, { port }) => {
    Object.assign(port, freshPortState());
    return OK;
  },
  '&F': (_, { port }) => {
    Object.assign(port, freshPortState());
    return OK;
  },
  '&C': () => OK,
  '&D': () => OK,
  '&W': () => OK,
  X: () => OK,
  L: () => OK,
  M: () => OK,
  S: () => OK,
  H: (_, { calls }) => {
    calls.stop('at:1');
    return OK;
  },
  // No PPP here: data goes over the network interface.
  D: () => ({ error: 'plain' }),
  I: (_, { identity }) =>
    said(
      `Manufacturer: ${identity.manufacturer}`,
      `Model: ${identity.model}`,
      `Revision: ${identity.revision}`,
      `IMEI: ${identity.imei}`,
      '+GCAP: +CGSM,+DS,+ES',
    ),
  '+GCAP': () => said('+GCAP: +CGSM,+DS,+ES'),
  '+CGMI': (_, { identity }) => said(identity.manufacturer),
  '+GMI': (_, { identity }) => said(identity.manufacturer),
  '+CGMM': (_, { identity }) => said(identity.model),
  '+GMM': (_, { identity }) => said(identity.model),
  '+CGMR': (_, { identity }) => said(identity.revision),
  '+GMR': (_, { identity }) => said(identity.revision),
  '+CGSN': (_, { identity }) => said(identity.imei),
  '+GSN': (_, { identity }) => said(identity.imei),
  '+CIMI': (_, { sim }) => (sim.ready ? said(sim.imsi) : simError(sim)),
  '^ICCID': (_, { sim }) => (sim.state === 'absent' ? simError(sim) : said(`^ICCID: ${sim.iccid}`)),
  '+CMEE': (command, { port }) => {
    if (command.kind === 'read') return said(`+CMEE: ${port.errorMode}`);
    port.errorMode = Number(command.parameters[0] ?? 0);
    return OK;
  },
  '^CURC': (command, { device }) => {
    if (command.kind === 'read') return said(`^CURC: ${device.unsolicited ? 1 : 0}`);
    if (command.kind !== 'set') return undefined;
    device.unsolicited = command.parameters[0] !== '0';
    return OK;
  },
  '^PORTSEL': (command, { device }) => {
    if (command.kind === 'read') return said(`^PORTSEL: ${device.unsolicitedPort === 'modem' ? 1 : 0}`);
    if (command.kind !== 'set') return undefined;
    device.unsolicitedPort = command.parameters[0] === '0' ? 'pcui' : 'modem';
    return OK;
  },
  '^RESET': (_, { restart }) => {
    restart();
    return OK;
  },
  '^BOOT': () => OK,
};

function flag(name: 'echo' | 'verbose' | 'quiet'): AtHandler {
  return (command, { port }) => {
    port[name] = command.parameters[0] === '1';
    return OK;
  };
}
