import { gunzipSync } from 'node:zlib';

/** `yield` and `nop` (Arm Architecture Reference Manual, C6.2): hints that differ in one bit. */
const YIELD = 0xd503203f;
const NOP = 0xd503201f;
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * An arm64 kernel (`Image`, or one compressed by gzip) for a QEMU with `-icount`. Its idle loop (`nohlt`) consists of
 * `yield`, at which such a QEMU leaves its translated code every time (QEMU 7.2, target/arm/translate-a64.c): an idle
 * guest is twenty times slower than one at work. On one processor a `nop` does the same, so each becomes one.
 */
export function replaceYields(kernel: Uint8Array): Uint8Array {
  const isGzip = kernel[0] === 0x1f && kernel[1] === 0x8b;
  const image = Uint8Array.from(isGzip ? gunzipSync(kernel, { maxOutputLength: MAX_BYTES }) : kernel);
  const view = new DataView(image.buffer);
  for (let at = 0; at + 4 <= image.length; at += 4) {
    if (view.getUint32(at, true) === YIELD) view.setUint32(at, NOP, true);
  }
  return image;
}
