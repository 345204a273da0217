import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { RUN_FOLDER, secureQmiNetwork } from '../../src/libqmi/secure-qmi-network.ts';
import type { BehaviourInput } from '../../src/modem/behaviour.ts';
import { type Modem, ptyArgv, startModem } from '../../src/modem/server.ts';
import { baseEnv } from '../../src/tools/child-env.ts';
import { createExec, startProcess } from '../../src/tools/exec.ts';
import { createTestContext } from './context.ts';
import { renderOverlays } from './rendered-overlays.ts';
import { PATIENCE_MS, waitFor } from './wait-for.ts';

/**
 * What the image's scripts see of a Pi: the stick's QMI behind a pty with real qmicli and qmi-network, made-up /sys,
 * and stand-ins for the programs that would need a kernel or systemd. Each stand-in writes itself into `calls`.
 * The Pi's uptime is made up too. It stands still, however slow this machine is, but for what the scripts sleep and
 * for the time-outs they run into: a sleep takes no time.
 */
export interface FakePi {
  readonly modem: Modem;
  readonly folder: string;
  /** Runs a script of the image to its end; standard output and error. */
  run(
    script: string,
    env?: Readonly<Record<string, string>>,
    call?: { readonly args?: readonly string[]; readonly input?: string },
  ): Promise<{ said: string; exitCode: number }>;
  /** Runs a script and types to it, each text when the one before has had its answer; then its input ends. */
  talk(
    script: string,
    env: Readonly<Record<string, string>>,
    args: readonly string[],
    turns: readonly (readonly [typed: string, answer: RegExp])[],
  ): Promise<{ said: string; exitCode: number | null }>;
  /** A program on the scripts' PATH, in shell, in the place of one that is there or not. */
  standIn(name: string, shell: string): Promise<void>;
  /** The calls of the stand-ins, oldest first: `systemctl --no-block restart ifup@wwan0.service`. */
  calls(): Promise<string[]>;
  /** A file below the folder: `sys/…`, or a state the stand-ins look at (`unit`, `ifstate`, `pings`, `answers`, `neighbour`, `journal`). */
  put(path: string, text: string): Promise<void>;
  read(path: string): Promise<string>;
}

/** Shell of each stand-in; `$pi` is the folder, `pass N` lets N seconds of the Pi's go by. */
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: shell's own
const STAND_INS: Readonly<Record<string, string>> = {
  // Debian's qmicli accepts a pty only with an option; 1.16.0 accepts it without.
  qmicli: 'exec /usr/bin/qmicli --device-open-qmi "$@"',
  // The properties of units, from the file "unit": NAME=value lines.
  systemctl: 'case $1 in show) grep -h "^$3=" "$pi/unit" ;; *) call "$0" "$@" ;; esac',
  ifquery: 'case $1 in --state) grep -q up "$pi/ifstate" ;; *) echo "metric: 6000" ;; esac',
  ifdown: 'call "$0" "$@"',
  dhclient: 'call "$0" "${@:1:4}"',
  sleep: 'pass "$1"',
  // Forty times as long, where the stick is going to answer: it may be this machine that is slow.
  timeout: [
    'if [[ $1 == -k ]]; then kill=(-k "$2"); shift 2; else kill=(); fi',
    'read -r patience <"$pi/patience"',
    '/usr/bin/timeout "${kill[@]}" "$(($1 * patience))" "${@:2}"',
    'status=$?',
    '((status < 124)) || pass "$1"',
    'exit $status',
  ].join('\n'),
  // The neighbour's state is the first line of "neighbour", of several lines each for one look, the last for all others.
  ip: [
    'case "$*" in',
    '*route*) echo "default via 10.64.64.9 dev wwan0 metric 6000" ;;',
    '*neigh*show*)',
    '  head -n 1 "$pi/neighbour"; (($(wc -l <"$pi/neighbour") < 2)) || sed -i 1d "$pi/neighbour" ;;',
    '*neigh*) ;;',
    '*link*) [[ $* != *set* ]] || call "$0" "$@" ;;',
    '*) echo "4: wwan0 inet 10.64.64.10/30" ;; esac',
  ].join('\n'),
  // never, always, after a program was called, or as long as the stick has a call. Of several lines each is for one
  // ping, the last for all that follow.
  ping: [
    'read -r when <"$pi/pings"; (($(wc -l <"$pi/pings") < 2)) || sed -i 1d "$pi/pings"',
    'case $when in never) exit 1 ;; always) exit 0 ;; after\\ *) grep -q "^${when#after }" "$pi/calls" ;;',
    'call) qmicli -d "$pi/dev/wwan-qmi" --wds-get-packet-service-status | grep -q "\'connected\'" ;; esac',
  ].join('\n'),
  // ask-network, which needs a real wwan0: as `pings` has it, and then what answers.
  perl: [
    'read -r when what <"$pi/answers"; (($(wc -l <"$pi/answers") < 2)) || sed -i 1d "$pi/answers"',
    '[[ $when != never ]] || exit 1',
    'echo "$what"',
  ].join('\n'),
  journalctl: 'cat "$pi/journal"',
  // On its own, since nearly every run of the supervisor calls it.
  agetty: 'echo "$@" >>"$pi/agetty"',
};
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: shell's own

