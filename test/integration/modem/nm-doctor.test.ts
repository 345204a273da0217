import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { createNmPi, type FakeNmPi } from '../../helpers/fake-nm-pi.ts';
import { renderOverlays } from '../../helpers/rendered-overlays.ts';

/** wwan-doctor of the stack of NetworkManager: the eleven checks of the other stack, by what nmcli and mmcli say. */

const SCRIPT = 'usr/bin/wwan-doctor';
const NAMES = [
  ...['stick', 'drivers', 'at', 'sim', 'registration', 'signal'],
  ...['apn', 'lease', 'route', 'dns', 'power'],
];

interface Check {
  readonly check: string;
  readonly state: 'ok' | 'fail' | 'none';
  readonly found: string;
  readonly advice: string;
}

async function createPatient(t: TestContext): Promise<FakeNmPi> {
  const pi = await createNmPi(t);
  const at = (path: string) => join(pi.folder, path);
  await putDevice(pi, '1-1', { idVendor: '12d1', idProduct: '1506', product: 'HUAWEI Mobile' });
  await mkdir(at('sys/devices/usb1/1-1/1-1:1.0'), { recursive: true });
  for (const [number, driver] of [
    [0, 'option'],
    [1, 'qmi_wwan'],
  ] as const) {
    await mkdir(at(`sys/drivers/${driver}`), { recursive: true });
    await symlink(at(`sys/drivers/${driver}`), at(`sys/devices/usb1/1-1/1-1:1.${number}/driver`));
  }
  await pi.put('etc/wwanpi/supervisor.conf', 'PROBE=9.9.9.9\n');
  await pi.standIn('getent', '[[ ! -e "$pi/no-dns" ]]');
  await pi.standIn('vcgencmd', 'echo throttled=0x0');
  return pi;
}

async function putDevice(pi: FakeNmPi, name: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files))
    await pi.put(`sys/devices/usb1/${name}/${path}`, `${text}\n`);
  await mkdir(join(pi.folder, 'sys/bus/usb/devices'), { recursive: true });
  await symlink(join(pi.folder, `sys/devices/usb1/${name}`), join(pi.folder, `sys/bus/usb/devices/${name}`));
}

const env = () => ({ WWANPI_LIB: join(renderOverlays('networkmanager'), 'usr/lib/wwanpi') });

async function examine(pi: FakeNmPi): Promise<Record<string, Check>> {
  const { said, exitCode } = await pi.run(SCRIPT, env(), ['--json']);
  const { well, checks } = JSON.parse(said) as { well: boolean; checks: Check[] };
  const fails = checks.filter(({ state }) => state === 'fail');
  assert.deepEqual([exitCode, well], fails.length > 0 ? [1, false] : [0, true]);
  assert.deepEqual(
    checks.map(({ check }) => check),
    NAMES,
  );
  for (const { check, advice } of fails) assert.notEqual(advice, '', check);
  return Object.fromEntries(checks.map((check) => [check.check, check]));
}

const NO_MODEM = async (pi: FakeNmPi) => {
  await pi.device();
  await pi.remove('modem');
  await pi.remove('sys/bus/usb/drivers');
};

const LOCK = {
  'generic.state': 'locked',
  'generic.unlock-required': 'sim-pin',
  '3gpp.registration-state': '--',
};

