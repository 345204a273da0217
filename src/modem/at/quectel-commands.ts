import { formatPlmn } from '../plmn.ts';
import { type AtTable, OK, said, simError } from './context.ts';

/** Quectel's own commands (EC25 AT commands manual 1.3), as far as ModemManager's plugin and people use them. */
export const quectelCommands: AtTable = {
  I: (_, { identity }) => said(identity.manufacturer, identity.model, `Revision: ${identity.revision}`),
  '+QGMR': (_, { identity }) => said(identity.revision),
  '+QCCID': (_, { sim }) => (sim.state === 'absent' ? simError(sim) : said(`+QCCID: ${sim.iccid}`)),
  '+QNWINFO': (_, { radio, behaviour: { network } }) =>
    said(
      radio.registration === 'registered'
        ? `+QNWINFO: "FDD LTE","${formatPlmn(network)}","LTE BAND 4",2050`
        : '+QNWINFO: No Service',
    ),
  '+QSPN': (_, { behaviour: { network } }) =>
    said(
      `+QSPN: "${network.operator}","${network.operator}","${network.operator}",0,"${formatPlmn(network)}"`,
    ),
  '+QINISTAT': (_, { sim }) => said(`+QINISTAT: ${sim.ready ? 7 : 0}`),
  '+QSIMSTAT': ({ kind }, { sim }) =>
    kind === 'read' ? said(`+QSIMSTAT: 0,${sim.state === 'absent' ? 0 : 1}`) : OK,
  '+QINDCFG': ({ kind }) => (kind === 'set' ? OK : undefined),
  '+QURCCFG': ({ kind }) => (kind === 'read' ? said('+QURCCFG: "urcport","usbat"') : OK),
  '+QPOWD': (_, { radio }) => {
    radio.online = false;
    return OK;
  },
};
