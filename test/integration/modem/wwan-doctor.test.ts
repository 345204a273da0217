import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, open, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { BehaviourInput } from '../../../src/modem/behaviour.ts';
import { ptyArgv } from '../../../src/modem/server.ts';
import { startProcess } from '../../../src/tools/exec.ts';
import { createFakePi, dial, type FakePi } from '../../helpers/fake-pi.ts';
import { renderOverlays } from '../../helpers/rendered-overlays.ts';
import { waitFor } from '../../helpers/wait-for.ts';

/** wwan-doctor against the stick's own AT and QMI over ptys, with real qmicli; what needs a kernel is made up. */

const SCRIPT = 'usr/bin/wwan-doctor';

interface Check {
  readonly check: string;
  readonly state: 'ok' | 'fail' | 'none';
  readonly found: string;
  readonly advice: string;
}

interface Patient extends FakePi {
  screen(...args: string[]): Promise<{ said: string; exitCode: number }>;
  /** What `--json` says, by the check's name. */
  examine(): Promise<Record<string, Check>>;
  at(input: string): Promise<{ said: string; exitCode: number }>;
  talkAt(...turns: (readonly [typed: string, answer: RegExp])[]): ReturnType<FakePi['talk']>;
}

/** A Pi where all is well, apart from what the behaviour makes of the stick. */
async function createPatient(t: TestContext, behaviour: BehaviourInput = {}): Promise<Patient> {
  const pi = await createFakePi(t, { unsolicitedEveryMs: 200, ...behaviour });
  const at = (path: string) => join(pi.folder, path);
  await pi.modem.serveAt(at('at.sock'));
  const socat = startProcess(ptyArgv(at('dev/wwan-at'), at('at.sock')), {
    signal: new AbortController().signal,
  });
  t.after(() => socat.stop());
  await waitFor('/dev/wwan-at', () => existsSync(at('dev/wwan-at')));
  // Or socat would end when the first program closes it.
  const held = await open(at('dev/wwan-at'), 'r+');
  t.after(() => held.close());

  await putStick(pi, '1-1', { idVendor: '12d1', idProduct: '1506', product: 'HUAWEI Mobile' });
  for (const [number, driver] of [
    [0, 'option'],
    [1, 'qmi_wwan'],
  ] as const) {
    await pi.put(`sys/devices/1-1/1-1:1.${number}/bInterfaceClass`, 'ff\n');
    await mkdir(at(`sys/drivers/${driver}`), { recursive: true });
    await symlink(at(`sys/drivers/${driver}`), at(`sys/devices/1-1/1-1:1.${number}/driver`));
  }
  await pi.put('etc/network/interfaces.d/wwan0', '\tpre-up APN=internet /usr/lib/wwanpi/dial start\n');
  await pi.put('etc/resolv.conf', 'nameserver 1.1.1.1\nnameserver 10.64.64.9\n');
  await pi.put('etc/wwanpi/supervisor.conf', 'PROBE=9.9.9.9\n');
  await pi.put('pings', 'always\n');
  await pi.put('routes', 'default via 10.64.64.9 dev wwan0 metric 6000\n');
  await pi.put('address', '4: wwan0    inet 10.64.64.10/30 brd 10.64.64.11 scope global wwan0\n');
  await pi.standIn('ip', 'case $* in *route*) cat "$pi/routes" ;; *) cat "$pi/address" ;; esac');
  await pi.standIn('getent', 'echo 10.64.64.9 STREAM example.com');
  await pi.standIn('vcgencmd', 'echo throttled=0x0');
  // The stick's answers to AT have forty times as long as on a Pi, but where it is deaf to them and stays so.
  const lib = join(renderOverlays(), 'usr/lib/wwanpi');
  const isDeaf = behaviour.faults?.some(({ what }) => what === 'at') ?? false;
  const patient = `eval "brief_$(declare -f ask)"; ask() { brief_ask "$1" "$(($2 * ${isDeaf ? 1 : 40}))"; }`;
  await pi.put('lib/at-port', `. ${lib}/at-port\n${patient}\n`);
  await symlink(join(lib, 'call-status'), at('lib/call-status'));
  const env = { WWANPI_LIB: at('lib') };
  const screen = (...args: string[]) => pi.run(SCRIPT, env, { args });
  return {
    ...pi,
    screen,
    at: (input) => pi.run(SCRIPT, env, { args: ['at'], input }),
    talkAt: (...turns) => pi.talk(SCRIPT, env, ['at'], turns),
    async examine() {
      const { said, exitCode } = await screen('--json');
      const { well, checks } = JSON.parse(said) as { well: boolean; checks: Check[] };
      assert.deepEqual(
        [exitCode, well],
        checks.some(({ state }) => state === 'fail') ? [1, false] : [0, true],
      );
      assert.deepEqual(
        checks.map(({ check }) => check),
        ['stick', 'drivers', 'at', 'sim', 'registration', 'signal', 'apn', 'lease', 'route', 'dns', 'power'],
      );
      for (const { state, check, advice } of checks) if (state === 'fail') assert.notEqual(advice, '', check);
      return Object.fromEntries(checks.map((check) => [check.check, check]));
    },
  };
}

