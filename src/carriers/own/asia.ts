import type { CarrierRow } from '../carrier.ts';
import { ALL, ANDROID, AOSP, GRAPHENE, LINEAGE, MBPI, rowsOf } from './own-row.ts';

const bd = rowsOf('bd');
const cn = rowsOf('cn');
const id = rowsOf('id');
const inn = rowsOf('in');
const ir = rowsOf('ir');
const jp = rowsOf('jp');
const kr = rowsOf('kr');
const mm = rowsOf('mm');
const ph = rowsOf('ph');
const pk = rowsOf('pk');
const th = rowsOf('th');
const vn = rowsOf('vn');

/** The largest carriers of Asia's most populous countries. */
export const ASIA: readonly CarrierRow[] = [
  inn('Jio', 'jionet', [MBPI, LINEAGE, GRAPHENE], { network: '405/857', aliases: ['reliance-jio'] }),
  inn('Airtel', 'airtelgprs.com', ALL, { network: '404/10', aliases: ['bharti-airtel'] }),
  inn('Vi', 'www', ALL, {
    network: '404/20',
    aliases: ['vodafone', 'vodafone-idea', 'v-vodafone-idea'],
    plan: 'SIM cards of Vodafone and Vi',
  }),
  inn('Vi', 'internet', ALL, { network: '404/22', plan: 'SIM cards of Idea' }),
  inn('BSNL', 'bsnlnet', ALL, { network: '404/34', aliases: ['bsnl-cellone', 'cellone'] }),
  cn('China Mobile', 'cmnet', ANDROID, { network: '460/00', aliases: ['cmcc'] }),
  cn('China Unicom', '3gnet', ANDROID, { network: '460/01' }),
  cn('China Telecom', 'ctnet', ALL, {
    ...{ network: '460/03', user: 'ctnet@mycdma.cn', password: 'vnet.mobi' },
  }),
  id('Telkomsel', 'internet', ANDROID, { network: '510/10' }),
  id('Indosat', 'indosatgprs', ALL, {
    ...{ network: '510/01', aliases: ['indosat-ooredoo', 'im3'] },
    ...{ user: 'indosat', password: 'indosat', auth: 'pap' },
  }),
  id('XL', 'internet', ANDROID, { network: '510/11', aliases: ['xl-axiata', 'excelcomindo-xl'] }),
  id('Smartfren', 'Smartfren4G', [LINEAGE], { network: '510/09', user: 'smartfren', password: 'smartfren' }),
  pk('Jazz', 'connect.mobilinkworld.com', [MBPI, LINEAGE], { network: '410/01', aliases: ['mobilink'] }),
  pk('Telenor', 'internet', [GRAPHENE, AOSP], { network: '410/06' }),
  pk('Zong', 'zonginternet', ALL, { network: '410/04' }),
  pk('Ufone', 'ufone.internet', [GRAPHENE, AOSP], { network: '410/03' }),
  bd('Grameenphone', 'gpinternet', ANDROID, { network: '470/01', aliases: ['gp'] }),
  bd('Robi', 'internet', [MBPI, LINEAGE], { network: '470/02', aliases: ['robi-aktel'] }),
  bd('Banglalink', 'blweb', [MBPI, LINEAGE], { network: '470/03' }),
  jp('NTT docomo', 'spmode.ne.jp', ANDROID, { network: '440/10', aliases: ['nttdocomo', 'docomo'] }),
  jp('au', 'au.au-net.ne.jp', [LINEAGE], {
    ...{ network: '440/51', aliases: ['kddi'], plan: 'LTE NET for DATA' },
    ...{ user: 'user@au.au-net.ne.jp', password: 'au', auth: 'chap' },
  }),
  jp('SoftBank', 'plus.4g', [LINEAGE], {
    ...{ network: '440/20', aliases: ['softbank-mobile'], plan: '4G and 5G', user: 'plus', password: '4g' },
  }),
  jp('Rakuten Mobile', 'rakuten.jp', [MBPI, LINEAGE, GRAPHENE], {
    ...{ network: '440/11', aliases: ['rakuten', '楽天モバイル', '楽天モハイル'] },
  }),
  // Globe has one APN for prepaid and one for postpaid: the database's stay, and the user chooses.
  ph('Smart', 'internet', ANDROID, { network: '515/03' }),
  ph('DITO', 'internet.dito.ph', ['APN tables of five public firmware projects, read 2026-11-30'], {
    ...{ network: '515/66', aliases: ['dito-telecommunity'] },
  }),
  vn('Viettel', 'v-internet', ALL, { network: '452/04', aliases: ['viettel-mobile'] }),
  vn('Vinaphone', 'm3-world', ALL, { network: '452/02', user: 'mms', password: 'mms', auth: 'pap' }),
  vn('MobiFone', 'm-wap', ALL, { network: '452/01', user: 'mms', password: 'mms', auth: 'pap' }),
  ir('MCI', 'mcinet', ALL, { network: '432/11', aliases: ['hamrah-e-avval', 'hamrahe-aval', 'همراه-اول'] }),
  ir('Irancell', 'mtnirancell', [MBPI, GRAPHENE, AOSP], {
    ...{ network: '432/35', aliases: ['mtn-irancell', 'mtn', 'ایرانسل'] },
  }),
  ir('Rightel', 'rightel', ANDROID, { network: '432/20' }),
  th('AIS', 'internet', ALL, { network: '520/03', aliases: ['ais-awn'] }),
  th('True', 'internet', ALL, {
    ...{ network: '520/04', aliases: ['true-move', 'truemove', 'truemove-h'] },
    ...{ user: 'true', password: 'true', auth: 'pap' },
  }),
  th('dtac', 'www.dtac.co.th', ALL, { network: '520/05' }),
  mm('MPT', 'mptnet', [MBPI, LINEAGE], { network: '414/01', user: 'mptnet', password: 'mptnet' }),
  mm('Atom', 'internet', [MBPI, 'name: blogofmobile.com/article/150041, 2022-06-08'], {
    ...{ network: '414/06', aliases: ['telenor'], user: 'internet', password: 'internet' },
  }),
  mm('Ooredoo', 'internet', [MBPI], { network: '414/05', user: 'internet', password: 'internet' }),
  kr('SK Telecom', 'lte.sktelecom.com', ALL, { network: '450/05', aliases: ['skt'] }),
  kr('KT', 'lte.ktfwing.com', ALL, { network: '450/08', aliases: ['olleh'] }),
  kr('LG U+', 'internet.lguplus.co.kr', ALL, { network: '450/06', aliases: ['lg-uplus', 'lg-u'] }),
];
