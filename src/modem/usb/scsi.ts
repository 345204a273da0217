import { SECTOR_SIZE } from './iso-image.ts';

/** The answer to a SCSI command: data for the host (maybe none), or a refusal with its sense. */
export type ScsiAnswer =
  | { readonly ok: true; readonly data: Buffer; readonly action?: 'switch-mode' }
  | { readonly ok: false; readonly sense: Sense };

/** Sense key and additional code, SPC-4 §4.5. */
export interface Sense {
  readonly key: number;
  readonly code: number;
}

/** A logical unit: answers commands, and remembers the sense of the last refusal. */
export interface ScsiUnit {
  execute(cdb: Buffer): ScsiAnswer;
}

/** The kind of drive, and its medium. */
export interface ScsiDrive {
  readonly kind: 'cdrom' | 'disk';
  readonly product: string;
  /** Undefined if there is no disc or card. */
  readonly medium?: Buffer;
}

const NO_SENSE: Sense = { key: 0, code: 0 };
const NO_MEDIUM: Sense = { key: 2, code: 0x3a };
const INVALID_COMMAND: Sense = { key: 5, code: 0x20 };
const OUT_OF_RANGE: Sense = { key: 5, code: 0x21 };
const INVALID_FIELD: Sense = { key: 5, code: 0x24 };

/** Mode page 2Ah (MMC-5 annex E): reads, loads by a tray. */
const CD_CAPABILITIES = Buffer.concat([Buffer.from([0x2a, 18, 0, 0, 0, 0, 0x20]), Buffer.alloc(13)]);

/** A drive that can be read. Commands and layouts: SPC-4, SBC-3, MMC-5. */
export function createScsiUnit(drive: ScsiDrive): ScsiUnit {
  let sense = NO_SENSE;
  const { medium } = drive;
  const blockSize = drive.kind === 'cdrom' ? SECTOR_SIZE : 512;

  function run(cdb: Buffer): ScsiAnswer {
    switch (cdb[0]) {
      case 0x00: // TEST UNIT READY
        return medium === undefined ? refuse(NO_MEDIUM) : done();
      case 0x03: // REQUEST SENSE
        return done(cut(encodeSense(sense), cdb[4]));
      case 0x11: // Huawei's own: leave factory mode
        return cdb[1] === 0x06 ? { ...done(), action: 'switch-mode' } : refuse(INVALID_FIELD);
      case 0x12: // INQUIRY
        return (cdb.readUInt8(1) & 1) !== 0
          ? refuse(INVALID_FIELD)
          : done(cut(inquiry(drive), cdb.readUInt16BE(3)));
      case 0x1a: // MODE SENSE(6)
        return done(cut(modeSense(4, drive), cdb[4]));
      case 0x5a: // MODE SENSE(10)
        return done(cut(modeSense(8, drive), cdb.readUInt16BE(7)));
      case 0x1b: // START STOP UNIT
      case 0x1e: // PREVENT ALLOW MEDIUM REMOVAL
      case 0x35: // SYNCHRONIZE CACHE
        return done();
      case 0x25: // READ CAPACITY(10)
        return medium === undefined ? refuse(NO_MEDIUM) : done(capacity(medium, blockSize));
      case 0x28: // READ(10)
        return read(cdb.readUInt32BE(2), cdb.readUInt16BE(7));
      case 0x43: // READ TOC/PMA/ATIP
        if (drive.kind !== 'cdrom') return refuse(INVALID_COMMAND);
        return medium === undefined ? refuse(NO_MEDIUM) : readToc(cdb, medium);
      default:
        return refuse(INVALID_COMMAND);
    }
  }

  function read(block: number, count: number): ScsiAnswer {
    if (medium === undefined) return refuse(NO_MEDIUM);
    const end = (block + count) * blockSize;
    return end > medium.length ? refuse(OUT_OF_RANGE) : done(medium.subarray(block * blockSize, end));
  }

  return {
    execute(cdb) {
      const padded = Buffer.alloc(16);
      cdb.copy(padded);
      const answer = run(padded);
      sense = answer.ok ? NO_SENSE : answer.sense;
      return answer;
    },
  };
}

function done(data: Buffer = Buffer.alloc(0)): ScsiAnswer & { ok: true } {
  return { ok: true, data };
}

function refuse(sense: Sense): ScsiAnswer {
  return { ok: false, sense };
}

/** Fixed format, current error (SPC-4 §4.5.3). */
function encodeSense({ key, code }: Sense): Buffer {
  const bytes = Buffer.alloc(18);
  bytes[0] = 0x70;
  bytes[2] = key;
  bytes[7] = 10;
  bytes[12] = code;
  return bytes;
}

/** Standard INQUIRY data: removable, SPC-2, vendor, product, revision. */
function inquiry({ kind, product }: ScsiDrive): Buffer {
  const bytes = Buffer.alloc(36, ' ');
  Buffer.from([kind === 'cdrom' ? 5 : 0, 0x80, 2, 2, 31, 0, 0, 0]).copy(bytes);
  bytes.write('HUAWEI', 8, 'latin1');
  bytes.write(product.slice(0, 16), 16, 'latin1');
  bytes.write('2.31', 32, 'latin1');
  return bytes;
}

/** Header only, write-protected; for a CD-ROM also the capabilities page 2Ah, which sr reads. */
function modeSense(headerSize: 4 | 8, { kind }: ScsiDrive): Buffer {
  const page = kind === 'cdrom' ? CD_CAPABILITIES : Buffer.alloc(0);
  const header = Buffer.alloc(headerSize);
  const length = header.length + page.length;
  if (headerSize === 4) {
    header[0] = length - 1;
    header[2] = 0x80;
  } else {
    header.writeUInt16BE(length - 2, 0);
    header[3] = 0x80;
  }
  return Buffer.concat([header, page]);
}

function capacity(medium: Buffer, blockSize: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(medium.length / blockSize - 1, 0);
  bytes.writeUInt32BE(blockSize, 4);
  return bytes;
}

/** One data track and the lead-out (MMC-5 §6.26, format 0). */
function readToc(cdb: Buffer, medium: Buffer): ScsiAnswer {
  if ((cdb.readUInt8(2) & 0x0f) > 1 || cdb.readUInt8(9) >> 6 !== 0) return refuse(INVALID_FIELD);
  const msf = (cdb.readUInt8(1) & 2) !== 0;
  const track = (number: number, block: number) => Buffer.from([0, 0x14, number, 0, ...address(block, msf)]);
  const tracks = [track(1, 0), track(0xaa, medium.length / SECTOR_SIZE)];
  return done(cut(Buffer.concat([Buffer.from([0, 18, 1, 1]), ...tracks]), cdb.readUInt16BE(7)));
}

function address(block: number, msf: boolean): number[] {
  if (!msf) return [block >>> 24, (block >> 16) & 0xff, (block >> 8) & 0xff, block & 0xff];
  const frames = block + 150;
  return [0, Math.floor(frames / 4500), Math.floor(frames / 75) % 60, frames % 75];
}

function cut(data: Buffer, allocation: number | undefined): Buffer {
  return data.subarray(0, allocation ?? 0);
}
