import type { Behaviour } from '../behaviour.ts';
import type { EventLog } from '../events.ts';
import type { TcpService } from './tcp.ts';

const MAX_HEAD = 16_384;

/**
 * The addresses by which NetworkManager checks a connection by itself: Debian's (package
 * network-manager-config-connectivity-debian) and GNOME's. They are no sign that a program of the Pi uses the network.
 */
const CHECKS: readonly string[] = [
  'network-test.debian.org/nm',
  'nmcheck.gnome.org/check_network_status.txt',
];
/** What it takes for "full" connectivity (src/core/nm-connectivity.c, HEADER_STATUS_ONLINE). */
const CHECK_HEADER = 'X-NetworkManager-Status: online';

/** The carrier's web server: the same answer for every host and path, then the connection closes. */
export function createHttpService(network: Behaviour['network'], log: EventLog): TcpService {
  return (received) => {
    const head = received.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end < 0 && head.length < MAX_HEAD) return undefined;
    const [first = '', ...fields] = head.slice(0, Math.max(end, 0)).split('\r\n');
    const [, method, target] = /^([A-Z]{1,10}) (\S{1,2000}) HTTP\/1\.[01]$/.exec(first) ?? [];
    const host =
      fields
        .find((field) => /^host:/i.test(field))
        ?.slice(5)
        .trim() ?? '';
    const bad = method === undefined || target === undefined;
    const known = method === 'GET' || method === 'HEAD';
    const status = bad ? 400 : known ? network.httpStatus : 501;
    const isCheck = CHECKS.includes(`${host}${target}`);
    log.record({
      type: isCheck ? 'connectivity-check' : 'http',
      method: method ?? '?',
      host: printable(host),
      path: printable(target ?? '?'),
      status,
    });
    const body = Buffer.from(status === network.httpStatus ? network.httpBody : `${status}\n`);
    const lines = [
      `HTTP/1.1 ${status} ${status < 400 ? 'OK' : 'Error'}`,
      'Content-Type: text/plain',
      `Content-Length: ${body.length}`,
      'Connection: close',
      ...(isCheck && status < 400 ? [CHECK_HEADER] : []),
      '\r\n',
    ];
    return Buffer.concat([Buffer.from(lines.join('\r\n')), method === 'HEAD' ? Buffer.alloc(0) : body]);
  };
}

function printable(text: string): string {
  return text.replace(/[^ -~]/g, '?').slice(0, 200);
}
