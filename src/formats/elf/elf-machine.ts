import type { Architecture } from '../../core/model.ts';
import { isElf } from './elf.ts';

/** EI_CLASS and e_machine (System V ABI; ELF for the Arm Architecture): EM_ARM and EM_AARCH64. */
const MACHINES: Readonly<Record<Architecture, readonly [bits: number, machine: number]>> = {
  armhf: [1, 40],
  arm64: [2, 183],
};

/** Whether an ELF file is for a processor of this architecture, little-endian; false for other bytes. */
export function isElfFor(bytes: Uint8Array, architecture: Architecture): boolean {
  const [bits, machine] = MACHINES[architecture];
  return isElf(bytes) && bytes[4] === bits && bytes[5] === 1 && bytes[18] === machine && bytes[19] === 0;
}
