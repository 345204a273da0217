import { type AtHandler, type AtTable, OK, said, simError } from './context.ts';

/** Commands about short messages, the SIM's files and the clock: known, with nothing behind them (TS 27.005, TS 27.007). */
export const smsCommands: AtTable = {
  '+CMGF': ({ kind }) => (kind === 'read' ? said('+CMGF: 0') : OK),
  '+CSCS': ({ kind }) => (kind === 'read' ? said('+CSCS: "IRA"') : OK),
  '+CNMI': ({ kind }) => (kind === 'read' ? said('+CNMI: 0,0,0,0,0') : OK),
  '+CPMS': ({ kind }, { sim }) => {
    if (!sim.ready) return simError(sim);
    if (kind === 'test') return said('+CPMS: ("SM","ME"),("SM","ME"),("SM","ME")');
    return kind === 'read' ? said('+CPMS: "SM",0,20,"SM",0,20,"SM",0,20') : said('+CPMS: 0,20,0,20,0,20');
  },
  '+CMGL': (_, { sim }) => (sim.ready ? OK : simError(sim)),
  // SW1 and SW2 of TS 51.011 §9.4.4: the file is not found.
  '+CRSM': (command, { sim }) => {
    if (command.kind !== 'set') return undefined;
    return sim.state === 'absent' ? simError(sim) : said('+CRSM: 148,4');
  },
  '+CTZU': zone('+CTZU'),
  '+CTZR': zone('+CTZR'),
  // TS 27.007 §10.1.28: PS mode 2, data only.
  '+CEMODE': ({ kind }) => (kind === 'read' ? said('+CEMODE: 2') : OK),
};

/** Network time is known and off (TS 27.007 §8.40, §8.41). */
function zone(name: string): AtHandler {
  return ({ kind }) => (kind === 'read' ? said(`${name}: 0`) : kind === 'test' ? said(`${name}: (0,1)`) : OK);
}
