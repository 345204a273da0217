import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { createTestContext } from './context.ts';
import { renderOverlays } from './rendered-overlays.ts';
import { PATIENCE_MS } from './wait-for.ts';

/**
 * What the scripts of the stack of NetworkManager see of a Pi: made-up /sys and /proc, and stand-ins for nmcli, mmcli and
 * whatever else needs a kernel or a bus. What nmcli and mmcli print was recorded from ModemManager 1.24 and
 * NetworkManager 1.52 with the emulated E397u (test/fixtures/mmcli, test/fixtures/nmcli).
 * Time is made up: it passes while a script sleeps, and when a stand-in lets it.
 */
export interface FakeNmPi {
  readonly folder: string;
  /** Runs a script of the stack to its end; standard output and error. */
  run(
    script: string,
    env?: Readonly<Record<string, string>>,
    args?: readonly string[],
  ): Promise<{ said: string; exitCode: number }>;
  /** A program on the scripts' PATH, in shell, in the place of one that is there or not. */
  standIn(name: string, shell: string): Promise<void>;
  /** What was asked of the system, oldest first: `systemctl restart ModemManager.service`. */
  calls(): Promise<string[]>;
  /** A file below the folder: `sys/…`, or what a stand-in goes by (see STAND_INS). */
  put(path: string, text: string): Promise<void>;
  read(path: string): Promise<string>;
  remove(path: string): Promise<void>;
  /** What the modem's state is from now on: see `modemSays`. */
  modem(changes?: Readonly<Record<string, string>>): Promise<void>;
  /** What NetworkManager's modem is from now on; without arguments there is none. */
  device(state?: number, reason?: number, link?: string): Promise<void>;
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: shell's own
const CALL =
  'call() { echo "${2##*/} ${*:3}" >>"$pi/calls"; [[ ! -e "$pi/effects/$1" ]] || . "$pi/effects/$1"; }';
const PASS =
  'pass() { read -r now _ <"$pi/proc/uptime"; echo "$((${now%.*} + $1)).00 0.00" >"$pi/proc/uptime"; }';

/** In shell; `$pi` is the folder. `call` notes the call, then does what the file of that name in `effects` says, if any. */
const STAND_INS: Readonly<Record<string, string>> = {
  // "device" and "radio" are what it prints; without "device" it does not answer.
  nmcli: [
    'case "$*" in',
    '*"device show") cat "$pi/device" ;;',
    // "checked" is what it prints of the state and the check of a device.
    '*"device show "*) cat "$pi/checked" ;;',
    '*"device modify"*) call modify "$0" "$@" ;;',
    '*"connection up"*) call connection-up "$0" "$@" ;;',
    '*"connection show"*) echo internet ;;',
    '*radio*) cat "$pi/radio" ;;',
    '*) exit 2 ;; esac',
  ].join('\n'),
  // "modem" is what it prints, "modem-1" of the second one; without it ModemManager lists none, and with "mute" it does not answer at all.
  mmcli: [
    '[[ ! -e "$pi/mute" ]] || { pass 20; exit 124; }',
    'case "$*" in',
    '*"--signal-get -K") cat "$pi/signal" ;;',
    '*--get-cell-info) cat "$pi/cell"; exit 1 ;;',
    '*"Modem/1 -K") cat "$pi/modem-1" ;;',
    '"-b "*" -K") cat "$pi/bearer" ;;',
    '*-K) [[ -e "$pi/modem" ]] || { echo "error: couldn\'t find modem" >&2; exit 1; }; cat "$pi/modem" ;;',
    '*--reset) call reset "$0" "$@" ;;',
    '*--pin=*) call pin "$0" "$@" ;;',
    '*) exit 1 ;; esac',
  ].join('\n'),
  systemctl: [
    'case "$1 $2" in',
    '"show -p") grep -h "^$3=" "$pi/unit" ;;',
    '"restart ModemManager.service") call restart-mm "$0" "$@" ;;',
    '*) call other "$0" "$@" ;; esac',
  ].join('\n'),
  // "check" is "b true" or "b false": whether NetworkManager checks connections.
  busctl: [
    'case "$1 ${*:5}" in',
    '"get-property ConnectivityCheckEnabled") cat "$pi/check" ;;',
    '"set-property ConnectivityCheckEnabled "*) call check "$0" check "$7"; echo "$6 $7" >"$pi/check" ;;',
    '*) exit 2 ;; esac',
  ].join('\n'),
  sleep: 'pass "$1"',
  // A program that does not answer takes no time of this machine's.
  timeout: ['while [[ $1 == -* ]]; do shift; [[ $1 != 5 ]] || shift; done', 'shift', '"$@"'].join('\n'),
  ip: [
    'case "$*" in',
    '*route*) cat "$pi/routes" ;;',
    '*neigh*show*) cat "$pi/neighbour" ;;',
    '*neigh* | *"-o link"*) ;;',
    '"link set"*) call link "$0" "$@" ;;',
    '*) cat "$pi/address" ;; esac',
  ].join('\n'),
  // never, always, or after something was called. Of several lines each is for one ping, the last for all that follow.
  ping: [
    'read -r when <"$pi/pings"; (($(wc -l <"$pi/pings") < 2)) || sed -i 1d "$pi/pings"',
    'case $when in never) exit 1 ;; always) exit 0 ;; after\\ *) grep -q "^${when#after }" "$pi/calls" ;; esac',
  ].join('\n'),
  perl: 'read -r when what <"$pi/answers"; [[ $when != never ]] || exit 1; echo "$what"',
  journalctl: 'cat "$pi/journal"',
  agetty: 'echo "$@" >>"$pi/agetty"',
};
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: shell's own

/** A Pi that is online by LTE, with nothing to be said against. */
export async function createNmPi(t: TestContext): Promise<FakeNmPi> {
  const { exec, tmpDir: folder } = await createTestContext(t);
  const at = (path: string) => join(folder, path);
  const put = async (path: string, text: string) => {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), text);
  };
  const usb = 'sys/devices/usb1/1-1';
  const files: Readonly<Record<string, string>> = {
    calls: '',
    pings: 'always\n',
    answers: 'never\n',
    journal: '',
    radio: 'enabled\n',
    check: 'b true\n',
    unit: 'ActiveState=active\n',
    address: '4: wwan0    inet 10.64.64.10/30 brd 10.64.64.11 scope global dynamic noprefixroute wwan0\n',
    cell: "error: couldn't get cell info from the modem: 'QMI protocol error (71): 'InvalidQmiCommand''\n",
    routes: 'default via 10.64.64.9 dev wwan0 proto dhcp src 10.64.64.10 metric 700 \n',
    signal: await readFile(join(FIXTURES, 'mmcli', 'signal.txt'), 'utf8'),
    bearer: `${'bearer.ipv4-config.mtu'.padEnd(WIDTH)} : 1500\n`,
    neighbour: '10.64.64.9 lladdr 02:50:f3:00:00:00 REACHABLE\n',
    'proc/uptime': '100.00 0.00\n',
    'proc/net/route': routeTable({ wwan0: 700 }),
    'etc/resolv.conf': '# Generated by NetworkManager\nnameserver 10.64.64.9\n',
    [`${usb}/authorized`]: '1\n',
    [`${usb}/1-1:1.1/net/wwan0/statistics/rx_packets`]: '0\n',
    [`${usb}/1-1:1.1/net/wwan0/mtu`]: '1500\n',
    'etc/NetworkManager/system-connections/wwanpi.nmconnection': '[gsm]\napn=internet\n',
  };
  for (const [path, text] of Object.entries(files)) await put(path, text);
  await mkdir(at('run'));
  await mkdir(at('sys/class/net'), { recursive: true });
  await symlink(at(`${usb}/1-1:1.1/net/wwan0`), at('sys/class/net/wwan0'));
  await mkdir(at('sys/bus/usb/drivers/qmi_wwan'), { recursive: true });
  await symlink(at(`${usb}/1-1:1.1`), at('sys/bus/usb/drivers/qmi_wwan/1-1:1.1'));
  const standIn = async (name: string, shell: string) => {
    await put(`bin/${name}`, `#!/bin/bash\npi=${folder}\n${CALL}\n${PASS}\n${shell}\n`);
    await chmod(at(`bin/${name}`), 0o755);
  };
  for (const [name, shell] of Object.entries(STAND_INS)) await standIn(name, shell);
  const path = `${at('bin')}:/usr/sbin:/usr/bin:/sbin:/bin`;
  const pi: FakeNmPi = {
    folder,
    put,
    standIn,
    read: (name) => readFile(at(name), 'utf8'),
    remove: (name) => rm(at(name), { recursive: true }),
    calls: async () => (await readFile(at('calls'), 'utf8')).trim().split('\n').filter(Boolean),
    modem: async (changes = {}) => put('modem', await modemSays(changes)),
    device: async (...state) => put('device', await deviceShows(...state)),
    async run(script, env = {}, args = []) {
      const { stdout, stderr, exitCode } = await exec(
        ['bash', join(renderOverlays('networkmanager'), script), ...args],
        {
          env: { PATH: path, WWANPI_PATH: path, WWANPI_ROOT: folder, ...env },
          okExitCodes: [1, 2],
          timeoutMs: PATIENCE_MS,
        },
      );
      return { said: stdout + stderr, exitCode };
    },
  };
  await pi.modem();
  await pi.device(100);
  return pi;
}

