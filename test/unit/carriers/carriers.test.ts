import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyCarrier, chooseCarrier } from '../../../src/carriers/apply-carrier.ts';
import { type CarrierRow, toSlug } from '../../../src/carriers/carrier.ts';
import { findCarrier } from '../../../src/carriers/find-carrier.ts';
import { loadCarriers } from '../../../src/carriers/load-carriers.ts';
import { mergeCarriers } from '../../../src/carriers/merge-carriers.ts';
import { CARRIER_OVERLAY } from '../../../src/carriers/overlay.ts';
import { GONE_CARRIERS } from '../../../src/carriers/own/gone.ts';
import { searchCarriers } from '../../../src/carriers/search-carriers.ts';
import { InputError } from '../../../src/core/errors.ts';
import { checkApn } from '../../../src/formats/config/apn.ts';

const row = (country: string, provider: string, apn: string, more: Partial<CarrierRow> = {}): CarrierRow => ({
  country,
  countryName: country === 'us' ? 'United States' : 'Germany',
  provider,
  otherNames: [],
  aliases: [],
  apn,
  plan: undefined,
  planTypes: [],
  usage: 'internet',
  auth: undefined,
  user: undefined,
  password: undefined,
  dns: [],
  source: 'db 1',
  ...more,
});

const carriers = mergeCarriers(
  [
    row('us', 'AT&T', 'broadband', { usage: 'mms-internet-hipri' }),
    row('us', 'T-Mobile', 'fast.t-mobile.com', { plan: 'T-Mobile LTE' }),
    row('us', 'T-Mobile', 'epc.tmobile.com', { plan: 'Internet/WebConnect' }),
    row('us', 'T-Mobile', 'internet2.voicestream.com', { plan: 'Internet (old)' }),
    row('us', 'T-Mobile', 'mms', { usage: 'mms', plan: 'MMS' }),
    row('us', 'MetroPCS', 'old.metropcs.com'),
    row('us', 'Lycamobile', 'data.lycamobile.com'),
    row('de', 'Lycamobile', 'data.lycamobile.de', { user: 'lmde', password: 'plus', auth: 'pap' }),
    row('de', 'T-Mobile(Telekom)', 'internet.t-d1.de', { password: 't-d1' }),
    row('de', 'O2', 'internet', { plan: 'Pay-by-MB' }),
    row('de', 'O2', 'internet', { plan: 'MMS', usage: 'mms' }),
    row('de', 'O2', 'surfo2', { plan: 'Pay-by-time' }),
    row('de', 'Twin', 'same', { planTypes: ['prepaid'] }),
    row('de', 'Twin', 'same', { planTypes: ['postpaid'] }),
    row('de', 'Users', 'same', { user: 'a', plan: 'One' }),
    row('de', 'Users', 'same', { user: 'b', plan: 'One' }),
  ],
  [
    row('us', 'MetroPCS', 'fast.metropcs.com', { aliases: ['metro'], source: 'ours' }),
    row('us', 'Cricket', 'endo', { source: 'ours' }),
  ],
);

test('every row has an id of its own, the shortest there is', () => {
  assert.deepEqual(
    carriers.map(({ id }) => id),
    [
      'de/lycamobile',
      'de/o2/internet',
      'de/o2/mms',
      'de/o2/surfo2',
      'de/t-mobile-telekom',
      'de/twin',
      'de/users/one',
      'de/users/same',
      'us/at-and-t',
      'us/cricket',
      'us/lycamobile',
      'us/metropcs',
      'us/metropcs/old.metropcs.com',
      'us/t-mobile/epc.tmobile.com',
      'us/t-mobile/fast.t-mobile.com',
      'us/t-mobile/internet2.voicestream.com',
      'us/t-mobile/mms',
    ],
  );
});

test('rows that differ in the plan alone are one', () => {
  assert.deepEqual(findCarrier(carriers, 'de/twin').planTypes, ['prepaid', 'postpaid']);
});

