import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadCarriers } from '../../../src/carriers/load-carriers.ts';
import { listEntries } from '../../../src/fleet/entries.ts';
import { parseFleetDocument, sortFleetIssues } from '../../../src/fleet/fleet-document.ts';
import { listFleetInputs, makeFleetJobs } from '../../../src/fleet/make-fleet-jobs.ts';
import { assertSound, makeFleetPlan, readFleet } from '../../../src/fleet/make-fleet-plan.ts';
import { formatIssue, OptionsError } from '../../../src/formats/issues.ts';

async function makeJobs(
  text: string,
  { folder = tmpdir(), output = join(tmpdir(), 'out'), overrides = {}, env = {} as NodeJS.ProcessEnv } = {},
) {
  const document = parseFleetDocument(text, 'f.yaml');
  assert.ok(document.file !== undefined, JSON.stringify(document.issues));
  const carriers = await loadCarriers(() => assert.fail('it is installed'));
  const entries = listEntries(document.file);
  const made = await makeFleetJobs(entries, document, { folder, output, overrides }, env, carriers);
  return { ...made, faults: sortFleetIssues(made.issues).map(formatIssue) };
}

test('every fault of every image is named at once, each once, where its option stands', async () => {
  const { faults } = await makeJobs(
    [
      'defaults:',
      '  dns: one.one',
      '  base: none.img',
      '  password-env: UNSET_PASSWORD',
      'images:',
      '  - apn: in"ternet',
      '    hostname: a_b',
      '  - carrier: dk/3',
      '  - apn: ok',
      '    ssh-key:',
      '      - none.pub',
      '    wifi-ssid: home',
      '  - name: x',
    ].join('\n'),
    { folder: '/nowhere' },
  );
  const places = faults.map((line) => line.split(/:\s/, 2)[0]);
  assert.match(faults[0] ?? '', /^f\.yaml:2:3: dns "one\.one" is not an IPv4 or IPv6 address/);
  assert.match(
    faults[1] ?? '',
    /^f\.yaml:3:3: base "\/nowhere\/none\.img" cannot be read: no such file; it must be an image file or one of raspbian-stretch,/,
  );
  assert.match(
    faults[2] ?? '',
    /^f\.yaml:4:3: password-env names UNSET_PASSWORD, which is not set in the environment$/,
  );
  assert.match(faults[3] ?? '', /^f\.yaml:6:5: apn "in\\?"ternet" holds a double quote/);
  assert.match(faults[4] ?? '', /^f\.yaml:7:5: hostname "a_b" /);
  assert.match(faults[5] ?? '', /^f\.yaml:8:5: carrier "dk\/3" is ambiguous; it could be:/);
  assert.deepEqual(
    places.filter((place) => place?.startsWith('f.yaml:')),
    ['2:3', '3:3', '4:3', '6:5', '7:5', '8:5', '10:5', '12:5', '13:5'].map((place) => `f.yaml:${place}`),
  );
});

test('paths are relative to the file, a named base is none, and --base wins', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-fleet-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me';
  await writeFile(join(folder, 'k.pub'), `${key}\n`);
  await writeFile(join(folder, 'b.img'), '');
  const text = 'images:\n  - {apn: a, base: b.img, ssh-key: k.pub}\n  - {apn: b, base: debian-bookworm}\n';
  const { jobs } = await makeJobs(text, { folder });
  assert.deepEqual(
    jobs.map(({ request }) => request.base),
    [join(folder, 'b.img'), 'debian-bookworm'],
  );
  assert.deepEqual(jobs[0]?.request.recipe.sshKeys, [key]);
  const { jobs: others } = await makeJobs(text, { folder, overrides: { base: 'debian-bookworm' } });
  assert.deepEqual([...new Set(others.map(({ request }) => request.base))], ['debian-bookworm']);
});

test("one's own files are relative to the file, too, and names of packages are no paths", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-fleet-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'tree'));
  for (const name of ['a.deb', 'setup.sh']) await writeFile(join(folder, name), '');
  const own = '{extra-tree: tree, package: [a.deb, htop], first-boot: setup.sh}';
  const text = `defaults: ${own}\nimages:\n  - {apn: a, base: debian-bookworm}\n  - {apn: b, base: debian-bookworm, package: curl}\n`;
  const { jobs, issues } = await makeJobs(text, { folder });
  assert.deepEqual(issues, []);
  assert.deepEqual(jobs[0]?.request.own, {
    trees: [join(folder, 'tree')],
    packageFiles: [join(folder, 'a.deb')],
    packageNames: ['htop'],
    scripts: [join(folder, 'setup.sh')],
  });
  assert.deepEqual(jobs[1]?.request.own.packageNames, ['curl']);
  const { file } = parseFleetDocument(text, 'f.yaml');
  assert.ok(file !== undefined);
  assert.deepEqual(listFleetInputs(listEntries(file), '/f', true), ['/f/a.deb', '/f/setup.sh', '/f/tree']);
});

