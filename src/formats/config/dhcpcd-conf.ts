/**
 * dhcpcd.conf(5) with `denyinterfaces NAME` among its global options, otherwise unchanged. If the option is there
 * already, the whole text is unchanged. It must come before any `interface`, `ssid` or `profile` block, because a
 * block extends to the next one or the end of the file.
 * @param name an interface name, a plain word
 */
export function denyInterface(conf: string, name: string): string {
  const lines = conf.split('\n');
  const block = lines.findIndex((line) => /^\s*(interface|ssid|profile)\s/.test(line));
  const globals = block < 0 ? lines : lines.slice(0, block);
  if (globals.some((line) => deniedNames(line).includes(name))) return conf;
  const added = [`# ${name} belongs to ifupdown (/etc/network/interfaces.d); two DHCP clients would fight.`];
  added.push(`denyinterfaces ${name}`);
  if (block >= 0) return [...globals, ...added, '', ...lines.slice(block)].join('\n');
  const gap = conf === '' || conf.endsWith('\n') ? '' : '\n';
  return `${conf}${gap}${conf === '' ? '' : '\n'}${added.join('\n')}\n`;
}

/** The names in a `denyinterfaces` line; none in a comment or another option. */
function deniedNames(line: string): string[] {
  const match = /^\s*denyinterfaces\s+(.*)$/.exec(line);
  return match === null ? [] : (match[1] ?? '').trim().split(/[\s,]+/);
}
