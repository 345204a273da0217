import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** An lsblk in front of the machine's own: no machine of CI has a card reader. */
export interface FakeLsblk {
  /** PATH for the command under test. */
  readonly path: string;
  /** The block device is shown as a card in a USB reader from now on. */
  show(device: string, card: { readonly sizeBytes: number; readonly vendor?: string }): void;
  /** From now on it first waits until the file is there, when it is to list devices. */
  waitFor(file: string): void;
}

/** @param folder gets a folder `bin`; at first there are no devices */
export function makeFakeLsblk(folder: string): FakeLsblk {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  let devices: unknown[] = [];
  let gate = '';
  const write = (): void => {
    const json = JSON.stringify({ blockdevices: devices });
    const wait =
      gate === '' ? '' : `case "$*" in *--json*) while ! test -e '${gate}'; do sleep 0.1; done;; esac\n`;
    writeFileSync(join(bin, 'lsblk'), `#!/bin/sh\n${wait}cat <<'END'\n${json}\nEND\n`, { mode: 0o755 });
  };
  write();
  return {
    path: `${bin}:${process.env.PATH ?? ''}`,
    show(device, { sizeBytes, vendor = 'Acme' }) {
      const numbers = execFileSync('lsblk', ['--noheadings', '--output', 'MAJ:MIN', device], {
        encoding: 'utf8',
      });
      devices = [
        {
          ...{ name: basename(device), path: device, 'maj:min': numbers.trim(), type: 'disk' },
          ...{ size: sizeBytes, ro: false, rm: true, hotplug: true, tran: 'usb', vendor, model: 'Card' },
          ...{ serial: null, mountpoints: [null], fstype: null, label: null, pttype: null },
        },
      ];
      write();
    },
    waitFor(file) {
      gate = file;
      write();
    },
  };
}
