/** One line of the probe inside the image (overlays/boot-test/probe). */
export interface ProbeLine {
  /** Of the guest, since its kernel started. */
  readonly uptimeSeconds: number;
  /** `up`, `address`, `routes`, `resolv`, `units`, `journal`, `dns`, `ping`, `fetch`. */
  readonly kind: string;
  readonly text: string;
}

/** A default route as /proc/net/route has it. */
export interface DefaultRoute {
  readonly device: string;
  readonly gateway: string;
  readonly metric: number;
}

/** State of a systemd unit, as `systemctl show` has it. */
export interface UnitState {
  readonly name: string;
  readonly active: string;
  readonly sub: string;
  readonly result: string;
}

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
      active: properties.get('ActiveState') ?? '',
      sub: properties.get('SubState') ?? '',
      result: properties.get('Result') ?? '',
    }));
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
