import type { BaseFile, BaseFiles } from '../../src/core/model.ts';

/** A file of a fake base; by default root's 0644. */
export function baseFile(text: string, meta: Partial<Omit<BaseFile, 'content'>> = {}): BaseFile {
  return { content: Buffer.from(text), mode: 0o644, uid: 0, gid: 0, ...meta };
}

/** What the planner sees of a Raspbian Stretch Lite: the files it asks for, with that release's shape. */
export function stretchFiles(
  paths: readonly string[],
  changed: Record<string, BaseFile | undefined> = {},
): BaseFiles {
  const all: Record<string, BaseFile | undefined> = { ...STRETCH, ...changed };
  return new Map(paths.map((path) => [path, all[path]]));
}

/** Public facts of the made-up base. */
export const stretchFacts = {
  os: { id: 'raspbian', codename: 'stretch', prettyName: 'Raspbian GNU/Linux 9 (stretch)' },
  baseSha256: '0'.repeat(64),
};

/** A dpkg status file that says these are installed. */
export function dpkgStatus(names: readonly string[]): string {
  return names.map((name) => `Package: ${name}\nStatus: install ok installed\nVersion: 1.0\n`).join('\n');
}

/** The packages of Stretch Lite that wwanpi leans on. */
export const STRETCH_PACKAGES = [
  'dhcpcd5',
  'ifupdown',
  'iptables',
  'isc-dhcp-client',
  'openresolv',
  'openssh-server',
  'raspberrypi-net-mods',
  'raspberrypi-sys-mods',
  'wpasupplicant',
];

const STRETCH: Record<string, BaseFile> = {
  '/etc/network/interfaces': baseFile(`# interfaces(5) file used by ifup(8) and ifdown(8)

# Please note that this file is written to be used with dhcpcd
# For static IP, consult /etc/dhcpcd.conf and 'man dhcpcd.conf'

# Include files from /etc/network/interfaces.d:
source-directory /etc/network/interfaces.d
`),
  '/etc/dhcpcd.conf': baseFile(
    `# A sample configuration for dhcpcd.
# See dhcpcd.conf(5) for details.

hostname
clientid
persistent
option rapid_commit
option domain_name_servers, domain_name, domain_search, host_name
slaac private

# Example static IP configuration:
#interface eth0
#static ip_address=192.168.0.10/24

# fallback to static profile on eth0
#interface eth0
#fallback static_eth0
`,
    { mode: 0o664, gid: 108 },
  ),
  '/etc/issue': baseFile('Raspbian GNU/Linux 9 \\n \\l\n\n'),
  '/etc/passwd': baseFile('root:x:0:0:root:/root:/bin/bash\npi:x:1000:1000:,,,:/home/pi:/bin/bash\n'),
  '/etc/shadow': baseFile('root:*:17709:0:99999:7:::\npi:$6$salt$stock:17709:0:99999:7:::\n', {
    mode: 0o640,
    gid: 42,
  }),
  '/etc/ssh/sshd_config': baseFile(
    '#PasswordAuthentication yes\nChallengeResponseAuthentication no\nUsePAM yes\nAcceptEnv LANG LC_*\n',
  ),
  '/etc/hosts': baseFile('127.0.0.1\tlocalhost\n::1\t\tlocalhost ip6-localhost\n\n127.0.1.1\traspberrypi\n'),
  '/etc/hostname': baseFile('raspberrypi\n'),
  '/etc/wpa_supplicant/wpa_supplicant.conf': baseFile('ctrl_interface=DIR=/var/run/wpa_supplicant\n', {
    mode: 0o600,
  }),
  '/var/lib/dpkg/status': baseFile(dpkgStatus(STRETCH_PACKAGES)),
};
