/**
 * dhcpcd.conf(5) with `denyinterfaces NAME` among its global options, everything else byte for byte as it was,
 * and nothing changed when it is there already. It must come before any `interface`, `ssid` or `profile` block,
 * since those run to the next one or the end of the file.
 * @param name an interface name, plain word
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

/** What a `denyinterfaces` line denies; a comment or another option denies nothing. */
function deniedNames(line: string): string[] {
  const match = /^\s*denyinterfaces\s+(.*)$/.exec(line);
  return match === null ? [] : (match[1] ?? '').trim().split(/[\s,]+/);
}
