/** Why `name` is not a host name (RFC 1123 §2.1, at most Linux's 64 characters), or undefined. */
export function validateHostname(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.length > 64) return `is ${name.length} characters long; Linux takes 64`;
  for (const label of name.split('.')) {
    if (label.length > 63) return 'has a label of more than 63 characters';
    if (!/^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/.test(label)) {
      return 'is not made of letters, digits and inner hyphens';
    }
  }
  return undefined;
}

/**
 * /etc/hosts (hosts(5)) in which 127.0.1.1, Debian's address of the machine's own name, has the name `hostname`.
 * sudo warns about a name that does not resolve.
 */
export function renameInHosts(hosts: string, hostname: string): string {
  const short = hostname.split('.')[0] ?? hostname;
  const line = `127.0.1.1\t${hostname}${short === hostname ? '' : ` ${short}`}`;
  const lines = hosts.split('\n');
  const at = lines.findIndex((text) => /^\s*127\.0\.1\.1\s/.test(text));
  if (at >= 0) return lines.map((text, index) => (index === at ? line : text)).join('\n');
  return `${hosts}${hosts === '' || hosts.endsWith('\n') ? '' : '\n'}${line}\n`;
}