async function putStick(pi: FakePi, bus: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await pi.put(`sys/devices/${bus}/${name}`, `${text}\n`);
  await mkdir(join(pi.folder, 'sys/bus/usb/devices'), { recursive: true });
  await symlink(join(pi.folder, `sys/devices/${bus}`), join(pi.folder, `sys/bus/usb/devices/${bus}`));
}

interface Illness {
  readonly behaviour?: BehaviourInput;
  /** False: nobody has dialled. */
  readonly call?: false;
  readonly prepare?: (pi: FakePi) => Promise<void>;
  /** All that is not named below is well. */
  readonly rest?: 'ok';
}

type MilestoneResult = readonly [state: Check['state'], found: RegExp, advice?: RegExp];

/** A modem that says nothing unasked, and answers these commands with these lines. */
function answers(lines: Readonly<Record<string, readonly string[]>>): BehaviourInput {
  const atAnswers = Object.entries(lines).map(([command, said]) => ({ command, lines: [...said] }));
  return { unsolicitedEveryMs: 0, atAnswers };
}

const put = (path: string, text: string) => (pi: FakePi) => pi.put(path, text);
const noCall = { call: false, rest: 'ok' } as const;
const noNet = async ({ folder }: FakePi) => {
  await rm(join(folder, 'sys/class/net/wwan0'));
  await rm(join(folder, 'dev/wwan-at'), { force: true });
};

