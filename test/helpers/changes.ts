import type { FileChange } from '../../src/core/model.ts';

/** Odd, so that FAT has to round it. */
export const EPOCH = 1_554_768_001;

/** A small base with a merged /usr. */
export const BASE = {
  root: {
    '/etc/dhcpcd.conf': 'hostname\n',
    '/etc/old': 'old\n',
    '/etc/alias': { link: 'dhcpcd.conf' },
    '/usr/lib/systemd/system/ssh.service': '[Unit]\n',
    '/lib': { link: 'usr/lib' },
  },
  boot: { '/cmdline.txt': 'console=tty1\n', '/overlays/disable-bt.dtbo': 'x' },
} as const;

/** Owner and mode of most changes. */
export const META = { stage: 'test', mode: 0o644, uid: 0, gid: 0 };

/** Every kind of change, on both volumes, for `BASE`. */
export const CHANGES: readonly FileChange[] = [
  {
    ...META,
    kind: 'file',
    path: '/etc/dhcpcd.conf',
    content: Buffer.from('hostname\ndenyinterfaces wwan0\n'),
  },
  {
    ...META,
    kind: 'file',
    path: '/etc/new/deep folder/file',
    content: Buffer.alloc(9000, 'x'),
    mode: 0o600,
    uid: 1000,
    gid: 70_000,
  },
  { ...META, kind: 'file', path: '/etc/empty', content: Buffer.alloc(0), mode: 0o4755 },
  { ...META, kind: 'file', path: '/lib/systemd/system/wwanpi.service', content: Buffer.from('[Unit]\n') },
  { ...META, kind: 'file', path: '/etc/alias', content: Buffer.from('no link any more\n') },
  { ...META, kind: 'directory', path: '/var/lib/wwanpi', mode: 0o700 },
  {
    stage: 'test',
    kind: 'symlink',
    path: '/etc/systemd/system/a.wants/w.service',
    target: '/lib/systemd/system/wwanpi.service',
  },
  { stage: 'test', kind: 'symlink', path: '/etc/long', target: `/${'long/'.repeat(30)}` },
  { stage: 'test', kind: 'remove', path: '/etc/old' },
  { stage: 'test', kind: 'remove', path: '/etc/never-there' },
  { ...META, kind: 'file', path: '/boot/cmdline.txt', content: Buffer.from('console=tty1 quiet\n') },
  { ...META, kind: 'file', path: '/boot/wwanpi/A long file name.txt', content: Buffer.alloc(3000, 'y') },
  { stage: 'test', kind: 'remove', path: '/boot/overlays/disable-bt.dtbo' },
];
