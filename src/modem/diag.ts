/**
 * Qualcomm's diagnostic protocol (QCDM) on the diag port, as libqcdm reads it: frames end at 7e, 7d escapes, and a CRC
 * of 16 bits stands before the end. It answers who it is, and refuses the rest.
 */
export interface DiagPort {
  input(bytes: Buffer): void;
  /** The modem lost power. */
  powerDown(): void;
}

const END = 0x7e;
const ESCAPE = 0x7d;
const MASK = 0x20;
const MAX_FRAME = 4096;
/** DIAG_CMD_VERSION_INFO and DIAG_CMD_BAD_CMD of libqcdm. */
const COMMAND = { version: 0x00, bad: 0x13 } as const;

/** DMCmdVersionInfoRsp of libqcdm: two dates and times, the model, and numbers of the firmware; all invented. */
const version = (model: string) =>
  Buffer.concat([
    Buffer.from('Mar 05 201217:00:00Mar 05 201217:00:00', 'latin1'),
    Buffer.from(model.slice(0, 8).padEnd(8), 'latin1'),
    Buffer.from([0, 6, 1, 0, 0, 2, 0, 0]),
  ]);

/** The diag port of a modem of that name; it answers through `write`. */
export function createDiagPort(model: string, write: (bytes: Buffer) => void): DiagPort {
  let rest = Buffer.alloc(0);
  return {
    input(bytes) {
      rest = Buffer.concat([rest, bytes]);
      for (let end = rest.indexOf(END); end >= 0; end = rest.indexOf(END)) {
        const command = decode(rest.subarray(0, end));
        rest = rest.subarray(end + 1);
        if (command !== undefined) write(encode(answer(command, model)));
      }
      if (rest.length > MAX_FRAME) rest = Buffer.alloc(0);
    },
    powerDown() {
      rest = Buffer.alloc(0);
    },
  };
}

function answer(command: Buffer, model: string): Buffer {
  return command[0] === COMMAND.version
    ? Buffer.concat([Buffer.from([COMMAND.version]), version(model)])
    : Buffer.concat([Buffer.from([COMMAND.bad]), command]);
}

/** The command of a frame without its end; undefined if the CRC is wrong, as that of AT commands sent here is. */
function decode(frame: Buffer): Buffer | undefined {
  const bytes: number[] = [];
  let escaped = false;
  for (const byte of frame) {
    if (byte === ESCAPE) escaped = true;
    else {
      bytes.push(escaped ? byte ^ MASK : byte);
      escaped = false;
    }
  }
  const whole = Buffer.from(bytes);
  if (whole.length < 3) return undefined;
  const command = whole.subarray(0, -2);
  return whole.readUInt16LE(command.length) === crc16(command) ? command : undefined;
}

function encode(command: Buffer): Buffer {
  const crc = crc16(command);
  const bytes: number[] = [];
  for (const byte of [...command, crc & 0xff, crc >> 8]) {
    if (byte === END || byte === ESCAPE) bytes.push(ESCAPE, byte ^ MASK);
    else bytes.push(byte);
  }
  return Buffer.from([...bytes, END]);
}

/** CRC-16/X-25: the frame check sequence of HDLC (RFC 1662 appendix C). */
export function crc16(bytes: Buffer): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ 0x8408 : crc >>> 1;
  }
  return ~crc & 0xffff;
}
