import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { BehaviourInput } from '../../src/modem/behaviour.ts';
import { ptyArgv } from '../../src/modem/server.ts';
import { startProcess } from '../../src/tools/exec.ts';
import { createFakePi, type FakePi } from './fake-pi.ts';
import { waitFor } from './wait-for.ts';

/** The supervisor's script, below overlays/rootfs. */
export const SUPERVISE = 'usr/lib/wwanpi/supervise';

/** Runs the supervisor for so many rounds on a made-up Pi, which `prepare` and `files` have changed before. */
export async function watch(
  t: TestContext,
  setting: {
    readonly behaviour?: BehaviourInput;
    readonly files?: Readonly<Record<string, string>>;
    readonly rounds: number;
    readonly conf?: string;
    readonly prepare?: (pi: FakePi) => Promise<void>;
  },
) {
  const pi = await createFakePi(t, { apns: [{ apn: 'internet' }], ...setting.behaviour });
  const conf = setting.conf ?? 'REBOOT_AFTER=0';
  await pi.put('etc/wwanpi/supervisor.conf', `# data\nINTERVAL=1\nDEAD_AFTER=4\nPROBE=9.9.9.9\n${conf}\n`);
  await pi.put('etc/network/interfaces.d/wwan0', '\tpre-up APN=internet /usr/lib/wwanpi/dial start\n');
  for (const [path, text] of Object.entries(setting.files ?? {})) await pi.put(path, text);
  await setting.prepare?.(pi);
  const { said } = await pi.run(SUPERVISE, {
    WWANPI_ROUNDS: String(setting.rounds),
    WWANPI_LONGEST_PAUSE: '8',
  });
  const calls = await pi.calls();
  const dialled = pi.modem.events.filter((event) => event.type === 'call' && event.what === 'start').length;
  return { pi, said, calls, dialled };
}

/** The AT port of the made-up Pi's modem. */
export async function serveAt(t: TestContext, { modem, folder }: FakePi): Promise<void> {
  const [port, socket] = [join(folder, 'dev/wwan-at'), join(folder, 'at.sock')];
  await modem.serveAt(socket);
  const socat = startProcess(ptyArgv(port, socket), { signal: new AbortController().signal });
  t.after(() => socat.stop());
  await waitFor('the AT port', () => existsSync(port));
  // Or socat would end when the first program closes it.
  const held = await open(port, 'r+');
  t.after(() => held.close());
}
