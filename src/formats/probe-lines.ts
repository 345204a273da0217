/** One line of the probe inside the image (overlays/boot-test/probe). */
export interface ProbeLine {
  /** Seconds of the guest's time since its kernel started. */
  readonly uptimeSeconds: number;
  /** `up`, `link`, `address`, `routes`, `resolv`, `units`, `looked`, `journal`, `own`, `dns`, `ping`, `fetch`, `doctor`, `motd`, `led`, `resources`. */
  readonly kind: string;
  readonly text: string;
}

/** A default route from /proc/net/route. */
export interface DefaultRoute {
  readonly device: string;
  readonly gateway: string;
  readonly metric: number;
}

/** State of a systemd unit, from `systemctl show`. */
export interface UnitState {
  readonly name: string;
  readonly active: string;
  readonly sub: string;
  readonly result: string;
}

/** The probe has looked at these things. It prints only what has changed. */
export interface Look {
  /** When it began to look. */
  readonly uptimeSeconds: number;
  /** `address`, `routes`, `resolv`, `units`. */
  readonly kinds: readonly string[];
}

/** The resources in use at one moment; `supervisor` is absent in an image without one. */
export interface Resources {
  readonly processes: number;
  /** Open files of the whole system. */
  readonly files: number;
  readonly availableKb: number;
  /** Since the start of the system. */
  readonly switches: number;
  readonly forks: number;
  readonly supervisor: SupervisorResources | undefined;
}

/** Those of the supervisor's own process; its processor time includes that of its ended children. */
export interface SupervisorResources {
  readonly files: number;
  readonly kb: number;
  /** How often it woke up after waiting. */
  readonly wakeups: number;
  readonly processorSeconds: number;
}

/** USER_HZ, the unit of times in /proc/PID/stat; the same on every Linux today (proc(5)). */
export const TICKS_PER_SECOND = 100;

/** Separates the items of a list, so items may contain spaces and tabs. */
const SEPARATOR = '\x1e';

/** Parses a line `uptime TAB kind TAB text`; undefined if it is not one. */
export function parseProbeLine(line: string): ProbeLine | undefined {
  const [, uptime, kind, text] = /^(\d+\.\d+)\t([a-z]+)\t(.*)$/.exec(line) ?? [];
  if (uptime === undefined || kind === undefined || text === undefined) return undefined;
  return { uptimeSeconds: Number(uptime), kind, text };
}

/** The text of a `routes` line, the preferred route (lowest metric) first. */
export function parseRoutes(text: string): DefaultRoute[] {
  return splitList(text)
    .map((item) => item.split(' '))
    .map(([device = '', gateway = '', metric]) => ({
      device,
      gateway: parseHexAddress(gateway),
      metric: Number(metric),
    }))
    .sort((a, b) => a.metric - b.metric);
}

/** The text of a `resolv` line: the whole resolv.conf. */
export function parseResolv(text: string): string {
  return text.replaceAll(SEPARATOR, '\n');
}

/** The text of a `units` line. */
export function parseUnits(text: string): UnitState[] {
  return text
    .split(SEPARATOR + SEPARATOR)
    .map((block) => new Map(splitList(block).map((pair) => splitOnce(pair))))
    .filter((properties) => properties.has('Id'))
    .map((properties) => ({
      name: properties.get('Id') ?? '',
      active: readState(properties),
      sub: properties.get('SubState') ?? '',
      result: properties.get('Result') ?? '',
    }));
}

/** `failed` also for a unit with RemainAfterExit= whose program failed: systemd 232 reports it as active. */
function readState(properties: ReadonlyMap<string, string>): string {
  const active = properties.get('ActiveState') ?? '';
  const stayed = active === 'active' && properties.get('SubState') === 'exited';
  return stayed && !['', 'success'].includes(properties.get('Result') ?? '') ? 'failed' : active;
}

/** The text of a `looked` line: when the look began, then its kinds; undefined if it is not one. */
export function parseLook(text: string): Look | undefined {
  const [began, ...kinds] = text.split(' ');
  return /^\d+\.\d+$/.test(began ?? '') ? { uptimeSeconds: Number(began), kinds } : undefined;
}

/** The text of a `resources` line, `name=number` pairs; undefined if a required one is missing. */
export function parseResources(text: string): Resources | undefined {
  const values = new Map(text.split(' ').map((pair) => splitOnce(pair)));
  const number = (name: string) => Number(values.get(name) ?? Number.NaN);
  const all = {
    processes: number('processes'),
    files: number('files'),
    availableKb: number('available_kb'),
    switches: number('system_switches'),
    forks: number('system_forks'),
  };
  if (Object.values(all).some(Number.isNaN)) return undefined;
  const own = {
    files: number('supervisor_files'),
    kb: number('supervisor_kb'),
    wakeups: number('supervisor_wakeups'),
    processorSeconds: number('supervisor_ticks') / TICKS_PER_SECOND,
  };
  return { ...all, supervisor: Object.values(own).some(Number.isNaN) ? undefined : own };
}

function splitList(text: string): string[] {
  return text.split(SEPARATOR).filter((item) => item !== '');
}

function splitOnce(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return [pair.slice(0, at), pair.slice(at + 1)];
}

/** `0940400A` is 10.64.64.9: the kernel prints the four bytes as a little-endian number. */
function parseHexAddress(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  return bytes
    .map((byte) => Number.parseInt(byte, 16))
    .reverse()
    .join('.');
}
