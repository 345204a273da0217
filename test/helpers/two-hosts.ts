import { readlink } from 'node:fs/promises';
import type { TestContext } from 'node:test';
import type { Argv } from '../../src/core/exec.ts';
import { createExec, startProcess } from '../../src/tools/exec.ts';
import { waitFor } from './wait-for.ts';

/** A host of the real kernel: a network namespace. Addresses of the Pi end in 2, those of the network in 1. */
export interface Host {
  run(argv: Argv, env?: Readonly<Record<string, string>>): Promise<{ stdout: string; exitCode: number }>;
  /** Takes TCP connections on a port, of IPv4 and IPv6, until the test ends. */
  listen(port: number): Promise<void>;
  /** Whether a TCP connection comes about. One that is dropped is given up after two seconds. */
  connects(address: string, port: number): Promise<boolean>;
  pings(address: string): Promise<boolean>;
}

/** The Pi and the network, with two cables between them: wwan0 (10.1.0.0/24, fd01::/64) and eth0 (10.2.0.0/24). */
export async function connectHosts(t: TestContext): Promise<{ pi: Host; network: Host }> {
  const [pi, network] = [await createHost(t), await createHost(t)];
  for (const [name, number] of [
    ['wwan0', 1],
    ['eth0', 2],
  ] as const) {
    const peer = ['peer', 'name', name, 'netns', String(network.pid)] as const;
    await pi.run(['ip', 'link', 'add', name, 'type', 'veth', ...peer]);
    for (const [host, end] of [
      [pi, 2],
      [network, 1],
    ] as const) {
      await host.run(['ip', 'address', 'add', `10.${number}.0.${end}/24`, 'dev', name]);
      await host.run(['ip', 'address', 'add', `fd0${number}::${end}/64`, 'dev', name, 'nodad']);
      await host.run(['ip', 'link', 'set', name, 'up']);
    }
  }
  return { pi, network };
}

async function createHost(t: TestContext): Promise<Host & { readonly pid: number }> {
  const abort = new AbortController();
  t.after(() => abort.abort());
  const exec = createExec({ signal: abort.signal });
  const holder = startProcess(['unshare', '--net', 'sleep', 'infinity'], abort);
  t.after(() => holder.stop());
  const pid = holder.pid ?? 0;
  const own = await readlink('/proc/self/ns/net');
  await waitFor('a network namespace', async () => {
    const its = await readlink(`/proc/${pid}/ns/net`).catch(() => own);
    return its !== own;
  });
  const enter = (argv: Argv): Argv => ['nsenter', '--target', String(pid), '--net', ...argv];
  const succeeds = async (argv: Argv) => {
    const { exitCode } = await exec(enter(argv), { okExitCodes: [1, 2, 124] });
    return exitCode === 0;
  };
  await exec(enter(['ip', 'link', 'set', 'lo', 'up']));
  return {
    pid,
    run: (argv, env = {}) => exec(enter(argv), { env }),
    async listen(port) {
      const socat = startProcess(
        enter(['socat', `TCP6-LISTEN:${port},ipv6only=0,fork,reuseaddr`, '/dev/null']),
        abort,
      );
      t.after(() => socat.stop());
      await waitFor(`port ${port}`, async () =>
        (await exec(enter(['ss', '-Hltn', 'sport', '=', String(port)]))).stdout.includes(`:${port}`),
      );
    },
    connects: (address, port) =>
      succeeds(['timeout', '2', 'bash', '-c', 'exec 3<>"/dev/tcp/$0/$1"', address, String(port)]),
    pings: (address) => succeeds(['ping', '-c', '1', '-W', '2', '-q', address]),
  };
}
