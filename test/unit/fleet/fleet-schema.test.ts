import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { loadCarriers } from '../../../src/carriers/load-carriers.ts';
import { packageRoot } from '../../../src/core/package.ts';
import { checkEntries, listEntries } from '../../../src/fleet/entries.ts';
import { parseFleetDocument } from '../../../src/fleet/fleet-document.ts';
import { FLEET_OPTIONS, formatFleetSchema } from '../../../src/fleet/fleet-schema.ts';
import { makeFleetJobs } from '../../../src/fleet/make-fleet-jobs.ts';
import { listOptions } from '../../../src/options/options.ts';

const validate = new Ajv2020({ strict: true, allErrors: true }).compile(JSON.parse(formatFleetSchema()));
const example = readFileSync(join(packageRoot, 'examples/fleet.yaml'), 'utf8');

test('the JSON Schema takes the example and what the reader takes', () => {
  for (const text of [
    example,
    'images: [{apn: x}]',
    'url-base: https://example.org/images\nimages: [{apn: x}]',
    'images: [{carrier: a, dns: [1.1.1.1]}, {carrier: b, dns: none}]',
  ]) {
    assert.ok(validate(parse(text)), JSON.stringify(validate.errors));
    assert.deepEqual(parseFleetDocument(text, 'f.yaml').issues, []);
  }
});

const faulty = [
  '{}',
  'images: []',
  'images: {}',
  'images: [{apn: 5}]',
  'images: [{apn: x, metric: "6000"}]',
  'images: [{apn: x, metric: -1}]',
  'images: [{apn: x, apnUser: y}]',
  'images: [{apn: x, dns: []}]',
  'images: [{apn: x, apn-auth: eap}]',
  'images: [{apn: x, password-env: "$X"}]',
  'images: [{apn: x, name: "../x"}]',
  'defaults: {name: x}\nimages: [{apn: x}]',
  'images: [{apn: x}]\njobs: 3',
  'images: [{apn: x}]\nurl-base: images',
  'images: [{apn: x}]\nurl-base: ftp://example.org/images',
  'images: [{apn: x}]\nurl-base: https://me:secret@example.org/images',
  'images: [{apn: x}]\nurl-base: https://example.org/images?x',
];
for (const text of faulty) {
  test(`the JSON Schema and the reader both refuse ${text.replace('\n', ' ')}`, () => {
    assert.equal(validate(parse(text)), false);
    assert.notDeepEqual(parseFleetDocument(text, 'f.yaml').issues, []);
  });
}

test('every option of an image says what it is for', () => {
  const schema = JSON.parse(formatFleetSchema());
  for (const [key, option] of Object.entries<{ description?: string }>(
    schema.properties.images.items.properties,
  )) {
    assert.ok((option.description ?? '').length > 10, key);
  }
});

test('a fleet file has every option of wwanpi build that is of one image, described by its help text', () => {
  const ofTheCommand = [
    ...['output', 'name', 'sign', 'dry-run', 'json', 'cache-dir', 'quiet', 'in', 'container-image'],
    ...['builder', 'epoch', 'require-updates'],
  ];
  const expected = listOptions('build').filter(({ name }) => !ofTheCommand.includes(name));
  const found = Object.keys(FLEET_OPTIONS).filter((name) => !name.endsWith('-env'));
  assert.deepEqual(found.toSorted(), expected.map(({ name }) => name).toSorted());
  const { properties } = JSON.parse(formatFleetSchema()).properties.defaults;
  for (const { name, help } of expected) assert.ok(properties[name].description.startsWith(help), name);
});

test('the example: at least 20 carriers of three countries, each of the data', async () => {
  const document = parseFleetDocument(example, 'f.yaml');
  assert.ok(document.file !== undefined);
  const entries = listEntries(document.file);
  assert.deepEqual(checkEntries(document.file, entries, document.locate), []);
  const carriers = await loadCarriers(() => assert.fail('it is installed'));
  const options = { folder: join(packageRoot, 'examples'), output: 'out', overrides: {} };
  const { jobs, issues } = await makeFleetJobs(entries, document, options, {}, carriers);
  assert.deepEqual(issues, []);
  const known = jobs.flatMap(({ carrier }) => carrier ?? []);
  assert.ok(known.length >= 20, `${known.length} carriers`);
  for (const country of ['us', 'gb', 'de']) {
    assert.ok(known.filter((carrier) => carrier.country === country).length >= 5, country);
  }
  const apnOf = (name: string) => jobs.find((job) => job.name === name)?.request.recipe.apn;
  assert.equal(apnOf('us-metropcs'), 'fast.metropcs.com');
  assert.equal(apnOf('gb-ee'), 'everywhere');
  assert.equal(new Set(jobs.map((job) => job.request.recipe.hostname)).size, jobs.length);
});
