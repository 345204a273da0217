import type { EventLog } from '../events.ts';
import type { Bus, ControlAnswer, Setup } from './device.ts';
import { createScsiUnit, type ScsiDrive } from './scsi.ts';

/** A Bulk-Only mass storage function of a device (USB Mass Storage Class Bulk-Only Transport 1.0). */
export interface MassStorage {
  bulkOut(data: Buffer): void;
  /** Class requests for its interface; undefined for others. */
  control(setup: Setup): ControlAnswer | undefined;
  /** Makes it wait for a command again. */
  reset(): void;
}

/** The unit and the device that the function works with. */
export interface MassStorageOptions {
  readonly interface: number;
  readonly inEndpoint: number;
  readonly outEndpoint: number;
  readonly drive: ScsiDrive;
  readonly bus: () => Bus | undefined;
  readonly log: EventLog;
  /** Called after Huawei's switch command, when its status is queued. */
  readonly onSwitch: () => void;
}

const CBW_SIGNATURE = 0x43425355;
const CSW_SIGNATURE = 0x53425355;
const CBW_LENGTH = 31;
const PASSED = 0;
const FAILED = 1;
const GET_MAX_LUN = 0xa1fe;
const RESET = 0x21ff;

/** One logical unit behind a pair of bulk endpoints. */
export function createMassStorage(options: MassStorageOptions): MassStorage {
  const unit = createScsiUnit(options.drive);
  const { inEndpoint, outEndpoint } = options;
  /** The host is sending unwanted data: how much is left, and the status that follows it. */
  let swallowing: { left: number; tag: number; total: number } | undefined;
  /** After an invalid command both endpoints are halted until the host resets (§6.6.1). */
  let broken = false;

  function status(tag: number, residue: number, result: number) {
    const csw = Buffer.alloc(13);
    csw.writeUInt32LE(CSW_SIGNATURE, 0);
    csw.writeUInt32LE(tag, 4);
    csw.writeUInt32LE(residue, 8);
    csw[12] = result;
    options.bus()?.send(inEndpoint, csw);
  }

  function command(cbw: Buffer) {
    const bus = options.bus();
    if (cbw.length !== CBW_LENGTH || cbw.readUInt32LE(0) !== CBW_SIGNATURE) {
      broken = true;
      bus?.halt(inEndpoint);
      bus?.halt(outEndpoint);
      return;
    }
    const tag = cbw.readUInt32LE(4);
    const wanted = cbw.readUInt32LE(8);
    const towardsHost = (cbw.readUInt8(12) & 0x80) !== 0;
    // The command length is ignored: usb_modeswitch's message has 0 there.
    const cdb = cbw.subarray(15, CBW_LENGTH);
    const answer = unit.execute(cdb);
    const result = answer.ok ? PASSED : FAILED;
    options.log.record({
      type: 'scsi',
      lun: options.drive.kind,
      cdb: cdb.toString('hex'),
      status: result,
    });

    if (wanted === 0) status(tag, 0, result);
    else if (!towardsHost) swallowing = { left: wanted, tag, total: wanted };
    else {
      const data = answer.ok ? answer.data.subarray(0, wanted) : Buffer.alloc(0);
      if (data.length > 0) bus?.send(inEndpoint, data);
      // §6.7.2: fewer bytes than requested end with a short packet; no bytes at all, with a stall.
      else bus?.halt(inEndpoint);
      status(tag, wanted - data.length, result);
    }
    if (answer.ok && answer.action === 'switch-mode') options.onSwitch();
  }

  return {
    bulkOut(data) {
      if (broken) return;
      if (swallowing === undefined) return command(data);
      swallowing.left -= data.length;
      if (swallowing.left > 0) return;
      const { tag, total } = swallowing;
      swallowing = undefined;
      status(tag, total, FAILED);
    },
    control(setup) {
      if ((setup.index & 0xff) !== options.interface) return undefined;
      switch ((setup.requestType << 8) | setup.request) {
        case GET_MAX_LUN:
          return Buffer.from([0]);
        case RESET:
          this.reset();
          return 'done';
        default:
          return undefined;
      }
    },
    reset() {
      broken = false;
      swallowing = undefined;
      options.bus()?.flush(inEndpoint);
    },
  };
}