/** /proc/net/route (kernel's net/ipv4/fib_trie.c) with a default route of each interface, by metric. */
export function routeTable(metrics: Readonly<Record<string, number>>): string {
  const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';
  const rows = Object.entries(metrics).flatMap(([link, metric]) => [
    `${link}\t00000000\t0940400A\t0003\t0\t0\t${metric}\t00000000\t0\t0\t0`,
    `${link}\t0840400A\t00000000\t0001\t0\t0\t${metric}\tFCFFFFFF\t0\t0\t0`,
  ]);
  return [head, ...rows, ''].join('\n');
}

const FIXTURES = join(import.meta.dirname, '../fixtures');

/** What `mmcli -m any -K` prints of a modem that is connected, with other values of some keys (without `modem.`). */
async function modemSays(changes: Readonly<Record<string, string>>): Promise<string> {
  const recorded = await readFile(join(FIXTURES, 'mmcli', 'connected.txt'), 'utf8');
  const own = { 'generic.device': '/sys/devices/usb1/1-1', ...changes };
  const text = Object.entries(own).reduce((lines, [key, value]) => {
    const name = `modem.${key}`;
    const line = `${name.padEnd(WIDTH)} : ${value}`;
    const pattern = new RegExp(`^${name.replaceAll(/[.[\]]/g, '\\$&')} +: .*$`, 'm');
    return pattern.test(lines) ? lines.replace(pattern, line) : `${lines}${line}\n`;
  }, recorded);
  return text;
}