/** What is wrong, and what it is called. */
const ILLNESSES: readonly [
  name: string,
  prepare: (pi: FakeNmPi) => Promise<void>,
  Readonly<Record<string, readonly [Check['state'], RegExp, RegExp?]>>,
][] = [
  [
    'no modem',
    async (pi) => {
      await NO_MODEM(pi);
      await pi.remove('sys/bus/usb/devices/1-1');
    },
    {
      stick: ['fail', /^no modem on USB$/, /plug it in/],
      drivers: ['none', /^no modem$/],
      sim: ['none', /^ModemManager does not know the modem$/],
      apn: ['none', /^no modem$/],
      dns: ['ok', /^names resolve/],
    },
  ],
  [
    'a modem that still is a drive',
    async (pi) => {
      await NO_MODEM(pi);
      await pi.remove('sys/bus/usb/devices/1-1');
      await putDevice(pi, '1-2', { idVendor: '19d2', idProduct: '2000', '1-2:1.0/bInterfaceClass': '08' });
      await putDevice(pi, '1-3', { idVendor: '0781', idProduct: '5567', '1-3:1.0/bInterfaceClass': '08' });
      await pi.put('usr/share/usb_modeswitch/19d2:2000', '');
    },
    {
      stick: [
        'fail',
        /^19d2:2000 {2}at 1-2, a modem that still looks like a drive$/,
        /udevadm trigger -c add \/sys\/bus\/usb\/devices\/1-2/,
      ],
    },
  ],
  [
    'a modem that ModemManager has not found',
    async (pi) => {
      await pi.device();
      await pi.remove('modem');
    },
    {
      stick: ['ok', /at 1-1, the modem$/],
      drivers: ['ok', /^option qmi_wwan$/],
      at: ['fail', /^ModemManager has not found the modem$/, /restart ModemManager/],
      apn: ['fail', /NetworkManager does not know the modem/, /restart NetworkManager/],
    },
  ],
  [
    'ModemManager that does not answer',
    (pi) => pi.put('mute', ''),
    { at: ['fail', /^ModemManager does not answer$/, /restart/], sim: ['none', /./] },
  ],
  [
    'no SIM',
    async (pi) => {
      await pi.device(20);
      await pi.modem({
        ...{ 'generic.state': 'failed', 'generic.state-failed-reason': 'sim-missing' },
        '3gpp.registration-state': '--',
      });
      await pi.put('journal', 'failed to connect modem: Missing or unknown APN\n');
    },
    {
      sim: ['fail', /^none in the modem, or not readable \(sim-missing\)$/, /until it clicks/],
      apn: ['fail', /^internet: no call is up$/],
    },
  ],
  [
    'a SIM that asks for its PIN',
    async (pi) => {
      await pi.device(60);
      await pi.modem(LOCK);
    },
    { sim: ['fail', /^asks for its PIN, 3 tries are left$/, /wwanpi\.txt/] },
  ],
  [
    'a wrong PIN',
    async (pi) => {
      await pi.put('etc/wwanpi/pin', '1234\n');
      await pi.put('var/lib/wwanpi/pin-wrong', 'abc wrong\n');
      await pi.modem({ ...LOCK, 'generic.unlock-retries.value[1]': 'sim-pin (2)' });
    },
    { sim: ['fail', /^rejected the PIN in the image, 2 tries are left$/, /enter it in a phone/] },
  ],
  [
    'a PUK',
    (pi) => pi.modem({ ...LOCK, 'generic.unlock-required': 'sim-puk' }),
    { sim: ['fail', /^locked: asks for its PUK, 10 tries are left$/, /PUK from the carrier/] },
  ],
  [
    'no network',
    (pi) =>
      pi.modem({
        'generic.state': 'searching',
        '3gpp.registration-state': 'searching',
        'generic.signal-quality.value': '0',
      }),
    { registration: ['fail', /^searching for a network$/, /antenna/], signal: ['fail', /^none$/, /antenna/] },
  ],
  [
    'a SIM that the network refuses',
    (pi) => pi.modem({ '3gpp.registration-state': 'denied', 'generic.state': 'enabled' }),
    { registration: ['fail', /^the network refuses this SIM$/, /carrier/] },
  ],
  [
    'roaming, and a weak signal',
    (pi) => pi.modem({ '3gpp.registration-state': 'roaming', 'generic.signal-quality.value': '30' }),
    {
      registration: ['ok', /^registered with Test Mobile, roaming$/],
      signal: ['fail', /^weak, 30 %$/, /antenna/],
    },
  ],
  [
    'a signal in dBm',
    (pi) => pi.put('signal', 'modem.signal.refresh.rate    : 10\nmodem.signal.lte.rsrp        : -95.00\n'),
    { signal: ['ok', /^fair, RSRP -95 dBm$/] },
  ],
  [
    'a wrong APN',
    async (pi) => {
      await pi.device(40);
      await pi.modem({ 'generic.state': 'registered' });
      await pi.put(
        'journal',
        '<warn> modem-broadband[cdc-wdm0]: failed to connect modem: Missing or unknown APN\n',
      );
    },
    { apn: ['fail', /^internet: the network refuses the APN internet$/, /apn=/] },
  ],
  [
    'an APN that gave no IPv4 before the call came up at last',
    async (pi) => {
      await pi.put(
        'journal',
        'failed to connect modem: IPv6 only allowed\ndevice (cdc-wdm0): Activation: successful, device activated.\n',
      );
      await pi.modem({ 'generic.state': 'registered' });
      await pi.device(40);
    },
    { apn: ['none', /^internet: being dialled now$/] },
  ],
  [
    'disconnected by hand',
    async (pi) => {
      await pi.modem({ 'generic.state': 'registered' });
      await pi.device(30, 39, '');
      await pi.put('address', '');
      await pi.put('routes', '');
    },
    {
      apn: ['fail', /^internet: no call is up$/, /sudo nmcli connection up wwanpi/],
      lease: ['fail', /^no address$/],
      route: ['fail', /^none over LTE$/],
    },
  ],
  [
    'a dead link beside Ethernet',
    async (pi) => {
      await pi.put('pings', 'never\n');
      await pi.put(
        'routes',
        'default via 192.168.1.1 dev eth0 metric 100\ndefault via 10.64.64.9 dev wwan0 metric 20700\n',
      );
      await pi.put('no-dns', '');
    },
    {
      route: [
        'fail',
        /^default via 10\.64\.64\.9 dev wwan0 metric 20700, after default via 192.* nothing answers/,
        /volume/,
      ],
      dns: ['fail', /^no answer from 10\.64\.64\.9$/, /dns=/],
    },
  ],
];

