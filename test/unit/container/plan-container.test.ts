import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import yargs from 'yargs';
import { bootCommand } from '../../../src/commands/boot-command.ts';
import { buildCommand } from '../../../src/commands/build-command.ts';
import { fetchCommand } from '../../../src/commands/fetch-command.ts';
import { fleetCommand } from '../../../src/commands/fleet-command.ts';
import { formatOption, planContainer } from '../../../src/container/plan-container.ts';
import { type Command, listPaths } from '../../../src/options/command.ts';
import { listOptions } from '../../../src/options/options.ts';
import { SECRET_VARIABLES } from '../../../src/recipe/build-options.ts';
import { parseLine } from '../../helpers/command-lines.ts';

const CACHE = '/home/u/.cache/wwanpi';

/** What a command line comes to: parsed as wwanpi parses it, then planned. */
async function plan(command: Command, line: readonly string[], reads: readonly string[] = []) {
  const parsed = await parseLine(line);
  return planContainer(listPaths(command), { cacheDir: CACHE, ...parsed }, SECRET_VARIABLES, reads);
}

const build = (...line: string[]) => plan(buildCommand, ['build', ...line]);
const read = (path: string) => ({ path, writable: false });
const write = (path: string) => ({ path, writable: true });

test('a plain build can write its output and the cache, and reads nothing else', async () => {
  const { args, mounts, secrets, issues } = await build(
    '--apn',
    'internet',
    '--output',
    '/w/out',
    '--in',
    'docker',
  );
  assert.deepEqual(args, [
    'build',
    `--cache-dir=${CACHE}`,
    '--apn=internet',
    '--output=/w/out',
    '--log=text',
  ]);
  assert.deepEqual(mounts, [write(CACHE), write('/w/out')]);
  assert.deepEqual(secrets, {});
  assert.deepEqual(issues, []);
});

const MOUNTED: readonly (readonly [string, readonly string[], readonly ReturnType<typeof read>[], RegExp])[] =
  [
    ['a named base is no path', ['--base', 'debian-bookworm'], [], /--base=debian-bookworm/],
    ['a base that is a file', ['--base', '/i/a.img'], [read('/i/a.img')], /--base=\/i\/a\.img/],
    ['relative paths become absolute', ['--base', 'a.img'], [read(resolve('a.img'))], /--base=\/.*\/a\.img/],
    [
      'a source of libqmi',
      ['--libqmi-source', '/s/libqmi'],
      [read('/s/libqmi')],
      /--libqmi-source=\/s\/libqmi/,
    ],
    [
      'several keys',
      ['--ssh-key', '/k/a.pub', '/k/b.pub'],
      [read('/k/a.pub'), read('/k/b.pub')],
      /--ssh-key=\/k\/a\.pub --ssh-key=\/k\/b\.pub/,
    ],
    ['the same key twice', ['--ssh-key', '/k/a.pub', '--ssh-key', '/k/a.pub'], [read('/k/a.pub')], /a\.pub/],
  ];

for (const [title, line, expected, args] of MOUNTED) {
  test(`mounts: ${title}`, async () => {
    const planned = await build('--apn', 'x', '--output', '/w', ...line);
    const inputs = planned.mounts.filter(({ path }) => path !== CACHE && path !== '/w');
    assert.deepEqual(inputs, expected);
    assert.match(planned.args.join(' '), args);
  });
}

test('what is read and written is mounted once, to be written', async () => {
  const { mounts } = await build('--apn', 'x', '--output', '/w', '--base', '/w');
  assert.deepEqual(mounts, [write(CACHE), write('/w')]);
});

test('secrets leave the command line for the environment', async () => {
  const line = ['--apn=x', '--pin=0123', '--password', 'p w', '--wifi-psk', 'psk', '--apn-password', 'a'];
  const { args, secrets } = await build(...line, '--password-hash', '$6$x');
  assert.deepEqual(secrets, {
    WWANPI_PIN: '0123',
    WWANPI_PASSWORD: 'p w',
    WWANPI_WIFI_PSK: 'psk',
    WWANPI_APN_PASSWORD: 'a',
    WWANPI_PASSWORD_HASH: '$6$x',
  });
  assert.doesNotMatch(args.join(' '), /--pin|--password|--wifi-psk|--apn-password/);
});

