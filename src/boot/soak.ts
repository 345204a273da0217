import type { Fault } from '../modem/behaviour.ts';
import type { Scenario } from './scenario.ts';

/** Which soak: the same seed drops the same things at the same moments. */
export interface SoakOptions {
  readonly seed: number;
  /** From being online for the first time to the last drop's end. */
  readonly minutes: number;
}

/** The default of `--scenario soak`. */
export const USUAL_SOAK: SoakOptions = { seed: 1, minutes: 60 };

/** Leaves time to count processes, files and memory before the first drop. */
const FIRST_DROP_MS = 180_000;
const STEADY_MS = 120_000;
const BOUND_MS = 90_000;
const HANG_BOUND_MS = 240_000;
/** The limit on a boot under emulation. */
const BOOT_MS = 360_000;

/** The kinds of drop, and how long they last (nothing for those that are over at once or that the Pi ends). */
const DROPS: readonly { readonly what: Fault['what']; readonly forMs?: readonly [number, number] }[] = [
  { what: 'network', forMs: [10_000, 90_000] },
  { what: 'data', forMs: [20_000, 60_000] },
  { what: 'usb', forMs: [3_000, 20_000] },
  { what: 'call' },
  { what: 'clients' },
  { what: 'hang' },
];

/**
 * The link is dropped again and again for an hour, at random: each kind once in random order, then any. A drop never
 * comes before the recovery limit of the drop before it, so each one is measured by itself.
 */
export function soak({ seed, minutes }: SoakOptions = USUAL_SOAK): Scenario {
  return {
    name: 'soak',
    description: `an hour of random drops, online again after each, and nothing grows (--seed, --minutes)`,
    behaviour: { faults: listDrops(seed, minutes * 60_000), registrationDelayMs: 2000 },
    network: { apn: 'expected', credentials: false },
    machine: { ethernet: false, qmicli: 'image' },
    expected: {
      verdict: 'online',
      defaultRoute: 'wwan0',
      leases: 1,
      recoversWithinMs: BOUND_MS,
      hangRecoversWithinMs: HANG_BOUND_MS,
      steadyForMs: STEADY_MS,
    },
    timeoutMs: BOOT_MS + minutes * 60_000 + HANG_BOUND_MS + STEADY_MS,
  };
}

type Drop = Pick<Fault, 'after' | 'ms' | 'what'> & { forMs?: number };

function listDrops(seed: number, untilMs: number): Drop[] {
  const random = createRandom(seed);
  const between = (least: number, most: number) => Math.round(least + random() * (most - least));
  const kinds = [...DROPS];
  const drops: Drop[] = [];
  let at = FIRST_DROP_MS;
  while (at < untilMs) {
    const [kind] = kinds.length > 0 ? kinds.splice(between(0, kinds.length - 1), 1) : [];
    const { what, forMs } = kind ?? (DROPS[between(0, DROPS.length - 1)] as (typeof DROPS)[number]);
    const lasts = forMs === undefined ? 0 : between(...forMs);
    drops.push({ after: 'fetch', ms: at, what, ...(forMs === undefined ? {} : { forMs: lasts }) });
    at += lasts + (what === 'hang' ? HANG_BOUND_MS : BOUND_MS) + between(5_000, 45_000);
  }
  return drops;
}

/** Pseudo-random numbers in [0, 1) from a seed: mulberry32, which is small and uniform enough. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
