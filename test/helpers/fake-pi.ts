import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { overlaysFolder } from '../../src/customise/read-overlay.ts';
import type { BehaviourInput } from '../../src/modem/behaviour.ts';
import { type Modem, ptyArgv, startModem } from '../../src/modem/server.ts';
import { createExec, startProcess } from '../../src/tools/exec.ts';
import { createTestContext } from './context.ts';

/**
 * What the image's scripts see of a Pi: the stick's QMI behind a pty with real qmicli and qmi-network, made-up /sys,
 * and stand-ins for the programs that would need a kernel or systemd. Each stand-in writes itself into `calls`.
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
  /** A program on the scripts' PATH, in shell, in the place of one that is there or not. */
  standIn(name: string, shell: string): Promise<void>;
  /** What the stand-ins were asked to do, oldest first: `systemctl --no-block restart ifup@wwan0.service`. */
  calls(): Promise<string[]>;
  /** A file below the folder: `sys/…`, or a state the stand-ins look at (`unit`, `ifstate`, `pings`, `journal`). */
  put(path: string, text: string): Promise<void>;
  read(path: string): Promise<string>;
}

/** Shell of each stand-in; `$pi` is the folder. */
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: shell's own
const STAND_INS: Readonly<Record<string, string>> = {
  // Debian's qmicli takes a pty only when told; 1.16.0 takes it as it is.
  qmicli: 'exec /usr/bin/qmicli --device-open-qmi "$@"',
  // The properties of units, from the file "unit": NAME=value lines.
  systemctl: 'case $1 in show) grep -h "^$3=" "$pi/unit" ;; *) call "$0" "$@" ;; esac',
  ifquery: 'case $1 in --state) grep -q up "$pi/ifstate" ;; *) echo "metric: 6000" ;; esac',
  ifdown: 'call "$0" "$@"',
  dhclient: 'call "$0" "${@:1:4}"',
  ip: 'echo "4: wwan0 inet 10.64.64.10/30"',
  // never, always, after a program was called, or as long as the stick has a call. Of several lines each is for one
  // ping, the last for all that follow.
  ping: [
    'read -r when <"$pi/pings"; (($(wc -l <"$pi/pings") < 2)) || sed -i 1d "$pi/pings"',
    'case $when in never) exit 1 ;; always) exit 0 ;; after\\ *) grep -q "^${when#after }" "$pi/calls" ;;',
    'call) qmicli -d "$pi/dev/wwan-qmi" --wds-get-packet-service-status | grep -q "\'connected\'" ;; esac',
  ].join('\n'),
  journalctl: 'cat "$pi/journal"',
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
  await mkdir(at('run/lock'), { recursive: true });
  await modem.serveQmi(at('qmi.sock'));
  const socat = startProcess(ptyArgv(at('dev/wwan-qmi'), at('qmi.sock')), { signal });
  t.after(() => socat.stop());
  for (let n = 0; n < 500 && !existsSync(at('dev/wwan-qmi')); n += 1) await sleep(10);

  await put('sys/devices/1-1/1-1:1.1/net/wwan0/statistics/rx_packets', '0\n');
  await symlink('../..', at('sys/devices/1-1/1-1:1.1/net/wwan0/device'));
  await mkdir(at('sys/class/net'), { recursive: true });
  await symlink(at('sys/devices/1-1/1-1:1.1/net/wwan0'), at('sys/class/net/wwan0'));
  await put('sys/devices/1-1/authorized', '1\n');
  await put('calls', '');
  await put('journal', '');
  await put('pings', 'never\n');
  await put('ifstate', 'up\n');
  await put(
    'unit',
    'ActiveState=active\nResult=success\nInactiveEnterTimestampMonotonic=0\nActiveEnterTimestampMonotonic=9\n',
  );
  const standIn = async (name: string, text: string) => {
    const call = `call() { echo "\${1##*/} \${*:2}" >>"$pi/calls"; }`;
    await put(`bin/${name}`, `#!/bin/bash\npi=${folder}\n${call}\n${text}\n`);
    await chmod(at(`bin/${name}`), 0o755);
  };
  for (const [name, text] of Object.entries(STAND_INS)) await standIn(name, text);

  return {
    modem,
    folder,
    put,
    standIn,
    read: (path) => readFile(at(path), 'utf8'),
    calls: async () => (await readFile(at('calls'), 'utf8')).trim().split('\n').filter(Boolean),
    async run(script, env = {}, { args = [], input } = {}) {
      const path = `${at('bin')}:/usr/sbin:/usr/bin:/sbin:/bin`;
      const { stdout, stderr, exitCode } = await exec(['bash', join(overlaysFolder(), script), ...args], {
        ...(input === undefined ? {} : { input }),
        env: {
          PATH: path,
          WWANPI_PATH: path,
          WWANPI_ROOT: folder,
          WWANPI_QMI_SECONDS: '3',
          ...env,
        },
        okExitCodes: [1, 2],
        timeoutMs: 120_000,
      });
      return { said: stdout + stderr, exitCode };
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