describe('wwan-doctor of NetworkManager', { concurrency: 2 }, () => {
  test('a Pi that is online', async (t) => {
    const pi = await createPatient(t);
    const checks = await examine(pi);
    for (const name of NAMES) assert.equal(checks[name]?.state, 'ok', JSON.stringify(checks[name]));
    assert.equal(checks.stick?.found, '12d1:1506 HUAWEI Mobile at 1-1, the modem behind wwan0');
    assert.match(
      checks.at?.found ?? '',
      /^ModemManager has cdc-wdm0 \(qmi\), ttyUSB0 \(at\), ttyUSB2 \(at\)$/,
    );
    const { said } = await pi.run(SCRIPT, env());
    assert.match(said, /^ok {4}apn {11}internet: accepted, the call is up$/m);
    for (const line of said.split('\n')) assert.ok(line.length <= 80, line);
    assert.match(said, /\nNo check failed\.\n$/);
    assert.deepEqual(await pi.calls(), [], 'it changes nothing');
  });

  for (const [name, prepare, expected] of ILLNESSES) {
    test(name, async (t) => {
      const pi = await createPatient(t);
      await prepare(pi);
      const checks = await examine(pi);
      for (const [check, [state, found, advice]] of Object.entries(expected)) {
        const shown = JSON.stringify(checks[check]);
        assert.equal(checks[check]?.state, state, shown);
        assert.match(checks[check]?.found ?? '', found);
        if (advice !== undefined) assert.match(checks[check]?.advice ?? '', advice);
      }
    });
  }

  test('in words, and a wrong call', async (t) => {
    const pi = await createPatient(t);
    await pi.modem({ '3gpp.registration-state': 'searching', 'generic.state': 'searching' });
    await pi.device(30);
    const { said } = await pi.run(SCRIPT, env(), ['--words']);
    assert.match(said, /^The registration: searching for a network\.\n {2}What to do: .*\.$/m);
    assert.match(said, /^The APN internet: no call is up\.$/m);
    for (const args of [['at'], ['x']]) assert.equal((await pi.run(SCRIPT, env(), args)).exitCode, 2);
  });
});
