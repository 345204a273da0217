import type { Sim } from './sim.ts';

/** Elementary files of a SIM (TS 31.102 §4.2, TS 102 221 §13.2). */
const FILE = { iccid: 0x2fe2, imsi: 0x6f07, administrative: 0x6fad } as const;

/**
 * The content of a file of the SIM; undefined if it has none of that number, `locked` if the PIN comes first.
 */
export function readSimFile(sim: Sim, id: number): Buffer | 'locked' | undefined {
  if (id === FILE.iccid) return swapNibbles(sim.iccid);
  if (id !== FILE.imsi && id !== FILE.administrative) return undefined;
  if (!sim.ready) return 'locked';
  // §4.2.18: normal operation, and a network code of two digits.
  if (id === FILE.administrative) return Buffer.from([0, 0, 0, 2]);
  // §4.2.2: the length, then the digits after the type of identity (1) and an odd parity (8).
  const digits = swapNibbles(`9${sim.imsi}`);
  return Buffer.concat([Buffer.from([digits.length]), digits]);
}

/** Digits in pairs, each pair swapped, padded with F. */
function swapNibbles(digits: string): Buffer {
  const even = digits.length % 2 === 0 ? digits : `${digits}f`;
  return Buffer.from(even.replace(/(.)(.)/g, '$2$1'), 'hex');
}
