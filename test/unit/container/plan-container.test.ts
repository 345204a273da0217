import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import yargs, { type CommandModule } from 'yargs';
import { BOOT_PATHS, bootCommand } from '../../../src/commands/boot-command.ts';
import { BUILD_PATHS, buildCommand } from '../../../src/commands/build-command.ts';
import { FETCH_PATHS, fetchCommand } from '../../../src/commands/fetch-command.ts';
import { FLEET_PATHS } from '../../../src/commands/fleet.ts';
import { fleetCommand } from '../../../src/commands/fleet-command.ts';
import { type CommandPaths, formatOption, planContainer } from '../../../src/container/plan-container.ts';
import { SECRET_VARIABLES } from '../../../src/recipe/build-options.ts';

const CACHE = '/home/u/.cache/wwanpi';

/** What a command line comes to: parsed by the command's own definition, then planned. */
function plan(
  command: CommandModule,
  paths: CommandPaths,
  line: readonly string[],
  reads: readonly string[] = [],
) {
  let parsed: Record<string, unknown> = {};
  yargs([...line])
    .command({
      ...command,
      handler: (argv) => {
        parsed = argv;
      },
    })
    .exitProcess(false)
    .parseSync();
  return planContainer(paths, { cacheDir: CACHE, ...parsed }, SECRET_VARIABLES, reads);
}

const build = (...line: string[]) => plan(buildCommand, BUILD_PATHS, ['build', ...line]);
const read = (path: string) => ({ path, writable: false });
const write = (path: string) => ({ path, writable: true });

test('a plain build can write its output and the cache, and reads nothing else', () => {
  const { args, mounts, secrets, faults } = build(
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
    '--base=raspbian-stretch',
    '--no-dry-run',
    '--no-json',
    '--no-quiet',
  ]);
  assert.deepEqual(mounts, [write(CACHE), write('/w/out')]);
  assert.deepEqual(secrets, {});
  assert.deepEqual(faults, []);
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
  test(`mounts: ${title}`, () => {
    const planned = build('--apn', 'x', '--output', '/w', ...line);
    const inputs = planned.mounts.filter(({ path }) => path !== CACHE && path !== '/w');
    assert.deepEqual(inputs, expected);
    assert.match(planned.args.join(' '), args);
  });
}

test('what is read and written is mounted once, to be written', () => {
  const { mounts } = build('--apn', 'x', '--output', '/w', '--base', '/w');
  assert.deepEqual(mounts, [write(CACHE), write('/w')]);
});

test('secrets leave the command line for the environment', () => {
  const line = ['--apn=x', '--pin=0123', '--password', 'p w', '--wifi-psk', 'psk', '--apn-password', 'a'];
  const { args, secrets } = build(...line, '--password-hash', '$6$x');
  assert.deepEqual(secrets, {
    WWANPI_PIN: '0123',
    WWANPI_PASSWORD: 'p w',
    WWANPI_WIFI_PSK: 'psk',
    WWANPI_APN_PASSWORD: 'a',
    WWANPI_PASSWORD_HASH: '$6$x',
  });
  assert.doesNotMatch(args.join(' '), /--pin|--password|--wifi-psk|--apn-password/);
});

test('folders that the container needs itself are refused, all at once', () => {
  const { faults } = build('--apn', 'x', '--output', '/usr', '--cache-dir', '/proc/1');
  assert.deepEqual(
    faults.map((fault) => fault.split(' ')[0]),
    ['/proc/1', '/usr'],
  );
  for (const path of ['/', '/etc', '/opt', '/var', '/dev/shm/out']) {
    assert.equal(build('--apn', 'x', '--output', path).faults.length, 1, path);
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
    assert.deepEqual(build('--apn', 'x', '--output', path).faults, [], path);
  }
});

test('a fleet: its file, its output, and what the file names', () => {
  const line = ['fleet', '/f/fleet.yaml', '--only', 'a', '--only', 'b', '--output', '/w', '--in', 'podman'];
  const { args, mounts } = plan(fleetCommand, FLEET_PATHS, line, ['/k/a.pub', '/s/libqmi']);
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

test('a boot: the image, a scenario that is a file, and the folders of its reports', () => {
  const shipped = plan(bootCommand, BOOT_PATHS, [
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
  const own = plan(bootCommand, BOOT_PATHS, [
    'boot',
    '/i/a.img',
    '--scenario',
    '/i/mine.json',
    '--keep',
    '/l',
  ]);
  assert.deepEqual(own.mounts, [write(CACHE), read('/i/a.img'), read('/i/mine.json'), write('/l')]);
});

test('a fetch has its base and cache', () => {
  const { args, mounts } = plan(fetchCommand, FETCH_PATHS, [
    'fetch',
    '--base',
    'debian-bookworm',
    '--in',
    'docker',
  ]);
  assert.deepEqual(args, ['fetch', `--cache-dir=${CACHE}`, '--base=debian-bookworm']);
  assert.deepEqual(mounts, [write(CACHE)]);
});

/** Options that are no paths, by command: a new option is put here or into its command's paths. */
const NO_PATHS: Readonly<Record<string, readonly string[]>> = {
  build: [
    ...['json', 'sign'],
    ...['apn', 'carrier', 'apn-user', 'apn-password', 'apn-auth', 'ndisdup', 'pin', 'name', 'dry-run', 'dns'],
    ...['supervisor', 'supervisor-interval', 'supervisor-dead-after', 'supervisor-reboot', 'probe', 'metric'],
    ...['wifi-ssid', 'wifi-psk', 'wifi-country', 'hostname', 'ssh', 'password', 'password-hash', 'quiet'],
    ...['compress', 'level', 'keep-image', 'builder'],
  ],
  fleet: [
    ...['jobs', 'only', 'shard', 'keep-going', 'dry-run', 'json', 'matrix', 'shards', 'collect', 'quiet'],
    ...['compress', 'level', 'keep-image', 'url-base'],
    // Refused together with --in: the key stays outside.
    'sign',
  ],
  boot: ['apn', 'timeout', 'wall-timeout', 'console', 'seed', 'minutes'],
  // Refused together with --in, like --sign.
  fetch: ['fleet'],
};

for (const [command, paths] of [
  [buildCommand, BUILD_PATHS],
  [fleetCommand, FLEET_PATHS],
  [bootCommand, BOOT_PATHS],
  [fetchCommand, FETCH_PATHS],
] as const) {
  test(`of every option of ${paths.command} it is known whether it is a path`, () => {
    const parser = yargs([]);
    (command.builder as (yargs: unknown) => unknown)(parser);
    const { key } = (parser as unknown as { getOptions(): { key: Record<string, unknown> } }).getOptions();
    const options = Object.keys(key).filter(
      (name) => !/^(help|version|in|container-image)$|[A-Z]/.test(name),
    );
    const known = [
      ...(NO_PATHS[paths.command] ?? []),
      ...Object.keys(paths.options).map(toKebab),
      paths.positional,
    ];
    assert.deepEqual(
      options.filter((name) => !known.includes(name)),
      [],
    );
  });
}

test('yargs reads back what an option was, whatever it holds', () => {
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

function toKebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
