import type { CarrierRow } from '../carrier.ts';
import { ALL, AOSP, GRAPHENE, LINEAGE, MBPI, rowsOf } from './own-row.ts';

const cd = rowsOf('cd');
const eg = rowsOf('eg');
const et = rowsOf('et');
const ke = rowsOf('ke');
const ng = rowsOf('ng');
const sd = rowsOf('sd');
const tz = rowsOf('tz');
const ug = rowsOf('ug');
const za = rowsOf('za');

/** The largest carriers of Africa's most populous countries; none of the sources has others of these countries. */
export const AFRICA: readonly CarrierRow[] = [
  ng('MTN', 'web.gprs.mtnnigeria.net', ALL, { network: '621/30', user: 'web', password: 'web', auth: 'pap' }),
  ng('Airtel', 'internet.ng.airtel.com.ng', [`${MBPI}, from airtel.com's page of 2013`], {
    ...{ network: '621/20', aliases: ['airtel-ng'], user: 'internet', password: 'internet' },
  }),
  ng('Airtel', 'internet.ng.zain.com', [GRAPHENE, AOSP], {
    ...{ network: '621/20', plan: 'older SIM cards', user: 'internet', password: 'internet', auth: 'pap' },
  }),
  ng('Glo', 'glosecure', [MBPI, GRAPHENE, AOSP], {
    ...{ network: '621/50', aliases: ['glo-mobile'], user: 'gprs', password: 'gprs', auth: 'pap' },
  }),
  et('Ethio Telecom', 'etc.com', [MBPI], { network: '636/01', aliases: ['ethiotel'] }),
  eg('Vodafone', 'internet.vodafone.net', ALL, { network: '602/02', user: 'internet', password: 'internet' }),
  eg('Orange', 'mobinilweb', ALL, { network: '602/01', aliases: ['mobinil'] }),
  eg('Etisalat', 'etisalat', ALL, { network: '602/03', aliases: ['e-and', 'etisalat-egypt'] }),
  cd('Vodacom', 'vodanet', [GRAPHENE, AOSP], { network: '630/01', aliases: ['vodacom-congo'] }),
  tz('Vodacom', 'internet', [MBPI, LINEAGE], { network: '640/04' }),
  tz('Airtel', 'internet', [MBPI, LINEAGE], { network: '640/05', aliases: ['airtel-tanzania'] }),
  tz('Tigo', 'internet', [MBPI], { network: '640/02' }),
  za('Vodacom', 'internet', ALL, { network: '655/01' }),
  za('MTN', 'internet', [MBPI, LINEAGE], { network: '655/10' }),
  za('Telkom', 'internet', ALL, {
    network: '655/02',
    aliases: ['8-ta', '8ta', 'telkom-mobile', 'telkom-sa'],
  }),
  za('Cell C', 'internet', ALL, { network: '655/07', aliases: ['cellc'] }),
  za('Rain', 'internet', ['zulucom.co.za/support/faq, "What is the RAIN Fixed LTE APN?", read 2026-11-30'], {
    plan: 'Fixed LTE',
  }),
  ke('Safaricom', 'safaricom', [MBPI, GRAPHENE, AOSP], {
    ...{ network: '639/02', user: 'saf', password: 'data', auth: 'pap' },
  }),
  ke('Airtel', 'internet', [GRAPHENE, AOSP], { network: '639/03', aliases: ['airtel-kenya'] }),
  ke('Orange', 'bew.orange.co.ke', ALL, { network: '639/07' }),
  sd('Zain', 'internet', [MBPI, LINEAGE], { network: '634/01' }),
  sd('MTN', 'internet', [MBPI, LINEAGE], { network: '634/02' }),
  sd('Sudani', 'sudaninet', [MBPI, LINEAGE], {
    network: '634/07',
    user: 'sudani',
    password: 'sudani',
    auth: 'pap',
  }),
  ug('MTN', 'yellopix.mtn.co.ug', [MBPI, LINEAGE, AOSP], { network: '641/10' }),
  ug('Airtel', 'internet', [GRAPHENE, AOSP], { network: '641/01', aliases: ['airtel-uganda'] }),
];
