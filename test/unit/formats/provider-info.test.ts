import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { InputError } from '../../../src/core/errors.ts';
import { parseProviderInfo } from '../../../src/formats/provider-info.ts';

const HEAD = `<?xml version="1.0" encoding='utf-8'?>
<!DOCTYPE serviceproviders SYSTEM "serviceproviders.2.dtd">
<!-- a comment -->`;

const document = (countries: string) =>
  `${HEAD}<serviceproviders format="2.0">${countries}</serviceproviders>`;
const carrier = (apn: string) =>
  document(`<country code="ZZ"><name>Somewhere</name><provider><name>Some &amp; Co</name>
    <gsm><network-id mcc="001" mnc="01"/>${apn}</gsm></provider></country>`);

const PLAIN = {
  country: 'zz',
  countryName: 'Somewhere',
  provider: 'Some & Co',
  otherNames: [],
  apn: 'internet',
  plan: undefined,
  planTypes: [],
  usage: 'internet',
  auth: undefined,
  user: undefined,
  password: undefined,
  dns: [],
};

test('an APN is read with all it can have', () => {
  const [read] = parseProviderInfo(
    carrier(`<apn value="internet"><plan type="prepaid"/><plan type="postpaid"/><usage type="wap"/>
      <name>Day &lt;1&gt;</name><username>0123</username><password>00</password>
      <authentication method="pap"/><dns>10.0.0.1</dns><dns> 10.0.0.2 </dns></apn>`),
  );
  assert.deepEqual(read, {
    ...PLAIN,
    plan: 'Day <1>',
    planTypes: ['prepaid', 'postpaid'],
    usage: 'wap',
    auth: 'pap',
    user: '0123',
    password: '00',
    dns: ['10.0.0.1', '10.0.0.2'],
  });
});

const rows: [string, string, object[]][] = [
  ['nothing but its name', '<apn value="internet"/>', [PLAIN]],
  ['empty credentials mean none', '<apn value="internet"><username/><password></password></apn>', [PLAIN]],
  ['an APN of digits stays text', '<apn value="0077"></apn>', [{ ...PLAIN, apn: '0077' }]],
  ['no APN at all', '', []],
];
for (const [what, apn, expected] of rows) {
  test(`an APN: ${what}`, () => assert.deepEqual(parseProviderInfo(carrier(apn)), expected));
}

test('the Latin name of a carrier comes first, CDMA carriers have no APN', () => {
  const read = parseProviderInfo(
    document(`<country code="ru"><name>Russia</name><provider><name xml:lang="ru">Билайн</name><name>Beeline</name>
      <gsm><apn value="a"/></gsm></provider><provider><name>C</name><cdma/></provider>
      <provider><name>D</name><gsm/></provider></country><country code="aq"><name>Antarctica</name></country>`),
  );
  assert.deepEqual(
    read.map(({ provider, otherNames }) => ({ provider, otherNames })),
    [{ provider: 'Beeline', otherNames: ['Билайн'] }],
  );
});

const faulty: [string, string, RegExp][] = [
  ['no XML', 'APN=internet', /./],
  ['cut short', '<serviceproviders><country code="us">', /damaged|not as expected/],
  ['another document', '<?xml version="1.0"?><apns version="8"><apn carrier="x"/></apns>', /not as expected/],
  ['an APN without a value', carrier('<apn><name>x</name></apn>'), /not as expected at .*@value/],
  ['an unknown method', carrier('<apn value="a"><authentication method="x"/></apn>'), /not as expected/],
];
for (const [what, text, message] of faulty) {
  test(`${what} is refused`, () =>
    assert.throws(
      () => parseProviderInfo(text),
      (error) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, message);
        return true;
      },
    ));
}

test("GNOME's own file is read whole", () => {
  // One of the Makefile's packages has it.
  const path = '/usr/share/mobile-broadband-provider-info/serviceproviders.xml';
  assert.ok(existsSync(path), 'install mobile-broadband-provider-info');
  const read = parseProviderInfo(readFileSync(path, 'utf8'));
  assert.ok(read.length > 1200, `${read.length} APNs`);
  assert.ok(new Set(read.map((row) => row.country)).size > 140);
  const find = (apn: string) => read.find((row) => row.apn === apn);
  assert.deepEqual(find('vzwinternet')?.country, 'us');
  assert.deepEqual([find('everywhere')?.user, find('everywhere')?.password], ['eesecure', 'secure']);
});

test('what the validator lets by and the parser throws at is damage, not a bug', () => {
  for (const tail of ['<?', '<?x', '<!--', '<![CDATA[', '<!DOCTYPE [']) {
    assert.throws(() => parseProviderInfo(`${document('')}${tail}`), InputError, tail);
    assert.throws(() => parseProviderInfo(carrier(`<apn value="a">${tail}`)), InputError, tail);
  }
});
