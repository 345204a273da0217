import type { BaseFile, BaseFiles } from '../../src/core/model.ts';
import type { BaseFacts } from '../../stage/stage.ts';
import { baseFile, dpkgStatus } from './stretch-files.ts';

/** What the planner sees of a Raspberry Pi OS Lite of 2026 (Trixie): the files it asks for, with that release's shape. */
export function trixieFiles(
  paths: readonly string[],
  changed: Record<string, BaseFile | undefined> = {},
): BaseFiles {
  const all: Record<string, BaseFile | undefined> = { ...TRIXIE, ...changed };
  return new Map(paths.map((path) => [path, all[path]]));
}

/** Public facts of the made-up base. */
export const trixieFacts: BaseFacts = {
  os: { id: 'debian', codename: 'trixie', prettyName: 'Debian GNU/Linux 13 (trixie)' },
  system: { architecture: 'arm64', stack: 'networkmanager', bootFolder: '/boot/firmware' },
  baseSha256: '0'.repeat(64),
};

/** The packages of Raspberry Pi OS Lite that wwanpi leans on. */
export const TRIXIE_PACKAGES = [
  ...['cloud-init', 'keyboard-configuration', 'locales', 'modemmanager', 'network-manager', 'nftables'],
  'openssh-server',
  ...[
    'raspberrypi-net-mods',
    'raspberrypi-sys-mods',
    'sudo',
    'usb-modeswitch',
    'userconf-pi',
    'util-linux',
    'wpasupplicant',
  ],
];

const TRIXIE: Record<string, BaseFile> = {
  '/etc/issue': baseFile('Debian GNU/Linux 13 \\n \\l\n\n'),
  '/etc/passwd': baseFile('root:x:0:0:root:/root:/bin/bash\npi:x:1000:1000:,,,:/home/pi:/usr/sbin/nologin\n'),
  '/etc/shadow': baseFile('root:*:20600:0:99999:7:::\npi:!:20600:0:99999:7:::\n', { mode: 0o640, gid: 42 }),
  '/etc/group': baseFile('adm:x:4:pi\nsudo:x:27:pi\nvideo:x:44:pi\nnetdev:x:102:pi\npi:x:1000:\n'),
  '/etc/gshadow': baseFile('adm:*::pi\nsudo:*::pi\nnetdev:!::pi\npi:!::\n', { mode: 0o640, gid: 42 }),
  '/etc/subuid': baseFile('pi:100000:65536\n'),
  '/etc/subgid': baseFile('pi:100000:65536\n'),
  '/etc/ssh/sshd_config': baseFile(
    'Include /etc/ssh/sshd_config.d/*.conf\nKbdInteractiveAuthentication no\nUsePAM yes\n',
  ),
  '/etc/ssh/sshd_config.d/rename_user.conf': baseFile('Banner /usr/share/userconf-pi/sshd_banner\n'),
  '/etc/systemd/system/multi-user.target.wants/userconfig.service': baseFile('[Unit]\n'),
  '/etc/hosts': baseFile('127.0.0.1\tlocalhost\n127.0.1.1\traspberrypi\n'),
  '/etc/hostname': baseFile('raspberrypi\n'),
  '/etc/timezone': baseFile('Etc/UTC\n'),
  '/etc/localtime': baseFile('TZif2'),
  '/usr/share/zoneinfo/Europe/Berlin': baseFile('TZif2'),
  '/var/lib/NetworkManager/NetworkManager.state': baseFile('[main]\nWirelessEnabled=false\n'),
  '/var/lib/dpkg/status': baseFile(
    dpkgStatus(TRIXIE_PACKAGES).replace(/(Package: util-linux\n.*\nVersion: )1\.0/, '$12.41'),
  ),
};