const ILLNESSES: readonly (readonly [string, Illness, Readonly<Record<string, MilestoneResult>>])[] = [
  [
    'no stick: what can not be known is not guessed, the power is looked at all the same',
    {
      prepare: async (pi) => {
        await noNet(pi);
        await rm(join(pi.folder, 'sys/bus'), { recursive: true });
      },
    },
    {
      stick: ['fail', /^no Huawei modem on USB$/, /plug it in/],
      drivers: ['none', /^no modem$/],
      registration: ['none', /^/],
      route: ['none', /^/],
      power: ['ok', /^/],
    },
  ],
  [
    'a stick that was not switched to a modem',
    {
      prepare: async (pi) => {
        await noNet(pi);
        await rm(join(pi.folder, 'sys/devices/1-1/1-1:1.1'), { recursive: true });
        await pi.put('sys/devices/1-1/idProduct', '1505\n');
        await pi.put('sys/devices/1-1/1-1:1.0/bInterfaceClass', '08\n');
      },
    },
    { stick: ['fail', /^12d1:1505 HUAWEI Mobile at 1-1, mass storage$/, /usb_modeswitch/] },
  ],
  [
    'a modem that is no wwan0',
    { prepare: noNet },
    { stick: ['ok', /a modem, but not the one behind wwan0/], drivers: ['fail', /but no wwan0/, /modprobe/] },
  ],
  [
    'a stick of another kind',
    {
      prepare: async ({ folder }) => {
        const driver = join(folder, 'sys/devices/1-1/1-1:1.1/driver');
        await rm(driver);
        await mkdir(join(folder, 'sys/drivers/huawei_cdc_ncm'));
        await symlink(join(folder, 'sys/drivers/huawei_cdc_ncm'), driver);
      },
    },
    { drivers: ['fail', /huawei_cdc_ncm/, /QMI only/] },
  ],
  [
    'a stick that is deaf to AT',
    { behaviour: { faults: [{ what: 'at' }] } },
    { at: ['fail', /does not answer/], sim: ['none', /^/], apn: ['ok', /the call is up/] },
  ],
  [
    'a modem that sends twenty unsolicited lines a second',
    { behaviour: { unsolicitedEveryMs: 50 }, rest: 'ok' },
    {},
  ],
  [
    'a PIN that the image does not have',
    { behaviour: { pin: { state: 'required' } }, call: false },
    { sim: ['fail', /asks for its PIN, 3 tries/, /pin=/] },
  ],
  [
    'a PIN that is wrong',
    {
      behaviour: { pin: { state: 'required', retries: 2 } },
      call: false,
      prepare: async (pi) => {
        await pi.put('etc/wwanpi/pin', '0000\n');
        await pi.put('var/lib/wwanpi/pin-wrong', 'abc wrong\n');
      },
    },
    { sim: ['fail', /rejected the PIN in the image, 2 tries are left/, /the right PIN into wwanpi.txt/] },
  ],
  [
    'a SIM that wants its PUK',
    { behaviour: { pin: { state: 'blocked' } }, call: false },
    { sim: ['fail', /PUK/, /PUK from the carrier/] },
  ],
  [
    'no SIM',
    { behaviour: { sim: 'absent' }, call: false },
    { sim: ['fail', /none in the modem/, /push it in/] },
  ],
  ...(
    [
      ['+CME ERROR: SIM not inserted', ['fail', /none in the modem/, /push it in/]],
      ['+CME ERROR: SIM failure', ['fail', /not readable/, /push it in/]],
      ['+CPIN: "SIM PIN"', ['fail', /^asks for its PIN, 3 tries/, /pin=/]],
      ['+CPIN: SIM PIN2', ['ok', /unlocked$/]],
      ['+CPIN: SIM PUK2', ['ok', /unlocked$/]],
      ['+CPIN:READY', ['ok', /unlocked$/]],
      ['+CPIN: "READY"', ['ok', /unlocked$/]],
      ['+CPIN: PH-NET PIN', ['fail', /^PH-NET PIN$/, /phone/]],
    ] as const
  ).map(
    ([line, sim]) =>
      [
        `the SIM: ${line}`,
        { behaviour: answers({ 'AT+CPIN?': line.startsWith('+CME') ? [line] : [line, 'OK'] }), rest: 'ok' },
        { sim },
      ] as const,
  ),
  [
    'no signal',
    { behaviour: { signal: { appearsAfterMs: 3_600_000 } }, call: false },
    { registration: ['fail', /searching/, /antenna/], signal: ['fail', /^none$/, /window/] },
  ],
  [
    'a SIM the network refuses',
    { behaviour: { registrationDenied: true }, call: false },
    { registration: ['fail', /refuses this SIM/, /carrier/] },
  ],
  [
    'a weak signal',
    { behaviour: { signal: { rsrpDbm: -105 }, knowsHcsq: true }, rest: 'ok' },
    { signal: ['fail', /^weak, RSRP -105 dBm$/, /antenna/] },
  ],
  ...(
    [
      ['^HCSQ: "LTE",50,089,100,20', '+CSQ: 23,99', ['ok', /^excellent, RSRP -52 dBm$/]],
      ['^HCSQ: LTE,33,46,100,20', '+CSQ: 23,99', ['ok', /^fair, RSRP -95 dBm$/]],
      ['^HCSQ: "LTE",255,255,255,255', '+CSQ: 23,99', ['ok', /^good, RSSI -67 dBm$/]],
      ['^HCSQ: "LTE",255,98,255,255', '+CSQ: 99,99', ['none', /^unknown/]],
      ['^HCSQ: "NOSERVICE"', '+CSQ: 99,99', ['fail', /^none$/, /antenna/]],
    ] as const
  ).map(
    ([hcsq, csq, signal]) =>
      [
        `the signal: ${hcsq}, ${csq}`,
        { behaviour: answers({ 'AT^HCSQ?': [hcsq, 'OK'], 'AT+CSQ': [csq, 'OK'] }) },
        { signal },
      ] as const,
  ),
  ...(
    [
      // Unasked lines before the answer, as an E160G with +CREG=2 sends them; then other makers' answers.
      [
        ['+CEREG: 1,8BE3,2BAF', '+CEREG: 2,1,8BE3,2BAF'],
        ['ok', /^registered/],
      ],
      [
        ['+CEREG: 1', '+CEREG: 2,2'],
        ['fail', /^searching/, /antenna/],
      ],
      [['+CEREG:002,001,"18d8","ffff"'], ['ok', /^registered/]],
      [['+CEREG: 2, 1, "0001", "0002"'], ['ok', /^registered/]],
      [['+CEREG: 2,5,"8BE3","2BAF",7'], ['ok', /roaming$/]],
      [['+CEREG: 0,3'], ['fail', /refuses this SIM/, /carrier/]],
    ] as const
  ).map(([lines, registration]) => {
    const no = ['ERROR'];
    const behaviour = answers({ 'AT+CEREG?': [...lines, 'OK'], 'AT+CGREG?': no, 'AT+CREG?': no });
    return [`the registration: ${lines.join(' ')}`, { behaviour, rest: 'ok' }, { registration }] as const;
  }),
  [
    'a stick that knows AT+CSQ only',
    {
      behaviour: {
        unsolicitedEveryMs: 0,
        atAnswers: [
          { command: 'AT^HCSQ?', lines: ['ERROR'] },
          { command: 'AT+CEREG?', lines: ['ERROR'] },
          { command: 'AT+CSQ', lines: ['+CSQ: 09,99', 'OK'] },
        ],
      },
      rest: 'ok',
    },
    { signal: ['fail', /^weak, RSSI -95 dBm$/], registration: ['ok', /^registered with/] },
  ],
  ...(
    [
      [
        "couldn't start network: QMI protocol error (14)\nverbose call end reason (6,27): [3gpp] unknown-apn",
        /^internet: the network refuses the APN internet$/,
        /APN/,
      ],
      ['verbose call end reason (6,29): [3gpp] authentication-failed', /user name or password/, /user=/],
      ['verbose call end reason (6,51): [3gpp] x', /ipv6-only/, /APN with IPv4/],
      [
        '(6,27)\nverbose call end reason (6,38): [3gpp] x',
        /refused the call, cause {2}6 38/,
        /ask the carrier/,
      ],
      ['verbose call end reason (3,2001): [cm] no-service', /had no service/, /signal/],
      [
        "error: couldn't start network: QMI protocol error (64): 'InvalidIpFamilyPreference'",
        /QMI error 64/,
        /dpkg/,
      ],
      ['', /^internet: no call is up$/, /ifup wwan0/],
    ] as const
  ).map(
    ([journal, found, advice]) =>
      [
        `no call: ${journal.slice(-50) || 'nothing said why'}`,
        { ...noCall, prepare: put('journal', `${journal}\n`) },
        { apn: ['fail', found, advice] },
      ] as const,
  ),
  [
    'somebody dials just now: the stick is left alone',
    { rest: 'ok', prepare: put('unit', 'ActiveState=activating\n') },
    { apn: ['none', /being dialled/] },
  ],
  [
    'somebody dials by hand',
    { rest: 'ok', prepare: put('proc/77/comm', 'qmi-network\n') },
    { apn: ['none', /being dialled/] },
  ],
  [
    'a stick that does not answer QMI',
    { behaviour: { faults: [{ what: 'qmi' }] }, ...noCall },
    { apn: ['fail', /does not answer QMI/, /plug it in again/] },
  ],
  [
    'a modem without free QMI client ids',
    {
      rest: 'ok',
      prepare: (pi) =>
        pi.standIn('qmicli', `echo "QMI protocol error (5): 'ClientIdsExhausted'" >&2; exit 1`),
    },
    { apn: ['fail', /no free QMI client ids/, /plug it in again/] },
  ],
  [
    'no address',
    { rest: 'ok', prepare: put('address', '') },
    { lease: ['fail', /^no address$/, /ifup wwan0/] },
  ],
  [
    'an address of its own making',
    { rest: 'ok', prepare: put('address', '4: wwan0 inet 169.254.3.4/16 scope link\n') },
    { lease: ['fail', /^169\.254\.3\.4\/16, which/, /DHCP/] },
  ],
  [
    'no route',
    { rest: 'ok', prepare: put('routes', 'default via 192.168.1.1 dev eth0 metric 202\n') },
    { route: ['fail', /^none through wwan0$/, /ifup wwan0/] },
  ],
  [
    'a cable goes first',
    {
      rest: 'ok',
      prepare: put(
        'routes',
        'default via 192.168.1.1 dev eth0 metric 202\ndefault via 10.64.64.9 dev wwan0 metric 6000\n',
      ),
    },
    {
      route: [
        'ok',
        /wwan0 metric 6000, after default via 192\.168\.1\.1 dev eth0 metric 202; 9\.9\.9\.9 answers$/,
      ],
    },
  ],
  [
    'nothing answers',
    { rest: 'ok', prepare: put('pings', 'never\n') },
    { route: ['fail', /nothing answers: no ping \(9\.9\.9\.9\), name server/, /data volume/] },
  ],
  [
    'no ping is answered, but a name server answers',
    {
      rest: 'ok',
      prepare: async (pi) => {
        await pi.put('pings', 'never\n');
        await pi.put('answers', 'always the name server 10.64.64.9\n');
      },
    },
    { route: ['ok', /; no ping is answered, but the name server 10\.64\.64\.9 answers$/] },
  ],
  [
    'no names',
    { rest: 'ok', prepare: (pi) => pi.standIn('getent', 'exit 2') },
    { dns: ['fail', /no answer from 1\.1\.1\.1 10\.64\.64\.9/, /dns=/] },
  ],
  ...(
    [
      ['echo throttled=0x50005', ['fail', /is too low/, /2\.5 A/]],
      ['echo throttled=0x50000', ['fail', /was too low/, /2\.5 A/]],
      ['echo VCHI initialization failed; exit 255', ['none', /^unknown/]],
      ["echo 'throttled=$(touch pwned)'", ['none', /^unknown/]],
    ] as const
  ).map(
    ([vcgencmd, power]) =>
      [
        `power: ${vcgencmd}`,
        { rest: 'ok', prepare: (pi: FakePi) => pi.standIn('vcgencmd', vcgencmd) },
        { power },
      ] as const,
  ),
  [
    "power: the kernel's own word",
    {
      rest: 'ok',
      prepare: async (pi) => {
        await pi.standIn('vcgencmd', 'exit 127');
        await pi.put('sys/class/hwmon/hwmon0/name', 'cpu_thermal\n');
        await pi.put('sys/class/hwmon/hwmon1/name', 'rpi_volt\n');
        await pi.put('sys/class/hwmon/hwmon1/in0_lcrit_alarm', '1\n');
      },
    },
    { power: ['fail', /is too low/] },
  ],
];

