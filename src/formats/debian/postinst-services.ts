/**
 * The services that a postinst turns on, if it does nothing but what debhelper's dh_installsystemd writes (debhelper 13,
 * autoscripts postinst-systemd-enable and postinst-systemd-start): turn on units, and start them on a running system.
 * @returns undefined if the script does anything else, so that only running it could tell what it does
 */
export function findServices(postinst: string): readonly string[] | undefined {
  const lines = postinst
    .split('\n')
    .map((line) => line.trim())
    .filter((line, index) => line !== '' && (index === 0 || !line.startsWith('#')));
  const [interpreter, ...body] = lines;
  if (interpreter !== '#!/bin/sh' || body[0] !== 'set -e') return undefined;
  let rest = body.slice(1).join('\n');
  const services = new Set<string>();
  for (;;) {
    const [whole, service] = ENABLE.exec(rest) ?? START.exec(rest) ?? [];
    if (whole === undefined) return rest === '' ? [...services] : undefined;
    if (service !== undefined) services.add(service);
    rest = rest.slice(whole.length).replace(/^\n/, '');
  }
}

const CONFIGURE =
  'if \\[ "\\$1" = "configure" \\] \\|\\| \\[ "\\$1" = "abort-upgrade" \\] \\|\\| \\[ "\\$1" = "abort-deconfigure" \\] \\|\\| \\[ "\\$1" = "abort-remove" \\] ?; then';

const ENABLE = block(
  CONFIGURE,
  "deb-systemd-helper unmask '([\\w.-]+\\.service)' >/dev/null \\|\\| true",
  "if deb-systemd-helper --quiet was-enabled '\\1'; then",
  "deb-systemd-helper enable '\\1' >/dev/null \\|\\| true",
  'else',
  "deb-systemd-helper update-state '\\1' >/dev/null \\|\\| true",
  'fi',
  'fi',
);

const START = block(
  CONFIGURE,
  'if \\[ -d /run/systemd/system \\]; then',
  'systemctl --system daemon-reload >/dev/null \\|\\| true',
  'if \\[ -n "\\$2" \\]; then',
  '_dh_action=restart',
  'else',
  '_dh_action=start',
  'fi',
  "deb-systemd-invoke \\$_dh_action (?:'[\\w.-]+\\.service' ?)+ ?>/dev/null \\|\\| true",
  'fi',
  'fi',
);

function block(...lines: string[]): RegExp {
  return new RegExp(`^${lines.join('\\n')}`);
}
