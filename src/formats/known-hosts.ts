import { createHash, createHmac } from 'node:crypto';

/** One usable line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHost {
  /** `revoked` bans the key; `cert-authority` signs host certificates, which wwanpi does not support. */
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  /** The first field: names and patterns with commas, or one hashed name. */
  readonly hosts: string;
  readonly keyType: string;
  /** The key as the server sends it (RFC 4253 §6.6). */
  readonly key: Buffer;
  /** The line's number in its file, from 1. */
  readonly line: number;
}

/** The result of comparing a server's key with the known hosts. */
export type HostKeyVerdict =
  | { readonly kind: 'known' }
  /** The server is unknown, or only keys of other types are known for it. */
  | { readonly kind: 'unknown'; readonly knownTypes: readonly string[] }
  /** Another key of the same type is known: the server is new, or somebody intercepts the connection. */
  | { readonly kind: 'changed'; readonly known: KnownHost }
  | { readonly kind: 'revoked'; readonly known: KnownHost };

/** The lines of a known_hosts file that have a key; comments, keys of protocol 1 and damaged lines are skipped. */
export function parseKnownHosts(text: string): readonly KnownHost[] {
  return text.split('\n').flatMap((raw, index) => {
    const fields = raw.trim().split(/[ \t]+/);
    if (fields[0]?.startsWith('#')) return [];
    const marker = fields[0]?.startsWith('@') ? fields.shift()?.slice(1) : undefined;
    if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') return [];
    const [hosts, keyType, encoded] = fields;
    if (hosts === undefined || keyType === undefined || encoded === undefined) return [];
    const key = Buffer.from(encoded, 'base64');
    if (readKeyType(key) !== keyType) return [];
    return [{ marker, hosts, keyType, key, line: index + 1 }];
  });
}

/** The name by which a server is looked up: in lower case; if the port is not 22, as `[host]:port`. */
export function knownHostName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** Whether the first field of a line matches `name`: patterns with * and ?, `!` for "not", or the hash of a name. */
export function matchesHost(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return matchesHash(hosts, name);
  let isMatch = false;
  for (const pattern of hosts.toLowerCase().split(',')) {
    const isNegated = pattern.startsWith('!');
    if (!matchesPattern(isNegated ? pattern.slice(1) : pattern, name)) continue;
    if (isNegated) return false;
    isMatch = true;
  }
  return isMatch;
}

/** Checks a server's key as ssh(1) does with StrictHostKeyChecking=yes: a revoked key is never accepted. */
export function evaluateHostKey(known: readonly KnownHost[], name: string, key: Buffer): HostKeyVerdict {
  const ours = known.filter(({ marker, hosts }) => marker !== 'cert-authority' && matchesHost(hosts, name));
  const same = ours.filter((host) => host.key.equals(key));
  const revoked = same.find(({ marker }) => marker === 'revoked');
  if (revoked !== undefined) return { kind: 'revoked', known: revoked };
  if (same.length > 0) return { kind: 'known' };
  const valid = ours.filter(({ marker }) => marker === undefined);
  const other = valid.find(({ keyType }) => keyType === readKeyType(key));
  if (other !== undefined) return { kind: 'changed', known: other };
  return { kind: 'unknown', knownTypes: [...new Set(valid.map(({ keyType }) => keyType))] };
}

/** The types of the keys known for `name`. They are requested first, so the server shows a key that can be checked. */
export function knownKeyTypes(known: readonly KnownHost[], name: string): readonly string[] {
  const valid = known.filter(({ marker, hosts }) => marker === undefined && matchesHost(hosts, name));
  return [...new Set(valid.map(({ keyType }) => keyType))];
}

/** The line that makes `key` known for `name`. */
export function formatKnownHost(name: string, key: Buffer): string {
  return `${name} ${readKeyType(key) ?? ''} ${key.toString('base64')}`;
}

/** The fingerprint of `ssh-keygen -l`: `SHA256:` and the hash in base64 without padding. */
export function keyFingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type at the start of a key blob, length first; undefined if it is not a key. */
export function readKeyType(key: Buffer): string | undefined {
  if (key.length < 4) return undefined;
  const length = key.readUInt32BE(0);
  return length === 0 || key.length <= 4 + length ? undefined : key.toString('latin1', 4, 4 + length);
}

/** `|1|salt|HMAC-SHA1 of the name|`, both in base64. */
function matchesHash(hosts: string, name: string): boolean {
  const [, magic, salt, hash, ...more] = hosts.split('|');
  if (magic !== '1' || salt === undefined || hash === undefined || more.length > 0) return false;
  const digest = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return digest.equals(Buffer.from(hash, 'base64'));
}

/** Backtracks to the last star only, so a pattern costs at most its length times the name's. */
function matchesPattern(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let i = 0; i < name.length; ) {
    if (pattern[at] === '*') {
      star = at;
      resume = i;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[i])) {
      at += 1;
      i += 1;
    } else if (star >= 0) {
      resume += 1;
      i = resume;
      at = star + 1;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}