// Each mostly waits for the stick.
describe('wwan-doctor', { concurrency: 8 }, () => {
  test('all is well: one screen, and nothing was touched', async (t) => {
    const pi = await createPatient(t);
    await dial(pi);
    const { said, exitCode } = await pi.screen();
    assert.equal(exitCode, 0, said);
    assert.equal(
      said.replaceAll(/at {12}\d+ /g, 'at            N '),
      `ok    stick         12d1:1506 HUAWEI Mobile at 1-1, the modem behind wwan0
ok    drivers       option qmi_wwan
ok    at            N answers
ok    sim           present, and unlocked
ok    registration  registered with Test Mobile
ok    signal        good, RSSI -67 dBm
ok    apn           internet: accepted, the call is up
ok    lease         10.64.64.10/30
ok    route         default via 10.64.64.9 dev wwan0 metric 6000; 9.9.9.9 answers
ok    dns           names resolve (1.1.1.1 10.64.64.9)
ok    power         the voltage is high enough
No check failed.
`,
    );
    assert.deepEqual(await pi.calls(), []);
  });

  for (const [what, setting, expected] of ILLNESSES) {
    test(what, async (t) => {
      const pi = await createPatient(t, setting.behaviour);
      if (setting.call !== false) await dial(pi);
      await setting.prepare?.(pi);
      const checks = await pi.examine();
      for (const [name, [state, found, advice = /^/]] of Object.entries(expected)) {
        assert.equal(checks[name]?.state, state, JSON.stringify(checks[name]));
        assert.match(checks[name]?.found ?? '', found);
        assert.match(checks[name]?.advice ?? '', advice);
      }
      if (setting.rest === 'ok') {
        const others = Object.values(checks).filter(
          ({ check, state }) => !(check in expected) && state !== 'ok',
        );
        assert.deepEqual(others, []);
      }
    });
  }

  test('an error of bash is no "well": what was not checked is told', async (t) => {
    const pi = await createPatient(t);
    await dial(pi);
    await pi.put('lib/at-port', `${await pi.read('lib/at-port')}ask() { : $((08)); }\n`);
    const { said, exitCode } = await pi.screen('--json');
    assert.equal(exitCode, 1);
    assert.match(said, /"well":false/);
    assert.match(said, /has a bug: only \d of 11 checks ran; the last was \w+/);
    assert.doesNotMatch((await pi.screen()).said, /No check failed/);
  });

  test('--words: the failures alone, in sentences, for who reads them without the table', async (t) => {
    const pi = await createPatient(t);
    await pi.put('journal', "error: couldn't start network: CallFailed, verbose call end reason (6,33)\n");
    await pi.put('address', '');
    const { said, exitCode } = await pi.screen('--words');
    assert.equal(exitCode, 1);
    assert.equal(
      said,
      [
        'The network refuses the APN internet.',
        "  What to do: write your contract's APN into wwanpi.txt on the card (apn=).",
        'The Pi over LTE: no address.',
        '  What to do: dial again: sudo ifdown --force wwan0; sudo ifup wwan0.',
        '2 of 11 checks failed. Start with the first failure: it often causes the others.',
        '',
      ].join('\n'),
    );
    await dial(pi);
    await pi.put('address', '4: wwan0    inet 10.64.64.10/30 brd 10.64.64.11 scope global wwan0\n');
    assert.deepEqual(await pi.screen('--words'), { said: 'No check failed.\n', exitCode: 0 });
  });

  test('several sticks: which one is wwan0 is said', async (t) => {
    const pi = await createPatient(t);
    await putStick(pi, '1-2', { idVendor: '12d1', idProduct: '1506', product: 'HUAWEI Mobile' });
    await putStick(pi, '1-3', { idVendor: '0403', idProduct: '6001' });
    const { stick } = await pi.examine();
    assert.match(
      stick?.found ?? '',
      /at 1-1, the modem behind wwan0; 12d1:1506 .* at 1-2, a modem, but not the one behind wwan0$/,
    );
  });

  test('the JSON is JSON and the screen is harmless whatever the strings are', async (t) => {
    const hostile = [
      '"},{"check":"x"',
      '\\"\\\\',
      'a\nb\tc\r\x1b[2J\x07\x7f',
      'caf\xc3\xa9 \xff\xfe\xc3 \xed\xa0\x80 \xc0\xaf',
      '\xc2\x9b31m \xc2\x80',
      '$(touch pwned) `touch pwned` %s %n \\n',
      "';touch pwned;'",
      '\xf0\x9f\x93\xb6\x01*?[a-z]~',
    ];
    await Promise.all(
      hostile.map(async (text) => {
        const oneLine = text.replaceAll(/["\n\r]/g, '');
        const pi = await createPatient(t, {
          atAnswers: [{ command: 'AT+COPS?', lines: [`+COPS: 0,0,"${oneLine}",7`, 'OK'] }],
        });
        const put = (path: string, value: string) => writeFile(join(pi.folder, path), value, 'latin1');
        await put('sys/devices/1-1/product', `${text}\n`);
        await put('etc/resolv.conf', `nameserver ${text}\n`);
        await put('etc/network/interfaces.d/wwan0', `\tpre-up APN='${text}' x\n`);
        await put('routes', `default via ${text} dev wwan0\n`);
        const checks = await pi.examine();
        const { said } = await pi.screen();
        for (const { found, advice } of Object.values(checks)) {
          assert.doesNotMatch(found + advice, /[\x00-\x1f\x7f-\x9f\ufffd]/);
          assert.ok(said.includes(found), `${found} in ${said}`);
        }
        assert.doesNotMatch(said.replaceAll('\n', ''), /[\x00-\x1f\x7f-\x9f\ufffd]/);
        if (oneLine === text && /^[ -~]*$/.test(text)) {
          for (const check of ['stick', 'registration', 'dns'])
            assert.ok(checks[check]?.found.includes(text), check);
        }
        if (text.startsWith('caf')) assert.match(checks.stick?.found ?? '', /café/);
        assert.ok(!existsSync(join(pi.folder, 'pwned')) && !existsSync('pwned'));
      }),
    );
  });

  test('the AT console: what is typed goes to the stick, what it says comes back', async (t) => {
    const pi = await createPatient(t);
    const { said, exitCode } = await pi.talkAt(
      ['ATI\n', /Model: E397u-53\n[\s\S]*OK\n/],
      ['AT+NONSENSE\n', /OK\n[\s\S]*ERROR\n/],
      // What the stick says unasked is shown too.
      ['', /^\^RSSI/m],
    );
    assert.equal(exitCode, 0, said);
    assert.doesNotMatch(said, /[\r\x1b]/);
  });

  test('a port in use is not fought over', async (t) => {
    const pi = await createPatient(t);
    const holder = await open(join(pi.folder, 'held'), 'w');
    await holder.close();
    const script = `exec 3<>${pi.folder}/dev/wwan-at; flock 3; touch ${pi.folder}/locked; exec sleep infinity`;
    const other = startProcess(['bash', '-c', script], { signal: new AbortController().signal });
    t.after(() => other.stop());
    await waitFor('the lock', () => existsSync(join(pi.folder, 'locked')));
    const { at, sim } = await pi.examine();
    assert.match(`${at?.state} ${at?.found}`, /^none \d+ is in use/);
    assert.equal(sim?.state, 'none');
    const console = await pi.at('ATI\n');
    assert.equal(console.exitCode, 1);
    assert.match(console.said, /in use/);
  });

  test('a wrong call is refused', async (t) => {
    const pi = await createPatient(t);
    const { said, exitCode } = await pi.screen('--wat');
    assert.equal(exitCode, 2);
    assert.match(said, /^usage: /);
  });
});
