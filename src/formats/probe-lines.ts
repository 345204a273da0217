/** One line of the probe inside the image (overlays/boot-test/probe). */
export interface ProbeLine {
  /** Of the guest, since its kernel started. */
  readonly uptimeSeconds: number;
  /** `up`, `address`, `routes`, `resolv`, `units`, `looked`, `journal`, `dns`, `ping`, `fetch`, `doctor`, `resources`. */
  readonly kind: string;
  readonly text: string;
}

/** A default route as /proc/net/route has it. */
export interface DefaultRoute {
  readonly device: string;
  readonly gateway: string;
  readonly metric: number;
}

/** State of a systemd unit, as `systemctl quoteForMessage` has it. */
export interface UnitState {
  readonly name: string;
  readonly active: string;
  readonly sub: string;
  readonly result: string;
}

/** The probe has looked at these things. It says what it finds only where that has changed. */
export interface Look {
  /** When it began to look. */
  readonly uptimeSeconds: number;
  /** `address`, `routes`, `resolv`, `units`. */
  readonly kinds: readonly string[];
}

/** What there is of everything at one moment; of the supervisor, nothing where there is none. */
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

/** Of the supervisor's own process; its processor time is that of its ended children too. */
export interface SupervisorResources {
  readonly files: number;
  readonly kb: number;
  /** How often it was waiting and went on. */
  readonly wakeups: number;
  readonly processorSeconds: number;
}

/** USER_HZ, in which /proc/PID/stat counts; the same on every Linux of today (proc(5)). */
export const TICKS_PER_SECOND = 100;

/** Separates what is in a list, so that spaces and tabs may stand in it. */
const SEPARATOR = '\x1e';

/** A line `uptime TAB kind TAB text`; undefined when it is not one. */
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

/** The text of a `resolv` line: resolv.conf as it stands. */
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

/** `failed` too where systemd 232 has a unit of RemainAfterExit= stay active though its program failed. */
function readState(properties: ReadonlyMap<string, string>): string {
  const active = properties.get('ActiveState') ?? '';
  const stayed = active === 'active' && properties.get('SubState') === 'exited';
  return stayed && !['', 'success'].includes(properties.get('Result') ?? '') ? 'failed' : active;
}

/** The text of a `looked` line: when it began, then what it looked at; undefined when it is not one. */
export function parseLook(text: string): Look | undefined {
  const [began, ...kinds] = text.split(' ');
  return /^\d+\.\d+$/.test(began ?? '') ? { uptimeSeconds: Number(began), kinds } : undefined;
}

/** The text of a `resources` line, `name=number` pairs; undefined where what every system has is missing. */
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

/** `0940400A` is 10.64.64.9: the kernel prints the bytes in memory as a number of a little-endian machine. */
function parseHexAddress(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  return bytes
    .map((byte) => Number.parseInt(byte, 16))
    .reverse()
    .join('.');
}
