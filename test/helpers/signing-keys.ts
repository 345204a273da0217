import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Context } from '../../src/core/context.ts';

/** Throw-away keys of gpg's and minisign's. */
export interface SigningKeys {
  /** A GNUPGHOME of its own. */
  readonly gnupgHome: string;
  /** Fingerprint by name, in `gnupgHome`. */
  gpg(name: string, options?: GpgKeyOptions): Promise<string>;
  /** The public key of a fingerprint, as a binary keyring. */
  exportGpg(fingerprint: string): Promise<Uint8Array>;
  /** A minisign key pair; with a passphrase the secret key is encrypted. */
  minisign(name: string, passphrase?: string): Promise<{ secret: string; public: string }>;
}

interface GpgKeyOptions {
  readonly passphrase?: string;
  /** What the key may be used for. */
  readonly usage?: 'sign' | 'cert';
  /** The day it was made, as `20200131`; it is good for a day [today]. */
  readonly madeOn?: string;
}

/** Sets GNUPGHOME to a new folder for the time of the test. Its path is short: an agent's socket lies in it. */
export async function makeSigningKeys(t: TestContext, context: Context): Promise<SigningKeys> {
  const gnupgHome = await mkdtemp(join(tmpdir(), 'gpg-'));
  const before = process.env.GNUPGHOME;
  process.env.GNUPGHOME = gnupgHome;
  const env = { GNUPGHOME: gnupgHome };
  t.after(async () => {
    if (before === undefined) delete process.env.GNUPGHOME;
    else process.env.GNUPGHOME = before;
    await killAgent(gnupgHome);
    await rm(gnupgHome, { recursive: true, force: true });
  });
  const { exec, tmpDir } = context;
  return {
    gnupgHome,
    gpg: async (name, { passphrase = '', usage = 'sign', madeOn } = {}) => {
      const time = madeOn === undefined ? [] : [`--faked-system-time=${madeOn}T000000`];
      const generate = ['--quick-gen-key', name, 'ed25519', usage, '1d'];
      await exec(['gpg', '--batch', '--passphrase', passphrase, ...time, ...generate], { env });
      // Or the agent would remember it, and no test would need it.
      await killAgent(gnupgHome);
      const { stdout } = await exec(['gpg', '--batch', '--with-colons', '--list-secret-keys'], { env });
      return [...stdout.matchAll(/^fpr:+([0-9A-F]+):/gm)].at(-1)?.[1] ?? '';
    },
    exportGpg: async (fingerprint) => (await exec(['gpg', '--export', fingerprint], { env })).stdoutBytes,
    minisign: async (name, passphrase) => {
      const folder = join(tmpDir, name);
      await mkdir(folder);
      const pair = { secret: join(folder, 'key'), public: join(folder, 'key.pub') };
      const encrypt = passphrase === undefined ? ['-W'] : [];
      await exec(['minisign', '-G', ...encrypt, '-p', pair.public, '-s', pair.secret], {
        ...(passphrase === undefined ? {} : { input: `${passphrase}\n${passphrase}\n` }),
      });
      return pair;
    },
  };

  async function killAgent(home: string): Promise<void> {
    await context
      .exec(['gpgconf', '--kill', 'gpg-agent'], { env: { GNUPGHOME: home } })
      .catch(() => undefined);
  }
}
