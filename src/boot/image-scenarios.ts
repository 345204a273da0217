import type { Scenario } from './scenario.ts';
import { usual } from './scenario-parts.ts';

/** What the image brings besides dialling: its doctor, packages, kernel, and what it uses when nothing happens. */
export const IMAGE_SCENARIOS: readonly Scenario[] = [
  {
    ...usual,
    name: 'doctor',
    description: "once online, the image's own wwan-doctor is asked and finds nothing ill",
    behaviour: {},
    machine: { ...usual.machine, doctor: true },
  },
  {
    ...usual,
    name: 'packages-at-first-boot',
    description:
      "an image with packages, scripts and a service of one's own: the power is cut twice while they are installed",
    behaviour: {},
    machine: { ...usual.machine, powerCutsInFirstBootMs: [2500, 2500] },
    expected: {
      ...usual.expected,
      firstBootWithinMs: 240_000,
      journal: 'packages: was interrupted; it begins again',
    },
  },
  {
    ...usual,
    name: 'own-kernel',
    description:
      "the kernel and the initramfs of the image itself start, as its config.txt names them; for images with Debian's kernel",
    behaviour: {},
    machine: { ...usual.machine, kernel: 'image' },
  },
  {
    ...usual,
    name: 'idle',
    description: 'ten minutes of nothing once online: what the supervisor uses up, and that nothing grows',
    behaviour: {},
    expected: { ...usual.expected, steadyForMs: 600_000 },
    timeoutMs: 1_080_000,
  },
];
