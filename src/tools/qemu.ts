import type { Argv } from '../core/exec.ts';

/** A boot of one image in QEMU. */
export interface QemuMachine {
  readonly kernelPath: string;
  readonly initrdPath: string;
  /** The kernel command line. */
  readonly append: string;
  /** The raw image; opened with snapshot=on, so nothing is ever written to it. Absent in the small guest. */
  readonly diskPath?: string;
  /** What the guest writes stays in the file at `diskPath`, which is a copy then. */
  readonly keepWrites?: boolean;
  /** Unix socket of the emulated modem's usbredir server; absent: no stick. */
  readonly modemSocket?: string;
  /** The same of a second stick, on the next port. */
  readonly secondModemSocket?: string;
  /** Unix socket of the network behind a second card, as a Pi's on a cable; absent: no such card. */
  readonly cableSocket?: string;
  /** Where what the guest prints on its serial console goes. */
  readonly consolePath: string;
  /** Where what the guest's probe writes to its virtio port goes. */
  readonly probePath: string;
  /** Unix socket on which somebody listens for QEMU's control channel (QMP); `tools/qmp.ts` does. */
  readonly qmpSocket: string;
}

/**
 * How much of the guest's time one instruction takes: 2^2 ns, which makes it a processor of 250 million instructions a
 * second. That is about half a Pi 1, so what is fast enough here is fast enough there.
 */
const ICOUNT_SHIFT = 2;

/** The guest's time in milliseconds, from what `query-replay` counts. */
export function toGuestMs(instructions: number): number {
  return (instructions * 2 ** ICOUNT_SHIFT) / 1e6;
}

/**
 * Words for the guest's kernel that belong to `-icount`. An idle kernel must go on executing instructions (`nohlt`,
 * kernel-parameters.txt). Where it stops the processor instead, QEMU lets the guest's time follow the host's.
 */
export const GUEST_CLOCK_WORDS: readonly string[] = ['nohlt'];

/**
 * QEMU's command line: the `virt` board with the stick on a real xHCI controller. `raspi2b` is no choice:
 * its dwc2 model aborts when a redirected ttyUSB is closed (QEMU 7.2, hw/usb/core.c). `highmem=off` is
 * needed because Debian's armmp kernel, without LPAE, cannot reach the PCIe window above 4 GiB.
 */
export function qemuArgv(machine: QemuMachine): Argv {
  return [
    'qemu-system-arm',
    ...['-M', 'virt,highmem=off', '-cpu', 'cortex-a15', '-m', '1024', '-smp', '1'],
    // The guest's clock counts instructions and not the host's seconds: on a slow or busy host all takes longer, and
    // nothing runs out. The guest's own time-outs follow the same clock.
    ...['-icount', `shift=${ICOUNT_SHIFT}`],
    ...[
      '-chardev',
      `socket,id=qmp,path=${doubleCommas(machine.qmpSocket)}`,
      '-mon',
      'chardev=qmp,mode=control',
    ],
    ...['-nodefaults', '-display', 'none', '-monitor', 'none', '-no-reboot'],
    ...['-kernel', machine.kernelPath, '-initrd', machine.initrdPath, '-append', machine.append],
    ...[
      '-chardev',
      `file,id=console,path=${doubleCommas(machine.consolePath)}`,
      '-serial',
      'chardev:console',
    ],
    ...[
      '-device',
      'virtio-serial-device',
      '-chardev',
      `file,id=probe,path=${doubleCommas(machine.probePath)}`,
    ],
    ...['-device', 'virtserialport,chardev=probe,name=wwanpi.probe'],
    ...(machine.diskPath === undefined
      ? []
      : [
          ...[
            '-drive',
            `file=${doubleCommas(machine.diskPath)},if=none,id=disk,format=raw,snapshot=${machine.keepWrites === true ? 'off' : 'on'}`,
          ],
          ...['-device', 'virtio-blk-device,drive=disk'],
        ]),
    // On the MMIO bus, and so not by -nic, which knows PCI cards alone: their option ROM is another package's.
    ...(machine.cableSocket === undefined
      ? ['-nic', 'none']
      : [
          '-netdev',
          `stream,id=cable,server=off,addr.type=unix,addr.path=${doubleCommas(machine.cableSocket)}`,
          ...['-device', 'virtio-net-device,netdev=cable'],
        ]),
    ...['-device', 'qemu-xhci,id=xhci'],
    ...(machine.modemSocket === undefined
      ? []
      : [
          ...['-chardev', `socket,id=modem,path=${doubleCommas(machine.modemSocket)}`],
          ...['-device', 'usb-redir,chardev=modem,bus=xhci.0'],
        ]),
    ...(machine.secondModemSocket === undefined
      ? []
      : [
          ...['-chardev', `socket,id=second,path=${doubleCommas(machine.secondModemSocket)}`],
          ...['-device', 'usb-redir,chardev=second,bus=xhci.0'],
        ]),
  ];
}

/** A comma inside a value is doubled (qemu(1), -drive). */
function doubleCommas(path: string): string {
  return path.replaceAll(',', ',,');
}