export async function createFakePi(t: TestContext, behaviour: BehaviourInput = {}): Promise<FakePi> {
  const { exec, signal, tmpDir: folder } = await createTestContext(t);
  const modem = await startModem({ behaviour });
  t.after(() => modem.close());
  const at = (path: string) => join(folder, path);
  const put = async (path: string, text: string) => {
    await mkdir(join(at(path), '..'), { recursive: true });
    await writeFile(at(path), text);
  };
  await mkdir(at('dev'));
  await mkdir(at('run'));
  await modem.serveControl(at('qmi.sock'));
  const socat = startProcess(ptyArgv(at('dev/wwan-qmi'), at('qmi.sock')), { signal });
  t.after(() => socat.stop());
  await waitFor('/dev/wwan-qmi', () => existsSync(at('dev/wwan-qmi')));

  await put('sys/devices/1-1/1-1:1.1/net/wwan0/statistics/rx_packets', '0\n');
  await put('sys/devices/1-1/1-1:1.1/net/wwan0/mtu', '1500\n');
  await symlink('../..', at('sys/devices/1-1/1-1:1.1/net/wwan0/device'));
  await mkdir(at('sys/class/net'), { recursive: true });
  await symlink(at('sys/devices/1-1/1-1:1.1/net/wwan0'), at('sys/class/net/wwan0'));
  await put('sys/devices/1-1/authorized', '1\n');
  await put('calls', '');
  await put('proc/uptime', '100.00 0.00\n');
  // A mute stick stays mute: that is not waited for.
  const isMute = behaviour.faults?.some(({ what }) => what === 'qmi') ?? false;
  await put('patience', isMute ? '1\n' : '40\n');
  await put('journal', '');
  await put('pings', 'never\n');
  await put('answers', 'never\n');
  await put('neighbour', '10.64.64.9 lladdr 02:50:f3:00:00:00 REACHABLE\n');
  await put('ifstate', 'up\n');
  await put(
    'unit',
    'ActiveState=active\nResult=success\nInactiveEnterTimestampMonotonic=0\nActiveEnterTimestampMonotonic=9\n',
  );
  const standIn = async (name: string, text: string) => {
    const call = `call() { echo "\${1##*/} \${*:2}" >>"$pi/calls"; }`;
    const pass = `pass() { read -r now _ <"$pi/proc/uptime"; echo "$((\${now%.*} + $1)).00 0.00" >"$pi/proc/uptime"; }`;
    await put(`bin/${name}`, `#!/bin/bash\npi=${folder}\n${call}\n${pass}\n${text}\n`);
    await chmod(at(`bin/${name}`), 0o755);
  };
  for (const [name, text] of Object.entries(STAND_INS)) await standIn(name, text);
  // Debian's, with the image's change, and with its state in the folder.
  const qmiNetwork = secureQmiNetwork(await readFile('/usr/bin/qmi-network', 'utf8'));
  await put('bin/qmi-network', qmiNetwork.replaceAll(RUN_FOLDER, at('run/wwanpi')));
  await chmod(at('bin/qmi-network'), 0o755);

  const path = `${at('bin')}:/usr/sbin:/usr/bin:/sbin:/bin`;
  const ownEnv = {
    PATH: path,
    WWANPI_PATH: path,
    WWANPI_ROOT: folder,
    ...(isMute ? { WWANPI_QMI_SECONDS: '3' } : {}),
  };

  return {
    modem,
    folder,
    put,
    standIn,
    read: (path) => readFile(at(path), 'utf8'),
    calls: async () => (await readFile(at('calls'), 'utf8')).trim().split('\n').filter(Boolean),
    async run(script, env = {}, { args = [], input } = {}) {
      const { stdout, stderr, exitCode } = await exec(['bash', join(renderOverlays(), script), ...args], {
        ...(input === undefined ? {} : { input }),
        env: { ...ownEnv, ...env },
        okExitCodes: [1, 2],
        timeoutMs: PATIENCE_MS,
      });
      return { said: stdout + stderr, exitCode };
    },
    async talk(script, env, args, turns) {
      const child = spawn('bash', [join(renderOverlays(), script), ...args], {
        env: { ...baseEnv(), ...ownEnv, ...env },
        stdio: 'pipe',
      });
      t.after(() => child.kill());
      const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (said += text));
      for (const [typed, answer] of turns) {
        child.stdin.write(typed);
        await waitFor(`${answer} after ${JSON.stringify(typed)}`, () => {
          if (answer.test(said)) return true;
          assert.equal(child.exitCode, null, said);
          return false;
        });
      }
      child.stdin.end();
      return { said, exitCode: await ended };
    },
  };
}

/** A call as ifup's qmi-network has it. */
export async function dial({ modem, folder }: FakePi): Promise<void> {
  const exec = createExec({ signal: new AbortController().signal });
  const device = join(folder, 'dev/wwan-qmi');
  const argv = ['qmicli', '-d', device, '--device-open-qmi', '--wds-start-network=apn=internet'] as const;
  await exec([...argv, '--client-no-release-cid']);
  assert.ok(modem.events.some((event) => event.type === 'call' && event.what === 'start'));
}