const WIDTH = 'modem.3gpp.eps.initial-bearer.settings.password'.length;

const STATES: Readonly<Record<number, string>> = {
  10: 'unmanaged',
  20: 'unavailable',
  30: 'disconnected',
  40: 'connecting (prepare)',
  60: 'connecting (need authentication)',
  70: 'connecting (getting IP configuration)',
  100: 'connected',
  110: 'deactivating',
  120: 'failed',
};

/** What `nmcli -t -e no -f … device show` prints: the loopback device, and a modem in this state. */
async function deviceShows(state?: number, reason = 0, link = 'wwan0'): Promise<string> {
  const recorded = (name: string) => readFile(join(FIXTURES, 'nmcli', `${name}.txt`), 'utf8');
  if (state === undefined) return recorded('none');
  const [modem = '', ...rest] = (await recorded('connected')).split('\n\n');
  const isIdle = state < 40 || state === 120;
  const fields = {
    STATE: `${state} (${STATES[state]})`,
    REASON: `${reason} (${reason === 0 ? 'No reason given' : 'A reason'})`,
    'IP-IFACE': state === 100 ? link : '',
    CONNECTION: isIdle ? '' : 'wwanpi',
  };
  const changed = Object.entries(fields).reduce(
    (text, [name, value]) =>
      text.replace(new RegExp(`^GENERAL\\.${name}:.*$`, 'm'), `GENERAL.${name}:${value}`),
    modem,
  );
  return [changed, ...rest].join('\n\n');
}
