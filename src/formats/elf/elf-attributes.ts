/** The build attributes of an ARM object: "Addenda to, and Errata in, the ABI for the Arm Architecture" (ABI addenda), chapter 3. */

/** The processor and calling convention that an ARM ELF was built for. Absent tags are 0. */
export interface ArmAttributes {
  /** Tag_CPU_arch: 6 is v6, 7 v6KZ, 9 v6K, 10 v7, 14 v8-A (`cpuArchName`). */
  readonly cpuArch: number;
  /** Tag_THUMB_ISA_use: 0 none, 1 Thumb-1, 2 Thumb-2, 3 depends on the architecture. */
  readonly thumbIsaUse: number;
  /** Tag_FP_arch: 2 is VFPv2, 3 VFPv3, 4 VFPv3-D16, 5 VFPv4 (`fpArchName`). */
  readonly fpArch: number;
  /** Tag_Advanced_SIMD_arch: 0 none, 1 NEON, 2 NEON with fused multiply-add. */
  readonly advancedSimdArch: number;
  /** Tag_ABI_VFP_args: 1 means that arguments are passed in VFP registers (hard-float). */
  readonly abiVfpArgs: number;
}

/** The tag numbers of the ABI addenda, section 3.3.5. */
const TAG = { File: 1, CPU_raw_name: 4, CPU_name: 5, CPU_arch: 6, THUMB_ISA_use: 9, FP_arch: 10 } as const;
const TAG_ADVANCED_SIMD_ARCH = 12;
const TAG_ABI_VFP_ARGS = 28;
const TAG_COMPATIBILITY = 32;

const CPU_ARCH_NAMES = [
  'pre-v4',
  'v4',
  'v4T',
  'v5T',
  'v5TE',
  'v5TEJ',
  'v6',
  'v6KZ',
  'v6T2',
  'v6K',
  'v7',
  'v6-M',
  'v6S-M',
  'v7E-M',
  'v8-A',
];
const FP_ARCH_NAMES = ['none', 'VFPv1', 'VFPv2', 'VFPv3', 'VFPv3-D16', 'VFPv4', 'VFPv4-D16', 'ARMv8-A FP'];

/**
 * The file-scope attributes of a `.ARM.attributes` section. Never throws: from a truncated or malformed section
 * it returns the attributes before the error.
 */
export function parseArmAttributes(section: Uint8Array): ArmAttributes {
  const tags = new Map<number, number>();
  const view = new DataView(section.buffer, section.byteOffset, section.byteLength);
  if (section[0] !== 0x41) return toAttributes(tags); // 'A', the format's version
  let at = 1;
  while (at + 4 <= section.length) {
    const vendorSize = view.getUint32(at, true);
    const vendorEnd = Math.min(at + vendorSize, section.length);
    const nameEnd = section.indexOf(0, at + 4);
    if (vendorSize < 5 || nameEnd === -1 || nameEnd >= vendorEnd) break;
    const vendor = Buffer.from(section.subarray(at + 4, nameEnd)).toString('latin1');
    if (vendor === 'aeabi') readSubsections(section, nameEnd + 1, vendorEnd, tags);
    at = vendorEnd;
  }
  return toAttributes(tags);
}

/** `v6` for 6, as readelf -A prints it. */
export function cpuArchName(value: number): string {
  return CPU_ARCH_NAMES[value] ?? `architecture ${value}`;
}

/** `VFPv2` for 2, as readelf -A prints it. */
export function fpArchName(value: number): string {
  return FP_ARCH_NAMES[value] ?? `FP architecture ${value}`;
}

function readSubsections(section: Uint8Array, start: number, end: number, tags: Map<number, number>): void {
  const view = new DataView(section.buffer, section.byteOffset, section.byteLength);
  let at = start;
  while (at + 5 <= end) {
    const scope = readUleb128(section, at, end);
    if (scope.next + 4 > end) return;
    const size = view.getUint32(scope.next, true);
    const subsectionEnd = Math.min(at + size, end);
    if (size < 5) return;
    if (scope.value === TAG.File) readTags(section, scope.next + 4, subsectionEnd, tags);
    at = subsectionEnd;
  }
}

function readTags(section: Uint8Array, start: number, end: number, tags: Map<number, number>): void {
  let at = start;
  while (at < end) {
    const tag = readUleb128(section, at, end);
    at = tag.next;
    if (tag.value === TAG_COMPATIBILITY) {
      at = skipString(section, readUleb128(section, at, end).next, end);
    } else if (isStringTag(tag.value)) {
      at = skipString(section, at, end);
    } else {
      const value = readUleb128(section, at, end);
      tags.set(tag.value, value.value);
      at = value.next;
    }
  }
}

/** Section 3.3.1: from 32 on, odd tags carry a string and even ones a number. */
function isStringTag(tag: number): boolean {
  return tag === TAG.CPU_raw_name || tag === TAG.CPU_name || (tag > TAG_COMPATIBILITY && tag % 2 === 1);
}

function skipString(section: Uint8Array, start: number, end: number): number {
  const zero = section.indexOf(0, start);
  return zero === -1 || zero >= end ? end : zero + 1;
}

function readUleb128(bytes: Uint8Array, start: number, end: number): { value: number; next: number } {
  let value = 0;
  let at = start;
  for (let shift = 0; at < end; shift += 7) {
    const byte = bytes[at] ?? 0;
    at += 1;
    if (shift < 28) value += (byte & 0x7f) * 2 ** shift;
    if ((byte & 0x80) === 0) break;
  }
  return { value, next: at };
}

function toAttributes(tags: ReadonlyMap<number, number>): ArmAttributes {
  return {
    cpuArch: tags.get(TAG.CPU_arch) ?? 0,
    thumbIsaUse: tags.get(TAG.THUMB_ISA_use) ?? 0,
    fpArch: tags.get(TAG.FP_arch) ?? 0,
    advancedSimdArch: tags.get(TAG_ADVANCED_SIMD_ARCH) ?? 0,
    abiVfpArgs: tags.get(TAG_ABI_VFP_ARGS) ?? 0,
  };
}
