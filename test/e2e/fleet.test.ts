import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { FleetResult } from '../../src/fleet/fleet-state.ts';
import { createExec } from '../../src/tools/exec.ts';
import { sha256Text } from '../../src/tools/files/hash.ts';
import { type CliOptions, type CliResult, runCli } from '../helpers/cli.ts';
import { compileImagerSchema } from '../helpers/imager-schema.ts';
import { KEYS, openWwanpi } from '../helpers/screen.ts';

const FLEET = `defaults: {base: debian-bookworm, compress: none, hostname: "pi-{name}"}
images:
  - carrier: us/metropcs
  - carrier: gb/ee
  - name: lab
    apn: internet
    apn-user: me
    apn-password-env: LAB_PASSWORD
`;

/** A fleet of three through the built CLI: made, run again, changed, failed, interrupted and gone on with. */
describe('a fleet on debian-bookworm', () => {
  const exec = createExec({ signal: new AbortController().signal });
  let folder = '';
  let out = '';
  const run = (args: readonly string[] = [], options: CliOptions = {}): Promise<CliResult> =>
    runCli(['fleet', join(folder, 'fleet.yaml'), '--output', out, ...args], {
      ...options,
      env: { LAB_PASSWORD: 'hunter2', ...options.env },
    });
  const readEntries = async (): Promise<FleetResult[]> =>
    JSON.parse(await readFile(join(out, 'fleet.json'), 'utf8')).entries;
  const verdicts = async () =>
    Object.fromEntries((await readEntries()).map(({ name, verdict }) => [name, verdict]));
  const checkSums = () => exec(['sha256sum', '--strict', '--check', '--quiet', 'SHA256SUMS'], { cwd: out });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-fleet-'));
    out = join(folder, 'out');
    await writeFile(join(folder, 'fleet.yaml'), FLEET);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('a dry run tells what would be built and writes nothing', async () => {
    const result = await run(['--dry-run']);
    assert.equal(result.exitCode, 0, result.stderr);
    assert.match(result.stdout, /^us-metropcs .*to be built$/m);
    assert.match(result.stdout, /3 to be built\n$/);
    assert.deepEqual(await readdir(folder), ['fleet.yaml']);
  });

  test('an interrupt leaves whole images and nothing else; the next run goes on', async (t) => {
    const screen = openWwanpi(t, ['fleet', join(folder, 'fleet.yaml'), '--output', out, '--jobs', '1'], {
      env: { LAB_PASSWORD: 'hunter2' },
    });
    await screen.waitForText('✓ us-metropcs');
    screen.type(KEYS.ctrlC);
    await screen.waitForText(/stopping…|wwanpi: interrupted/);
    assert.equal(await screen.exited(), 130, screen.history());
    const shown = screen.history();
    for (const step of ['Host tools', 'Base', 'Sysroot', 'libqmi source', 'libqmi compile', 'libqmi check']) {
      assert.equal(shown.split(`✓ ${step} `).length, 2, `${step}:\n${shown}`);
    }
    assert.doesNotMatch(shown, /of 3 images|stopping…|^ {2}… /m, 'a row is left');
    assert.match(shown, /→ the same command continues the run$/);
    // One, or the next too where this process was slower than the build.
    const made = await readEntries();
    assert.equal(made[0]?.name, 'us-metropcs');
    assert.ok(made.length < 3 && made.every(({ verdict }) => verdict === 'built'), JSON.stringify(made));
    const isMade = (file: string) => made.some(({ name }) => file.startsWith(`${name}.`));
    assert.deepEqual((await readdir(out)).filter((file) => !isMade(file)).sort(), [
      '.wwanpi-fleet.json',
      'SHA256SUMS',
      'fleet.json',
    ]);
    await checkSums();

    const urlBase = 'https://example.org/images';
    const second = await run(['--json', '--url-base', urlBase]);
    assert.equal(second.exitCode, 0, second.stderr);
    assert.equal(second.stdout, await readFile(join(out, 'fleet.json'), 'utf8'));
    const verdictOf = (name: string) => (made.some((entry) => entry.name === name) ? 'unchanged' : 'built');
    assert.deepEqual(await verdicts(), {
      'us-metropcs': 'unchanged',
      'gb-ee': verdictOf('gb-ee'),
      lab: 'built',
    });
    assert.match(second.stderr, /✓ lab .*\[\d of 3 images/);
    await checkSums();
    const list = JSON.parse(await readFile(join(out, 'os_list.json'), 'utf8'));
    const validate = compileImagerSchema();
    assert.ok(validate(list), JSON.stringify(validate.errors));
    const { stdout: size } = await exec(['stat', '-c', '%s', join(out, 'gb-ee.img')]);
    const { stdout: sums } = await exec(['sha256sum', join(out, 'gb-ee.img')]);
    const entry = list.os_list.find(({ url }: { url: string }) => url === `${urlBase}/gb-ee.img`);
    assert.deepEqual([entry.name, entry.extract_size], ['EE', Number(size)]);
    assert.equal(entry.extract_sha256, sums.slice(0, 64));
    assert.deepEqual(entry.devices, ['pi2-32bit', 'pi3-32bit']);
    const listed = await readFile(join(out, 'SHA256SUMS'), 'utf8');
    assert.match(listed, / {2}fleet\.rpi-imager-manifest\n/);
    assert.match(listed, / {2}gb-ee\.bmap\n[\s\S]* {2}gb-ee\.sbom\.json\n[\s\S]* {2}os_list\.json\n/);
  });

  test('every image has its own APN, host name and credentials, and no report has a secret', async () => {
    for (const [name, apn] of [
      ['us-metropcs', 'fast.metropcs.com'],
      ['gb-ee', 'everywhere'],
      ['lab', 'internet'],
    ]) {
      const { stdout } = await runCli(['inspect', '--json', join(out, `${name}.img`)]);
      assert.match(stdout, new RegExp(`APN=${apn?.replaceAll('.', '\\.')} /usr/lib/wwanpi/dial start`), name);
    }
    const texts = await Promise.all(
      ['fleet.json', 'SHA256SUMS', 'lab.manifest.json', '.wwanpi-fleet.json'].map((name) =>
        readFile(join(out, name), 'utf8'),
      ),
    );
    assert.doesNotMatch(texts.join(''), /hunter2/);
    const { inputs, options } = JSON.parse(await readFile(join(out, 'gb-ee.manifest.json'), 'utf8'));
    assert.equal(options.carrier, 'gb/ee');
    // EE is in wwanpi's own table, so nothing of the database is an input.
    assert.ok(!inputs.some(({ name }: { name: string }) => name.startsWith('mobile-broadband')));
    const entries = await readEntries();
    assert.deepEqual(entries.find(({ name }) => name === 'gb-ee')?.carrier, {
      country: 'gb',
      provider: 'EE',
    });
  });

  test('a second run makes nothing; a third makes what changed, in the file, the environment or the folder', async () => {
    const inodes = async () =>
      Object.fromEntries(
        await Promise.all(
          ['us-metropcs', 'gb-ee', 'lab'].map(async (name) => [
            name,
            (await stat(join(out, `${name}.img`))).ino,
          ]),
        ),
      );
    const made = await inodes();
    const second = await run();
    assert.equal(second.exitCode, 0, second.stderr);
    assert.match(second.stdout, /3 unchanged\n\nThe images are in /);
    assert.deepEqual(await inodes(), made);

    await writeFile(
      join(folder, 'fleet.yaml'),
      FLEET.replace('carrier: us/metropcs', '{carrier: us/metropcs, metric: 700}'),
    );
    await rm(join(out, 'gb-ee.manifest.json'));
    const third = await run();
    assert.equal(third.exitCode, 0, third.stderr);
    assert.deepEqual(await verdicts(), { 'us-metropcs': 'built', 'gb-ee': 'built', lab: 'unchanged' });

    const fourth = await run([], { env: { LAB_PASSWORD: 'hunter3' } });
    assert.equal(fourth.exitCode, 0, fourth.stderr);
    assert.deepEqual(await verdicts(), { 'us-metropcs': 'unchanged', 'gb-ee': 'unchanged', lab: 'built' });
    await checkSums();
  });

  test('one that fails does not spoil the others, and its class sets the exit code', async () => {
    await writeFile(join(folder, 'broken.img'), 'no image\n'.repeat(200));
    await writeFile(
      join(folder, 'fleet.yaml'),
      FLEET.replace(
        '- carrier: us/metropcs',
        '- {name: bad, apn: x, base: broken.img}\n  - {name: new, apn: y}',
      ),
    );
    const stopped = await run(['--jobs', '1']);
    assert.equal(stopped.exitCode, 2, stopped.stderr);
    assert.match(stopped.stderr, /1 of 4 images failed, and 3 were not begun/);
    assert.match(stopped.stderr, /- bad: .*(no disk image|not a disk image)/);
    assert.match(stopped.stdout, /^new +not begun$/m);
    assert.match(stopped.stderr, /no longer in the fleet: us-metropcs; /);

    const kept = await run(['--keep-going']);
    assert.equal(kept.exitCode, 2, kept.stderr);
    assert.deepEqual(await verdicts(), { bad: 'failed', new: 'built', 'gb-ee': 'unchanged', lab: 'built' });
    const bad = (await readEntries()).find(({ name }) => name === 'bad');
    assert.deepEqual(bad?.files, []);
    assert.match(bad?.error ?? '', /disk image/);
    assert.doesNotMatch(await readFile(join(out, 'SHA256SUMS'), 'utf8'), /us-metropcs/);
    await checkSums();
  });

  test('--only and --shard make a part, and keep what the others were', async () => {
    await writeFile(join(folder, 'fleet.yaml'), FLEET);
    const only = await run(['--only', 'gb-ee']);
    assert.equal(only.exitCode, 0, only.stderr);
    assert.deepEqual(await verdicts(), { 'gb-ee': 'unchanged', lab: 'built' });
    const shard = await run(['--shard', '1/3']);
    assert.equal(shard.exitCode, 0, shard.stderr);
    assert.match(shard.stdout, /^us-metropcs .*built$/m);
    assert.deepEqual(Object.keys(await verdicts()), ['us-metropcs', 'gb-ee', 'lab']);
  });

  test('--sign is tried before any work, signs what is there, and its signature goes with the next sums', async () => {
    const key = ['-p', join(folder, 'key.pub'), '-s', join(folder, 'key')] as const;
    await exec(['minisign', '-G', '-W', ...key]);
    const refused = await run(['--sign', join(folder, 'key.pub')]);
    assert.equal(refused.exitCode, 2, refused.stderr);
    assert.match(refused.stderr, /key\.pub is not a minisign secret key/);
    const signed = await run(['--sign', join(folder, 'key')]);
    assert.equal(signed.exitCode, 0, signed.stderr);
    await exec(['minisign', '-V', '-p', join(folder, 'key.pub'), '-m', join(out, 'SHA256SUMS')]);
    const same = await run();
    assert.equal(same.exitCode, 0, same.stderr);
    await exec(['minisign', '-V', '-p', join(folder, 'key.pub'), '-m', join(out, 'SHA256SUMS')]);
    const changed = await run(['--url-base', 'https://example.org/images']);
    assert.match(changed.stderr, /SHA256SUMS\.minisig was removed/);
    assert.ok(!(await readdir(out)).includes('SHA256SUMS.minisig'));
  });

  test('--collect puts what shards made together, and says what is missing', async () => {
    const made = out;
    out = join(folder, 'collected');
    const collected = await run(['--collect', made]);
    assert.equal(collected.exitCode, 0, collected.stderr);
    assert.deepEqual(Object.keys(await verdicts()), ['us-metropcs', 'gb-ee', 'lab']);
    await checkSums();
    await writeFile(join(folder, 'fleet.yaml'), `${FLEET}  - {name: more, apn: x}\n`);
    const partial = await run(['--collect', made]);
    assert.equal(partial.exitCode, 5, partial.stderr);
    assert.match(partial.stderr, /1 of 4 images are in none of the folders: more\n→ .*--only more/);
  });

  test('own files that all images name are in each of them, large ones too', async () => {
    out = join(folder, 'own');
    await mkdir(join(folder, 'tree/srv'), { recursive: true });
    const content = 'large\n'.repeat(50_000);
    await writeFile(join(folder, 'tree/srv/large'), content);
    const names = ['one', 'two', 'three'];
    const images = names.map((name) => `  - {name: ${name}, apn: internet}\n`).join('');
    await writeFile(
      join(folder, 'fleet.yaml'),
      `defaults: {base: debian-bookworm, compress: none, extra-tree: tree}\nimages:\n${images}`,
    );
    const first = await run(['--jobs', '2']);
    assert.equal(first.exitCode, 0, first.stderr);
    for (const name of names) {
      const { changes } = JSON.parse(await readFile(join(out, `${name}.manifest.json`), 'utf8'));
      const change = changes.find(({ path }: { path: string }) => path === '/srv/large');
      assert.equal(change?.sha256, sha256Text(content), name);
    }
    const second = await run();
    assert.equal(second.exitCode, 0, second.stderr);
    assert.match(second.stdout, /3 unchanged/);
  });
});

describe('a fleet file that cannot be used', () => {
  const refused: [string, string, readonly string[], RegExp[]][] = [
    [
      'all issues with their places, no carrier data or base needed for it',
      'images:\n  - apn: "a b"\n    metric: fast\n  - apnUser: x\n',
      [],
      [
        /fleet\.yaml:3:5: metric /,
        /fleet\.yaml:4:5: apnUser is not .*did you mean apn-user\?/,
        /wwanpi schema/,
      ],
    ],
    ['a missing variable', 'images:\n  - {apn: a, password-env: NOT_SET_HERE}\n', [], [/fleet\.yaml:2:14: /]],
    ['an unknown name', 'images: [{apn: a}]', ['--only', 'b'], [/--only "b" .*\n→ its images: a/]],
    ['a shard that is none', 'images: [{apn: a}]', ['--shard', '3/2'], [/--shard "3\/2"/]],
    ['no jobs', 'images: [{apn: a}]', ['--jobs', '0'], [/--jobs "0"/]],
    ['an unknown CI', 'images: [{apn: a}]', ['--matrix', 'jenkins'], [/github, gitlab/]],
  ];
  for (const [what, text, args, messages] of refused) {
    test(`${what}: exit 2, nothing touched`, async (t) => {
      const folder = await mkdtemp(join(tmpdir(), 'wwanpi-fleet-'));
      t.after(() => rm(folder, { recursive: true, force: true }));
      await writeFile(join(folder, 'fleet.yaml'), text);
      const result = await runCli(
        ['fleet', join(folder, 'fleet.yaml'), '--output', join(folder, 'out'), ...args],
        {
          env: { XDG_CACHE_HOME: join(folder, 'cache') },
        },
      );
      assert.equal(result.exitCode, 2, result.stderr);
      for (const message of messages) assert.match(result.stderr, message);
      assert.equal(result.stdout, '');
      assert.deepEqual(await readdir(folder), ['fleet.yaml']);
    });
  }
});

test('carriers: a search, JSON, and a carrier in a build that is ambiguous', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-fleet-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const found = await runCli(['carriers', 'metro', '--country', 'us']);
  assert.match(found.stdout, /^us\/metropcs +fast\.metropcs\.com /m);
  const { carriers, source } = JSON.parse((await runCli(['carriers', '--country', 'gb', '--json'])).stdout);
  assert.equal(source.name, 'mobile-broadband-provider-info');
  const ee = carriers.find(({ id }: { id: string }) => id === 'gb/ee');
  assert.deepEqual(
    [ee.apn, ee.user, ee.password, ee.recommended],
    ['everywhere', 'eesecure', 'secure', true],
  );
  assert.equal((await runCli(['carriers', 'no such carrier'])).exitCode, 2);
  assert.equal((await runCli(['carriers', '--country', 'Atlantis'])).exitCode, 2);
  const ambiguous = await runCli(['build', '--carrier', 'dk/3', '--output', join(folder, 'out')], {
    env: { XDG_CACHE_HOME: join(folder, 'cache') },
  });
  assert.equal(ambiguous.exitCode, 2);
  assert.match(ambiguous.stderr, /ambiguous; it could be:\n.*dk\/3\/bredband/);
  assert.doesNotMatch(ambiguous.stderr, /--apn needs/);
  assert.deepEqual(await readdir(folder), []);
});