const found: [string, string][] = [
  ['us/metropcs', 'fast.metropcs.com'],
  ['US/MetroPCS', 'fast.metropcs.com'],
  ['metropcs', 'fast.metropcs.com'],
  ['us/metro', 'fast.metropcs.com'],
  ['us/lycamobile', 'data.lycamobile.com'],
  ['att', 'broadband'],
  ['us/at&t', 'broadband'],
  ['telekom', 'internet.t-d1.de'],
  ['us/t-mobile/epc.tmobile.com', 'epc.tmobile.com'],
  ['us/t-mobile/t-mobile-lte', 'fast.t-mobile.com'],
  ['t-mobile/T-Mobile-LTE', 'fast.t-mobile.com'],
  ['us/t-mobile/mms', 'mms'],
  ['de/o2/internet', 'internet'],
];
for (const [ref, apn] of found) {
  test(`--carrier ${ref} is ${apn}`, () => assert.equal(findCarrier(carriers, ref).apn, apn));
}

const refused: [string, RegExp, RegExp | undefined][] = [
  ['us/t-mobile', /ambiguous; it could be:\n.*epc\.tmobile\.com.*\n.*fast\.t-mobile\.com/, /^ {4}.*APN mms/m],
  ['lycamobile', /ambiguous; it could be:\n.*de\/lycamobile.*\n.*us\/lycamobile/, undefined],
  ['us/lyca', /is not a known carrier; did you mean:\n {4}us\/lycamobile/, /de\/lycamobile/],
  ['fr/lycamobile', /is not a known carrier; did you mean:\n {4}de\/lycamobile/, undefined],
  ['us/t-mobile/none', /has no such internet APN; it could be/, undefined],
  ['xx', /is not a known carrier$/, /did you mean/],
  ['us/\u001b[31m', /"us\/\\u\{1b\}\[31m"/, /\u001b/],
];
for (const [ref, message, absent] of refused) {
  test(`--carrier ${JSON.stringify(ref)} is refused with the choices`, () => {
    assert.throws(
      () => findCarrier(carriers, ref),
      (error) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, message);
        if (absent !== undefined) assert.doesNotMatch(error.message, absent);
        return true;
      },
    );
  });
}

test('a search covers names, countries, plans and APNs, by default internet APNs only', () => {
  const ids = (search: string, options = {}) =>
    searchCarriers(carriers, search, options).flatMap(({ apns }) => apns.map(({ id }) => id));
  assert.deepEqual(ids('metro'), ['us/metropcs', 'us/metropcs/old.metropcs.com']);
  assert.deepEqual(ids('germany pay-by'), ['de/o2/internet', 'de/o2/surfo2']);
  assert.deepEqual(ids('LYCA', { country: 'DE' }), ['de/lycamobile']);
  assert.deepEqual(ids('t-mobile mms'), []);
  assert.deepEqual(ids('t-mobile mms', { all: true }), ['us/t-mobile/mms']);
  assert.deepEqual(ids('nothing of the kind'), []);
});

test('a build takes APN and credentials, never the DNS, and no password without its user', () => {
  const take = (ref: string) => chooseCarrier(findCarrier(carriers, ref));
  assert.deepEqual(take('de/lycamobile'), {
    apn: 'data.lycamobile.de',
    apnUser: 'lmde',
    apnPassword: 'plus',
    apnAuth: 'pap',
  });
  assert.deepEqual(take('de/telekom'), { apn: 'internet.t-d1.de' });
});