test('secrets come from the variables the file names, never from those of wwanpi build, and stay secret', async () => {
  const env = {
    WWANPI_PASSWORD: 'other',
    WWANPI_APN_PASSWORD: 'other',
    MY_PASSWORD: 'hunter2',
    MY_PSK: 'hunter2hunter2',
    SOURCE_DATE_EPOCH: '12',
  };
  const text = [
    'images:',
    '  - {apn: a, apn-user: u, apn-password-env: MY_PASSWORD, wifi-ssid: w, wifi-psk-env: MY_PSK, wifi-country: US}',
    '  - {apn: b, password-env: MY_PASSWORD}',
    '  - {apn: c}',
  ].join('\n');
  const { jobs } = await makeJobs(text, { env });
  const [first, second, third] = jobs.map(({ request }) => request);
  assert.deepEqual(first?.recipe.credentials, { user: 'u', password: 'hunter2', auth: 'chap' });
  assert.deepEqual(second?.recipe.password, { kind: 'clear', password: 'hunter2' });
  assert.deepEqual(third?.recipe.password, { kind: 'stock' });
  assert.equal(third?.recipe.epochSeconds, 12);
  assert.doesNotMatch(JSON.stringify(jobs.map(({ request }) => request.publicOptions)), /hunter2|other/);
});

test('a variable that is not set is one fault, whatever it is for', async () => {
  for (const option of ['pin', 'password', 'password-hash', 'wifi-psk', 'apn-user', 'apn-password']) {
    const { faults } = await makeJobs(
      `images:\n  - {apn: a, apn-auth: pap, ${option === 'apn-user' ? '' : 'apn-user: u, '}wifi-ssid: w, wifi-country: US, ${option}-env: NOT_SET}\n`,
    );
    assert.equal(faults.length, 1, faults.join('\n'));
    assert.match(faults[0] ?? '', new RegExp(`${option}-env names NOT_SET`));
  }
});

test('the carrier of an image goes with its job', async () => {
  const { jobs } = await makeJobs('images:\n  - carrier: gb/giffgaff\n  - apn: x\n');
  assert.deepEqual(
    jobs.map(({ carrier }) => carrier),
    [{ country: 'gb', provider: 'giffgaff', plan: 'Mobile Broadband' }, undefined],
  );
  assert.equal(jobs[0]?.request.publicOptions.carrier, 'gb/giffgaff');
  assert.equal(jobs[0]?.request.publicOptions.apnPassword, '(secret)');
  assert.equal(jobs[0]?.request.inputs[0]?.name, 'mobile-broadband-provider-info');
});

test('all that a fleet reads besides its file is listed for a container, once each', () => {
  const { file } = parseFleetDocument(
    [
      'defaults:',
      '  base: ../base.img',
      '  ssh-key: [keys/a.pub, /abs/b.pub]',
      'images:',
      '  - apn: one',
      '  - apn: two',
      '    base: debian-bookworm',
      '    libqmi-source: libqmi',
    ].join('\n'),
    'f.yaml',
  );
  assert.ok(file !== undefined);
  const others = ['/abs/b.pub', '/f/x/keys/a.pub', '/f/x/libqmi'];
  assert.deepEqual(listFleetInputs(listEntries(file), '/f/x', true), [
    '/abs/b.pub',
    '/f/base.img',
    ...others.slice(1),
  ]);
  // --base on the command line is for all images.
  assert.deepEqual(listFleetInputs(listEntries(file), '/f/x', false), others);
});

test('issues of shape, names and values come in one round, and what follows from them is left out', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-test-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'f.yaml');
  await writeFile(
    path,
    [
      'defaults:',
      '  hostnam: pi-{name}',
      'images:',
      '  - name: a',
      '    apn: internet',
      '    metric: fast',
      '  - name: a',
      '    apn: internet',
      '  - apn: "bad apn"',
      '  - carier: us/metropcs',
      '  - internet',
      '  - apn: internet',
      '    ssh-key: none.pub',
    ].join('\n'),
  );
  const source = await readFleet(path);
  const error = await makeFleetPlan({ output: 'out' }, source, () => assert.fail('no carrier')).catch(
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof OptionsError, String(error));
  assert.deepEqual(
    error.issues.map(({ place, option }) => [place?.line, option]),
    [
      [2, 'hostnam'],
      [6, 'metric'],
      [7, 'name'],
      [9, 'apn'],
      [10, 'carier'],
      [11, 'images'],
      [13, 'ssh-key'],
    ],
  );
  assert.throws(() => assertSound(source), OptionsError);
});
