import type { Argv } from '../core/exec.ts';
import type { Architecture } from '../core/model.ts';
import type { ProcessEnd } from './exec.ts';

/** A boot of one image in QEMU. */
export interface QemuMachine {
  /** Of the guest's kernel. */
  readonly architecture: Architecture;
  readonly kernelPath: string;
  readonly initrdPath: string;
  /** The kernel command line. */
  readonly append: string;
  /** The raw image; opened with snapshot=on, so it is never written. Absent in the small guest. */
  readonly diskPath?: string;
  /** The guest's writes are kept in the file at `diskPath`, which is then a copy. */
  readonly keepWrites?: boolean;
  /** With `keepWrites`: a new file into which every write and flush of the disk is logged, as dm-log-writes does. */
  readonly writeLogPath?: string;
  /** Unix socket of the emulated modem's usbredir server; absent: no modem. */
  readonly modemSocket?: string;
  /** The same for a second modem, on the next port. */
  readonly secondModemSocket?: string;
  /** Unix socket of the network behind a second card, like a Pi's Ethernet; absent: no such card. */
  readonly cableSocket?: string;
  /** A keyboard, for its LEDs: the board has no other. */
  readonly keyboard?: boolean;
  /** The file for the output of the guest's serial console. */
  readonly consolePath: string;
  /** Unix socket on which `tools/serial-console.ts` listens for that console, to type into it; absent: only the file. */
  readonly consoleSocket?: string;
  /** The file for the output of the guest's probe, which writes to a virtio port. */
  readonly probePath: string;
  /** Unix socket on which `tools/qmp.ts` listens for QEMU's control channel (QMP). */
  readonly qmpSocket: string;
  /**
   * Unix socket on which QEMU waits for the state of an equal machine (`tools/qemu-state.ts`), to go on from it. The
   * outputs of console and probe are then appended to their files. Absent: the machine is switched on.
   */
  readonly stateSocket?: string;
}

/**
 * The guest's time that one instruction takes: 2^2 ns, so the guest executes 250 million instructions a second. That is
 * about half a Pi 1, so an image that is fast enough here is fast enough there.
 */
const ICOUNT_SHIFT = 2;

/** The guest's time in milliseconds, from the instruction count of `query-replay`. */
export function toGuestMs(instructions: number): number {
  return (instructions * 2 ** ICOUNT_SHIFT) / 1e6;
}

/**
 * Words for the guest's kernel that `-icount` requires. An idle kernel must go on executing instructions (`nohlt`,
 * kernel-parameters.txt). If it stopped the processor instead, QEMU would let the guest's time follow the host's.
 */
export const GUEST_CLOCK_WORDS: readonly string[] = ['nohlt'];

/**
 * The `virt` board, with the processor of a Pi 3 for arm64. A Pi's own boards cannot be used: the dwc2 model of `raspi2b`
 * aborts when a redirected ttyUSB is closed (QEMU 7.2, hw/usb/core.c). `highmem=off` is needed because Debian's armmp
 * kernel, without LPAE, cannot reach the PCIe window above 4 GiB.
 */
const BOARDS: Readonly<Record<Architecture, Argv>> = {
  armhf: ['qemu-system-arm', '-M', 'virt,highmem=off', '-cpu', 'cortex-a15'],
  arm64: ['qemu-system-aarch64', '-M', 'virt', '-cpu', 'cortex-a53'],
};

/** QEMU's command line: a board with the modem on an xHCI controller. */
export function qemuArgv(machine: QemuMachine): Argv {
  const append = machine.stateSocket === undefined ? '' : ',append=on';
  return [
    ...BOARDS[machine.architecture],
    ...['-m', '1024', '-smp', '1'],
    // The guest's clock counts instructions, not the host's seconds. A slow or busy host takes longer, but no limit
    // expires: the guest's own time-outs follow the same clock.
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
      machine.consoleSocket === undefined
        ? `file,id=console,path=${doubleCommas(machine.consolePath)}${append}`
        : `socket,id=console,path=${doubleCommas(machine.consoleSocket)},logfile=${doubleCommas(machine.consolePath)}`,
      '-serial',
      'chardev:console',
    ],
    ...[
      '-device',
      'virtio-serial-device',
      '-chardev',
      `file,id=probe,path=${doubleCommas(machine.probePath)}${append}`,
    ],
    ...['-device', 'virtserialport,chardev=probe,name=wwanpi.probe'],
    ...(machine.diskPath === undefined
      ? []
      : [...driveArgs(machine, machine.diskPath), '-device', 'virtio-blk-device,drive=disk']),
    // On the MMIO bus, so not by -nic, which makes PCI cards only: their option ROM is in another package.
    ...(machine.cableSocket === undefined
      ? ['-nic', 'none']
      : [
          '-netdev',
          `stream,id=cable,server=off,addr.type=unix,addr.path=${doubleCommas(machine.cableSocket)}`,
          ...['-device', 'virtio-net-device,netdev=cable'],
        ]),
    ...['-device', 'qemu-xhci,id=xhci'],
    // On the PCI bus: the board's MMIO cards are of the old kind, for which the kernel's virtio_input has no driver.
    ...(machine.keyboard === true ? ['-device', 'virtio-keyboard-pci'] : []),
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
    ...(machine.stateSocket === undefined
      ? []
      : // A colon separates the kind from the path alone, so a path may hold any other character (qemu(1), -incoming).
        ['-S', '-incoming', `unix:${machine.stateSocket}`]),
  ];
}

function driveArgs({ keepWrites, writeLogPath }: QemuMachine, diskPath: string): string[] {
  const file = doubleCommas(diskPath);
  if (writeLogPath === undefined)
    return [
      '-drive',
      `file=${file},if=none,id=disk,format=raw,snapshot=${keepWrites === true ? 'off' : 'on'}`,
    ];
  const log = doubleCommas(writeLogPath);
  return [
    ...['-blockdev', `driver=file,node-name=file,filename=${file}`],
    ...['-blockdev', `driver=file,node-name=log,filename=${log}`],
    ...['-blockdev', 'driver=blklogwrites,node-name=disk,file=file,log=log,log-sector-size=512'],
  ];
}

/** A comma inside a value is doubled (qemu(1), -drive). */
function doubleCommas(path: string): string {
  return path.replaceAll(',', ',,');
}

/** What a QEMU has ended with, in words: its signal or exit code, and what it said. */
export function describeQemuEnd({ signal, exitCode, stderr }: ProcessEnd): string {
  const said = stderr.trim();
  return `QEMU ended (${signal ?? `exit code ${exitCode}`})${said === '' ? '' : `: ${said}`}`;
}
