import type { CarrierRow } from '../carrier.ts';
import { ALL, ANDROID, AOSP, GRAPHENE, LINEAGE, MBPI, rowsOf } from './own-row.ts';

const de = rowsOf('de');
const es = rowsOf('es');
const fr = rowsOf('fr');
const gb = rowsOf('gb');
const it = rowsOf('it');
const ru = rowsOf('ru');
const tr = rowsOf('tr');

/** The largest carriers of Europe's most populous countries, and of Turkey. */
export const EUROPE: readonly CarrierRow[] = [
  ru('MTS', 'internet.mts.ru', ALL, { network: '250/01', user: 'mts', password: 'mts', auth: 'pap' }),
  ru('MegaFon', 'internet', ANDROID, { network: '250/02' }),
  ru('Beeline', 'internet.beeline.ru', ALL, {
    ...{ network: '250/99', user: 'beeline', password: 'beeline', auth: 'pap' },
  }),
  ru('Tele2', 'internet.tele2.ru', ALL, { network: '250/20', aliases: ['t2'] }),
  tr('Turkcell', 'internet', ALL, { network: '286/01' }),
  tr('Vodafone', 'internet', [MBPI, LINEAGE, GRAPHENE], {
    ...{ network: '286/02', user: 'vodafone', password: 'vodafone' },
  }),
  tr('Türk Telekom', 'internet', [MBPI, GRAPHENE, AOSP], { network: '286/03', aliases: ['avea'] }),
  de('Telekom', 'internet.telekom', ANDROID, {
    ...{ network: '262/01', aliases: ['t-mobile-telekom', 't-mobile', 'deutsche-telekom'] },
    ...{ user: 'telekom', password: 'telekom', auth: 'pap' },
  }),
  de('Vodafone', 'web.vodafone.de', ALL, { network: '262/02' }),
  de('O2', 'internet', ALL, { network: '262/07', aliases: ['telefonica'] }),
  gb('EE', 'everywhere', ALL, { network: '234/30', user: 'eesecure', password: 'secure', auth: 'pap' }),
  gb('O2', 'mobile.o2.co.uk', [MBPI, LINEAGE, AOSP], {
    ...{ network: '234/10', user: 'o2web', password: 'password', auth: 'pap' },
  }),
  gb('Vodafone', 'internet', [MBPI, LINEAGE], {
    ...{ network: '234/15', plan: 'Contract', user: 'web', password: 'web' },
  }),
  gb('Three', 'three.co.uk', ALL, { network: '234/20', aliases: ['3'] }),
  fr('Orange', 'orange', ALL, { network: '208/01', user: 'orange', password: 'orange' }),
  fr('SFR', 'sl2sfr', ALL, { network: '208/10' }),
  fr('Bouygues Telecom', 'mmsbouygtel.com', ALL, { network: '208/20', aliases: ['bouygues'] }),
  fr('Free', 'free', ALL, { network: '208/15', aliases: ['free-mobile'] }),
  it('TIM', 'ibox.tim.it', [MBPI, LINEAGE], { network: '222/01', aliases: ['telecom-italia'] }),
  it('Vodafone', 'mobile.vodafone.it', ALL, { network: '222/10' }),
  it('WindTre', 'internet.it', [GRAPHENE], { network: '222/88', aliases: ['wind', 'wind-tre', 'windtre'] }),
  it('Iliad', 'iliad', ALL, { network: '222/50' }),
  es('Movistar', 'telefonica.es', ALL, {
    ...{ network: '214/07', aliases: ['movistar-telefonica', 'telefonica'] },
    ...{ user: 'telefonica', password: 'telefonica', auth: 'pap' },
  }),
];
