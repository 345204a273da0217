import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Environment, readVariable } from '../core/environment.ts';
import { InputError } from '../core/errors.ts';
import { parseSftpUrl } from '../formats/sftp-url.ts';
import type { PublishRequest } from '../publish/publish-release.ts';
import { type HostTrust, readKnownHosts } from '../tools/ssh/ssh-host-key.ts';

/**
 * What `wwanpi publish` is asked for. Secrets come from the environment: an argument is in the process list and the
 * shell's history.
 * @throws InputError with every fault at once
 */
export async function parsePublishOptions(
  argv: Readonly<Record<string, unknown>>,
  env: Environment,
): Promise<PublishRequest> {
  const faults: string[] = [];
  const parsed = parseSftpUrl(String(argv.url));
  if ('faults' in parsed) faults.push(...parsed.faults.map((fault) => `the URL ${fault}`));
  const prune = readCount('--prune', argv.prune, 1, faults);
  const retries = readCount('--retries', argv.retries, 0, faults) ?? 5;
  const identity = oneOf('--identity', argv.identity, faults);
  const trust = await readTrust(argv, faults);
  if (faults.length > 0 || !('target' in parsed)) {
    throw new InputError(
      faults.length === 1
        ? (faults[0] ?? '')
        : `${faults.length} options can't be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
      { hint: 'wwanpi publish --help lists every option' },
    );
  }
  return {
    folder: resolve(String(argv.dir)),
    target: parsed.target,
    credentials: {
      identity,
      passphrase: readVariable('WWANPI_SSH_PASSPHRASE', env),
      password: readVariable('WWANPI_SSH_PASSWORD', env),
      agentSocket: readVariable('SSH_AUTH_SOCK', env),
    },
    trust,
    prune,
    dryRun: argv.dryRun === true,
    retries,
    retryDelayMs: 1000,
  };
}

async function readTrust(argv: Readonly<Record<string, unknown>>, faults: string[]): Promise<HostTrust> {
  const fingerprint = oneOf('--host-key', argv.hostKey, faults);
  if (fingerprint === undefined) {
    const paths = Array.isArray(argv.knownHosts) ? argv.knownHosts.map(String) : DEFAULT_KNOWN_HOSTS;
    return readKnownHosts(paths);
  }
  // SHA-256 is 32 bytes: 43 digits of base64, with padding 44.
  const [, digest] = /^SHA256:([A-Za-z0-9+/]{43})=?$/.exec(fingerprint) ?? [];
  if (digest === undefined) faults.push('--host-key is not like SHA256:… (ssh-keygen -lf prints it)');
  return { kind: 'fingerprint', fingerprint: `SHA256:${digest}` };
}

/** Those of ssh_config(5), but for the second ones, which nobody has. */
const DEFAULT_KNOWN_HOSTS: readonly string[] = [
  join(homedir(), '.ssh/known_hosts'),
  '/etc/ssh/ssh_known_hosts',
];

/** An option given twice is an array. */
function oneOf(flag: string, value: unknown, faults: string[]): string | undefined {
  if (Array.isArray(value)) faults.push(`${flag} is given more than once`);
  else if (value === '') faults.push(`${flag} is empty`);
  return typeof value === 'string' ? value : undefined;
}

function readCount(flag: string, value: unknown, least: number, faults: string[]): number | undefined {
  const text = oneOf(flag, value, faults);
  if (text === undefined) return undefined;
  const count = Number(text);
  if (/^\d{1,6}$/.test(text) && count >= least) return count;
  faults.push(`${flag} is not a whole number from ${least} on`);
  return undefined;
}
