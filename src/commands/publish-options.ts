import { homedir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { type Environment, readVariable } from '../core/environment.ts';
import { type Issue, OptionsError } from '../formats/issues.ts';
import { parseSftpAddress, type SftpAddress, type SftpTarget } from '../formats/sftp-url.ts';
import { hintAtOptions } from '../options/hint-at-options.ts';
import type { PublishRequest } from '../publish/publish-release.ts';
import { readSshConfig, type SshHostConfig } from '../tools/ssh/ssh-config.ts';
import { readKnownHosts } from '../tools/ssh/ssh-host-key.ts';

/**
 * Parses the options of `wwanpi publish`. Secrets come from the environment, because an argument is visible in the
 * process list and in the shell's history.
 * @throws OptionsError with every issue at once
 */
export async function parsePublishOptions(
  argv: Readonly<Record<string, unknown>>,
  env: Environment,
): Promise<PublishRequest> {
  const issues: Issue[] = [];
  const parsed = parseSftpAddress(String(argv.url));
  if ('faults' in parsed) issues.push(...parsed.faults.map((fault) => ({ message: `the address ${fault}` })));
  const prune = readCount('prune', argv.prune, 1, issues);
  const retries = readCount('retries', argv.retries, 0, issues) ?? 5;
  const identity = readText('identity', argv.identity, issues);
  const fingerprint = readFingerprint(argv, issues);
  if (issues.length > 0 || !('address' in parsed)) {
    throw new OptionsError(
      issues,
      hintAtOptions('publish', issues, 'wwanpi publish out sftp://web@example.org/srv/www/images'),
    );
  }
  const { address } = parsed;
  const config = await readSshConfig(join(homedir(), '.ssh/config'), address);
  const named = Array.isArray(argv.knownHosts) ? argv.knownHosts.map(String) : config.knownHosts;
  return {
    folder: resolve(String(argv.dir)),
    target: complete(address, config),
    credentials: {
      identity,
      ...(identity === undefined ? chooseKeyFiles(config) : {}),
      passphrase: readVariable('WWANPI_SSH_PASSPHRASE', env),
      password: readVariable('WWANPI_SSH_PASSWORD', env),
      agentSocket: config.agent === 'none' ? undefined : (config.agent ?? readVariable('SSH_AUTH_SOCK', env)),
    },
    trust:
      fingerprint === undefined
        ? await readKnownHosts(named ?? DEFAULT_KNOWN_HOSTS)
        : { kind: 'fingerprint', fingerprint },
    prune,
    dryRun: argv.dryRun === true,
    retries,
    retryDelayMs: 1000,
    notes: config.notes,
  };
}

/** What the address does not say is as in ssh: from ~/.ssh/config, else the local user's name and port 22. */
function complete(address: SftpAddress, config: SshHostConfig): SftpTarget {
  const user = address.user ?? config.user ?? userInfo().username;
  return { ...address, host: config.host, user, port: address.port ?? config.port ?? 22 };
}

/** As in ssh, IdentityFile takes the place of the usual keys. */
function chooseKeyFiles({ identityFiles, identitiesOnly }: SshHostConfig) {
  const usual = USUAL_KEYS.map((name) => join(homedir(), '.ssh', name));
  return { keyFiles: identityFiles.length > 0 ? identityFiles : usual, identitiesOnly };
}

const USUAL_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

function readFingerprint(argv: Readonly<Record<string, unknown>>, issues: Issue[]): string | undefined {
  const fingerprint = readText('host-key', argv.hostKey, issues);
  if (fingerprint === undefined) return undefined;
  // SHA-256 is 32 bytes: 43 digits of base64, with padding 44.
  const [, digest] = /^SHA256:([A-Za-z0-9+/]{43})=?$/.exec(fingerprint) ?? [];
  if (digest === undefined) {
    const hint = 'give one like SHA256:…, which ssh-keygen -lf prints';
    issues.push({ option: 'host-key', message: 'is not a fingerprint', hint });
  }
  return `SHA256:${digest}`;
}

/** The defaults of ssh_config(5), without known_hosts2, which nobody has. */
const DEFAULT_KNOWN_HOSTS: readonly string[] = [
  join(homedir(), '.ssh/known_hosts'),
  '/etc/ssh/ssh_known_hosts',
];

function readText(option: string, value: unknown, issues: Issue[]): string | undefined {
  if (value === '') issues.push({ option, message: 'is empty' });
  return typeof value === 'string' ? value : undefined;
}

function readCount(option: string, value: unknown, least: number, issues: Issue[]): number | undefined {
  const text = readText(option, value, issues);
  if (text === undefined) return undefined;
  const count = Number(text);
  if (/^\d{1,6}$/.test(text) && count >= least) return count;
  issues.push({ option, value: text, message: `is not a whole number from ${least} on` });
  return undefined;
}
