import { isIP } from 'node:net';
import { judgeApn } from '../formats/config/apn.ts';
import { qmiNetworkValueFault } from '../formats/config/qmi-network-conf.ts';
import { show } from '../formats/printable.ts';
import type { Notes } from './notes.ts';
import type { RawOptions } from './options-schema.ts';
import type { Credentials } from './recipe.ts';

const DEFAULT_DNS = ['1.1.1.1', '1.0.0.1'];

/** The APN, judged by TS 23.003; '' while it is missing. */
export function readApn(options: RawOptions, notes: Notes): string {
  const { apn } = options;
  if (apn === undefined) return '';
  const verdict = judgeApn(apn);
  for (const fault of verdict.faults) {
    notes.fault(`--apn ${show(apn)} ${fault}; use the APN exactly as your carrier writes it`);
  }
  for (const oddity of verdict.oddities) {
    notes.warn(`--apn ${show(apn)} ${oddity}; check it against what your carrier writes`);
  }
  return apn;
}

/** User, password and method for the APN, or undefined when it needs none. */
export function readCredentials(options: RawOptions, notes: Notes): Credentials | undefined {
  const { apnUser, apnPassword, apnAuth } = options;
  for (const [flag, value] of [
    ['--apn-user', apnUser],
    ['--apn-password', apnPassword],
  ] as const) {
    if (value === undefined) continue;
    const fault =
      qmiNetworkValueFault(value) ?? (value.length > 127 ? 'is longer than 127 characters' : undefined);
    if (fault !== undefined) {
      notes.fault(
        `${flag} ${fault}, which neither AT commands nor qmi-network can carry; ask the carrier for other credentials`,
      );
    }
  }
  if (apnUser === undefined || apnUser === '') {
    if (apnUser === '') notes.fault('--apn-user is empty; leave it out when the APN needs no user name');
    if (apnPassword !== undefined && apnUser === undefined) {
      notes.fault('--apn-password is given without --apn-user; qmi-network would ignore it, so give both');
    }
    if (apnAuth !== undefined && apnAuth !== 'none' && apnUser === undefined) {
      notes.fault(
        `--apn-auth ${apnAuth} is given without --apn-user; give the user name, or leave --apn-auth out`,
      );
    }
    return undefined;
  }
  const auth = apnAuth ?? 'chap';
  if (auth === 'mschapv2') {
    notes.warn(
      '--apn-auth mschapv2 reaches the AT command only: QMI has no such method, so there the stick decides',
    );
  }
  return { user: apnUser, password: apnPassword ?? '', auth };
}

/** The name servers to put first; empty for `none`. */
export function readDns(options: RawOptions, notes: Notes): readonly string[] {
  if (options.dns === undefined) return DEFAULT_DNS;
  const words = options.dns.flatMap((text) => text.split(/[\s,]+/)).filter((word) => word !== '');
  if (words.length === 0) notes.fault('--dns is empty; give addresses, or "none" to use only the carrier\'s');
  if (words.includes('none')) {
    if (words.some((word) => word !== 'none'))
      notes.fault('--dns none stands beside addresses; give one or the other');
    return [];
  }
  for (const word of words) {
    // Node takes fe80::1%eth0 for an address; a zone makes no sense in resolv.conf before the interface exists.
    if (isIP(word) === 0 || word.includes('%')) {
      notes.fault(
        `--dns ${show(word)} is no IPv4 or IPv6 address; give addresses such as 9.9.9.9, or "none"`,
      );
    }
  }
  const servers = [...new Set(words)];
  if (servers.length > 3) {
    notes.fault(
      `--dns has ${servers.length} addresses; glibc reads the first 3 of resolv.conf, so give at most 3`,
    );
  }
  if (servers.length === 3) {
    notes.warn(
      "--dns has 3 addresses, and glibc reads no more than 3: the carrier's own name servers are never asked",
    );
  }
  return servers;
}
