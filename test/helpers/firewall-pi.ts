import { access, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createTestContext } from './context.ts';
import { userLack } from './throwaway-user.ts';

/** The programs that a script of the firewall finds, by the names that it calls, and where they are here. */
export type FirewallPrograms = Readonly<Record<string, string>>;

/** A Pi with these programs, whose firewall.conf says that; the environment in which the script sees it. */
export async function createFirewallPi(t: TestContext, programs: FirewallPrograms, conf: string) {
  const { tmpDir: root } = await createTestContext(t);
  await mkdir(join(root, 'bin'));
  for (const [name, path] of Object.entries({ ...programs, sleep: '/bin/true' })) {
    await symlink(path, join(root, 'bin', name));
  }
  await mkdir(join(root, 'etc/wwanpi'), { recursive: true });
  await mkdir(join(root, 'proc/net'), { recursive: true });
  await writeFile(join(root, 'proc/net/if_inet6'), '');
  await writeFile(join(root, 'etc/wwanpi/firewall.conf'), conf);
  return { env: { WWANPI_ROOT: root, WWANPI_PATH: join(root, 'bin') } };
}

/** Why the kernel's firewall cannot be tried here. */
export async function findFirewallLack(programs: FirewallPrograms): Promise<string | undefined> {
  const missing = await Promise.all(Object.values(programs).map((path) => access(path).catch(() => path)));
  const lacking = missing.filter((path) => path !== undefined);
  return userLack() ?? (lacking.length > 0 ? `no ${lacking.join(', ')}` : undefined);
}
