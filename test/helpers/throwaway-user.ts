import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { waitFor } from './wait-for.ts';

/** A user of this system for one test. */
export interface ThrowawayUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** Why no user can be made here, for `t.skip`; undefined where one can. */
export function userLack(): string | undefined {
  return userInfo().uid === 0 ? undefined : 'making a throw-away user needs root';
}

/**
 * Makes a user with a home and a password, both gone when the test ends.
 * @param parent where the folder of the home goes: for a jail of sshd not /tmp, which everyone can write to
 */
export async function makeUser(t: TestContext, password: string, parent = tmpdir()): Promise<ThrowawayUser> {
  const name = `wwanpi-${randomBytes(4).toString('hex')}`;
  const folder = await mkdtemp(join(parent, 'wwanpi-home-'));
  // mkdtemp's folder is for its maker alone.
  await chmod(folder, 0o755);
  const home = join(folder, 'home');
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], {
    input: password,
    encoding: 'utf8',
  }).trim();
  // Not among those that a machine hands out to people, and with no skeleton.
  execFileSync('useradd', [
    '--system',
    '--create-home',
    '--home-dir',
    home,
    '--shell',
    '/bin/sh',
    '-p',
    hash,
    name,
  ]);
  t.after(async () => {
    // A session may still be about to end: that is userdel's exit code 8.
    const remove = () => spawnSync('userdel', [name], { encoding: 'utf8' });
    const { status, stderr } = await waitFor(`the end of what ${name} runs`, () => {
      const ended = remove();
      return ended.status !== 8 && ended;
    });
    if (status !== 0) throw new Error(`userdel ${name}: ${stderr}`);
    await rm(folder, { recursive: true, force: true });
  });
  const idOf = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
  return { name, uid: idOf('-u'), gid: idOf('-g'), home };
}
