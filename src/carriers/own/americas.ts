import type { CarrierRow } from '../carrier.ts';
import { ALL, ANDROID, AOSP, GRAPHENE, LINEAGE, MBPI, rowsOf } from './own-row.ts';

const br = rowsOf('br');
const ca = rowsOf('ca');
const co = rowsOf('co');
const mx = rowsOf('mx');
const us = rowsOf('us');

/** The largest carriers of the Americas' most populous countries, and some of the United States that GNOME lacks. */
export const AMERICAS: readonly CarrierRow[] = [
  us('Verizon', 'vzwinternet', ALL, { network: '311/480', aliases: ['vzw'] }),
  us('T-Mobile', 'fast.t-mobile.com', ALL, { network: '310/260', plan: 'T-Mobile LTE' }),
  us('AT&T', 'nxtgenphone', ALL, { network: '310/410', aliases: ['at-t'] }),
  us('MetroPCS', 'fast.metropcs.com', ANDROID, {
    ...{ network: '310/260', aliases: ['metro', 'metro-by-t-mobile'], planTypes: ['prepaid'] },
  }),
  us('Cricket', 'endo', [GRAPHENE], {
    ...{ network: '310/150', aliases: ['cricket-wireless', 'cricket-communications'] },
    ...{ plan: 'LTE', planTypes: ['prepaid'] },
  }),
  us('Cricket', 'ndo', [LINEAGE, AOSP], {
    ...{ network: '310/150', plan: 'older SIM cards', planTypes: ['prepaid'] },
  }),
  // The sources' user and password "none" mean no credentials.
  us('Google Fi', 'h2g2', [LINEAGE, AOSP], {
    ...{ network: '310/260', aliases: ['fi', 'project-fi', 'google-fi-wireless'], planTypes: ['postpaid'] },
  }),
  us(
    'FreedomPop',
    'fp.com.attz',
    ['jmaclabs, "Huawei E397u-53 on a Raspberry Pi": AT^NDISDUP=1,1,"fp.com.attz" as it was used', LINEAGE],
    { network: '310/170', planTypes: ['prepaid'] },
  ),
  br('Vivo', 'zap.vivo.com.br', ALL, { network: '724/06', user: 'vivo', password: 'vivo', auth: 'pap' }),
  br('Claro', 'claro.com.br', [MBPI], { network: '724/05', user: 'claro', password: 'claro' }),
  br('TIM', 'timbrasil.br', ANDROID, { network: '724/02', user: 'tim', password: 'tim', auth: 'pap' }),
  mx('Telcel', 'internet.itelcel.com', ALL, {
    ...{ network: '334/020', user: 'webgprs', password: 'webgprs2002', auth: 'pap' },
  }),
  // For modems, as Nextel's, which AT&T bought in 2015.
  mx('AT&T México', 'modem.nexteldata.com.mx', [LINEAGE], {
    ...{ network: '334/090', aliases: ['at-t-mexico', 'att-mexico', 'nextel'] },
  }),
  mx('Movistar', 'internet.movistar.mx', ALL, {
    ...{ network: '334/03', user: 'movistar', password: 'movistar', auth: 'pap' },
  }),
  co('Claro', 'internet.comcel.com.co', ALL, {
    ...{ network: '732/101', aliases: ['comcel'], user: 'COMCELWEB', password: 'COMCELWEB', auth: 'pap' },
  }),
  co('Movistar', 'internet.movistar.com.co', ALL, {
    ...{ network: '732/123', user: 'movistar', password: 'movistar', auth: 'pap' },
  }),
  co('Tigo', 'web.colombiamovil.com.co', ALL, { network: '732/103' }),
  ca('Rogers', 'ltemobile.apn', [MBPI, LINEAGE, AOSP], { network: '302/720' }),
  ca('Bell', 'pda.bell.ca', ALL, { network: '302/610', aliases: ['bell-mobility', 'bell-canada'] }),
  ca('Telus', 'sp.telus.com', ALL, { network: '302/220', aliases: ['telus-mobility'] }),
];