const input = { name: 'db', sha256: '0'.repeat(64), origin: 'db 1', pinned: false };
const filled: [string, Record<string, unknown>, Record<string, unknown>][] = [
  ['everything', {}, { apn: 'data.lycamobile.de', apnUser: 'lmde', apnPassword: 'plus', apnAuth: 'pap' }],
  [
    'all but the password given',
    { apnPassword: 'mine' },
    { apn: 'data.lycamobile.de', apnUser: 'lmde', apnPassword: 'mine', apnAuth: 'pap' },
  ],
  ['no credentials beside a user given', { apnUser: 'me' }, { apn: 'data.lycamobile.de', apnUser: 'me' }],
  ['no credentials beside another APN', { apn: 'mine' }, { apn: 'mine' }],
];
for (const [what, given, expected] of filled) {
  test(`--carrier fills in ${what}`, () => {
    const { options, inputs, warnings } = applyCarrier(
      { carrier: 'DE/Lycamobile', ...given },
      { carriers, input },
    );
    assert.deepEqual(options, { carrier: 'de/lycamobile', ...expected });
    assert.deepEqual(inputs, [input]);
    assert.equal(warnings.length, given.apn === undefined ? 0 : 1);
  });
}

test('--apn picks one of several APNs of a carrier, and the overlay is not an input in the manifest', () => {
  const pick = (options: Record<string, unknown>) => applyCarrier(options, { carriers, input });
  assert.equal(
    pick({ carrier: 'us/t-mobile', apn: 'epc.tmobile.com' }).options.carrier,
    'us/t-mobile/epc.tmobile.com',
  );
  assert.deepEqual(pick({ carrier: 'us/metropcs' }).inputs, []);
  assert.deepEqual(pick({ apn: 'x' }).options, { apn: 'x' });
});

const slugs: [string, string][] = [
  ['AT&T', 'at-and-t'],
  ['Vidéotron', 'videotron'],
  ['T-Mobile(Telekom)', 't-mobile-telekom'],
  ['+7Telecom', 'plus-7telecom'],
  ['中華電信 (emome)', '中華電信-emome'],
];
for (const [name, slug] of slugs) test(`${name} is ${slug}`, () => assert.equal(toSlug(name), slug));

const { carriers: all, input: database } = await loadCarriers(() => assert.fail('it is installed'));

test('the overlay: every row has a source with a date or a page, and a sound APN', () => {
  for (const { apn, source } of CARRIER_OVERLAY) {
    assert.ok(source.length > 20, apn);
    assert.deepEqual(checkApn(apn).faults, []);
  }
  for (const { source, slugs } of GONE_CARRIERS) assert.match(source, /20\d\d-\d\d-\d\d/, slugs.join());
  assert.match(database.origin, /^mobile-broadband-provider-info \d{8}$/);
});

/** The thirty most populous countries (United Nations, World Population Prospects 2024). */
const LARGEST =
  'in cn us id pk ng br bd ru et mx jp eg ph cd vn ir tr de th gb tz fr za it ke mm co kr sd'.split(' ');

test('the overlay recommends an APN for carriers of each of the thirty most populous countries', () => {
  const number = (country: string): number =>
    new Set(all.filter((row) => row.country === country && row.large).map(({ carrierId }) => carrierId)).size;
  assert.equal(LARGEST.length, 30);
  assert.deepEqual(
    LARGEST.filter((country) => number(country) < 3).map((country) => [country, number(country)]),
    // No source has the others of Ethiopia and DR Congo; Globe, in the Philippines, leaves the choice to the customer.
    [
      ['et', 1],
      ['ph', 2],
      ['cd', 1],
    ],
  );
  for (const row of all.filter(({ large }) => large)) {
    assert.equal(
      all.filter((other) => other.carrierId === row.carrierId && other.recommended).length,
      1,
      row.id,
    );
  }
});

