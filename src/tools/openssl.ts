import { VerificationError } from '../core/errors.ts';
import type { Exec } from '../core/exec.ts';
import { validatePasswordHash } from '../formats/config/accounts.ts';

/**
 * The sha512-crypt hash of a password, for /etc/shadow. The password is passed on standard input, never on a
 * command line.
 * @param salt up to 16 characters of `./0-9A-Za-z`
 */
export async function hashPassword(exec: Exec, password: string, salt: string): Promise<string> {
  const { stdout } = await exec(['openssl', 'passwd', '-6', '-salt', salt, '-stdin'], {
    input: `${password}\n`,
  });
  const hash = stdout.trim();
  if (validatePasswordHash(hash) !== undefined) {
    throw new VerificationError('openssl passwd -6 gave no sha512-crypt hash', {
      hint: 'install OpenSSL 1.1.1 or newer, or give --password-hash',
    });
  }
  return hash;
}