test('folders that the container needs itself are refused, all at once', async () => {
  const { issues } = await build('--apn', 'x', '--output', '/usr', '--cache-dir', '/proc/1');
  assert.deepEqual(
    issues.map(({ option, value }) => [option, value]),
    [
      ['cache-dir', '/proc/1'],
      ['output', '/usr'],
    ],
  );
  for (const path of ['/', '/etc', '/opt', '/var', '/dev/shm/out']) {
    assert.equal((await build('--apn', 'x', '--output', path)).issues.length, 1, path);
  }
  for (const path of [
    '/tmp',
    '/var/tmp',
    '/var/lib/ci/out',
    '/opt/builds',
    '/root',
    '/home',
    '/mnt',
    '/work',
  ]) {
    assert.deepEqual((await build('--apn', 'x', '--output', path)).issues, [], path);
  }
});

test('a fleet: its file, its output, and what the file names', async () => {
  const line = ['fleet', '/f/fleet.yaml', '--only', 'a', '--only', 'b', '--output', '/w', '--in', 'podman'];
  const { args, mounts } = await plan(fleetCommand, line, ['/k/a.pub', '/s/libqmi']);
  assert.deepEqual(args.slice(0, 2), ['fleet', '/f/fleet.yaml']);
  assert.match(args.join(' '), /--only=a --only=b/);
  assert.doesNotMatch(args.join(' '), /--in=/);
  assert.deepEqual(mounts, [
    read('/f/fleet.yaml'),
    write(CACHE),
    read('/k/a.pub'),
    read('/s/libqmi'),
    write('/w'),
  ]);
});

test('a boot: the image, a scenario that is a file, and the folders of its reports', async () => {
  const shipped = await plan(bootCommand, [
    'boot',
    '/i/a.img',
    '--scenario',
    'replug',
    '--report',
    '/r/a.xml',
  ]);
  assert.deepEqual(shipped.args.slice(0, 2), ['boot', '/i/a.img']);
  assert.match(shipped.args.join(' '), /--scenario=replug .*--report=\/r\/a\.xml/);
  assert.deepEqual(shipped.mounts, [write(CACHE), read('/i/a.img'), write('/r')]);
  const own = await plan(bootCommand, ['boot', '/i/a.img', '--scenario', '/i/mine.json', '--keep', '/l']);
  assert.deepEqual(own.mounts, [write(CACHE), read('/i/a.img'), read('/i/mine.json'), write('/l')]);
});

test('a fetch has its base and cache', async () => {
  const { args, mounts } = await plan(fetchCommand, ['fetch', '--base', 'debian-bookworm', '--in', 'docker']);
  assert.deepEqual(args, ['fetch', `--cache-dir=${CACHE}`, '--base=debian-bookworm', '--log=text']);
  assert.deepEqual(mounts, [write(CACHE)]);
});

/** Options whose metavar is a path's, but that a container never gets. */
const OUTSIDE = [
  // Refused together with --in.
  'fleet --collect',
  'fetch --fleet',
];

test('an option that names a file or folder says what it is to a container', () => {
  for (const command of [buildCommand, fleetCommand, bootCommand, fetchCommand]) {
    const unsaid = listOptions(command.name).filter(
      ({ name, metavar, path }) =>
        /^(DIR|FILE|PATH|BASE|SCENARIO)$/.test(metavar ?? '') &&
        path === undefined &&
        !OUTSIDE.includes(`${command.name} --${name}`),
    );
    assert.deepEqual(
      unsaid.map(({ name }) => name),
      [],
      command.name,
    );
  }
});

test('yargs reads back what an option was, whatever it holds', async () => {
  const parse = (words: readonly string[]) =>
    yargs([...words])
      .options({ apnUser: { type: 'string' }, ssh: { type: 'boolean' } })
      .help(false)
      .version(false)
      .parseSync();
  fc.assert(
    fc.property(fc.string(), fc.boolean(), (text, flag) => {
      const parsed = parse([formatOption('apnUser', text), formatOption('ssh', flag)]);
      assert.equal(parsed.apnUser, text);
      assert.equal(parsed.ssh, flag);
    }),
  );
  for (const text of ['"a"', "'a'", '"', "''", '-x', '--y=1', 'a=b', 'ü \n z']) {
    assert.equal(parse([formatOption('apnUser', text)]).apnUser, text);
  }
});

test('package files are mounted, names of packages are not', async () => {
  const { mounts, args } = await build(
    '--apn',
    'x',
    '--output',
    '/w',
    '--package',
    '/f/a.deb',
    'htop',
    '--extra-tree',
    '/t',
  );
  assert.deepEqual(mounts, [read('/f/a.deb'), write(CACHE), read('/t'), write('/w')]);
  assert.ok(args.includes('--package=htop'));
});