const named: [string, string, string][] = [
  ['us/t-mobile', 'us/t-mobile', 'fast.t-mobile.com'],
  ['us/tmobile', 'us/t-mobile', 'fast.t-mobile.com'],
  ['us/t-mobile/fast.t-mobile.com', 'us/t-mobile', 'fast.t-mobile.com'],
  ['us/t-mobile/epc.tmobile.com', 'us/t-mobile/epc.tmobile.com', 'epc.tmobile.com'],
  ['us/verizon', 'us/verizon', 'vzwinternet'],
  ['us/metro', 'us/metropcs', 'fast.metropcs.com'],
  ['fi', 'us/google-fi', 'h2g2'],
  ['us/cricket', 'us/cricket', 'endo'],
  ['us/cricket/ndo', 'us/cricket/ndo', 'ndo'],
  ['uk/ee', 'gb/ee', 'everywhere'],
  ['UK/EE', 'gb/ee', 'everywhere'],
  ['gb/three', 'gb/three', 'three.co.uk'],
  ['gb/3', 'gb/three', 'three.co.uk'],
  ['germany/telekom', 'de/telekom', 'internet.telekom'],
  ['de/t-mobile-telekom/internet.t-d1.de', 'de/telekom/internet.t-d1.de', 'internet.t-d1.de'],
  ['in/jio', 'in/jio', 'jionet'],
  ['jio', 'in/jio', 'jionet'],
  ['in/vodafone', 'in/vi', 'www'],
  ['za/telkom', 'za/telkom', 'internet'],
  ['iran/irancell', 'ir/irancell', 'mtnirancell'],
  ['tr/türk telekom', 'tr/turk-telekom', 'internet'],
];
for (const [ref, id, apn] of named) {
  test(`with the real data, --carrier ${ref} is ${id}`, () => {
    const row = findCarrier(all, ref);
    assert.deepEqual([row.id, row.apn], [id, apn]);
  });
}

const unknown: [string, RegExp, RegExp | undefined][] = [
  ['de/tmobil', /did you mean:\n {4}de\/telekom /, /^ {4}(?!de\/)/m],
  ['us/verizn', /did you mean:\n {4}us\/verizon /, /^ {4}(?!us\/)/m],
  ['vodafon', /did you mean:\n {4}de\/vodafone /, undefined],
  ['in/aircel', /is no longer a carrier: AIRCEL filed for bankruptcy in 2018 and closed/, undefined],
  ['in/nothing-like-it', /is not a known carrier$/, /did you mean/],
];
for (const [ref, message, absent] of unknown) {
  test(`with the real data, --carrier ${ref} is refused with at most five names`, () => {
    assert.throws(
      () => findCarrier(all, ref),
      (error) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, message);
        if (absent !== undefined) assert.doesNotMatch(error.message, absent);
        assert.ok(error.message.split('\n').length <= 6);
        assert.match(error.hint ?? '', /wwanpi carriers.* lists .*--apn takes any APN/);
        return true;
      },
    );
  });
}

test('every id stands for its own row, and carriers that are gone are neither offered nor taken', () => {
  const open = all.filter(({ gone }) => gone === undefined);
  assert.deepEqual(
    open.map(({ id }) => findCarrier(all, id).id),
    open.map(({ id }) => id),
  );
  assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
  const closed = all.filter(({ gone }) => gone !== undefined);
  for (const { country, slugs } of GONE_CARRIERS) {
    assert.ok(
      closed.some((row) => row.country === country && slugs.includes(row.slugs[0] ?? '')),
      slugs.join(),
    );
  }
  assert.deepEqual(searchCarriers(all, 'aircel'), []);
  assert.equal(searchCarriers(all, 'aircel', { all: true })[0]?.id, 'in/aircel');
});

test('neither voice, MMS nor old APNs are recommended', () => {
  const bad = all.filter(({ recommended, apn, plan = '', usage }) => {
    return recommended && (/^(vzw)?ims$/i.test(apn) || /\(old\)/i.test(plan) || usage === 'mms');
  });
  assert.deepEqual(bad, []);
  assert.ok(!searchCarriers(all, 'verizon us').some(({ apns }) => apns.some(({ apn }) => apn === 'vzwims')));
  const [tmobile] = searchCarriers(all, 'us t-mobile');
  assert.deepEqual(
    tmobile?.apns.slice(-3).map(({ plan }) => plan),
    ['Internet (old)', 'Internet with VPN (old)', 'Web2Go/t-zones'],
  );
});
