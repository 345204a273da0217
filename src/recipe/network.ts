import { ADDRESS_RULE, isAddress, MAX_NAME_SERVERS, splitServers } from '../formats/config/address.ts';
import { checkApn } from '../formats/config/apn.ts';
import { DEFAULT_APN_AUTH } from '../formats/config/apn-auth.ts';
import { findPort, SERVICE_NAMES } from '../formats/config/firewall-conf.ts';
import { CREDENTIAL_RULES } from '../formats/config/qmi-network-conf.ts';
import { findFaults } from '../formats/config/rule.ts';
import { quoteForMessage } from '../formats/printable.ts';
import type { Diagnostics } from './notes.ts';
import type { RawOptions } from './options-schema.ts';
import type { Credentials, Firewall } from './recipe.ts';

const DEFAULT_DNS = ['1.1.1.1', '1.0.0.1'];

/** The APN, checked by the rules of TS 23.003; '' if it is missing. */
export function readApn(options: RawOptions, notes: Diagnostics): string {
  const { apn } = options;
  if (apn === undefined) return '';
  const verdict = checkApn(apn);
  for (const fault of verdict.faults) {
    const hint = 'use the APN exactly as your carrier writes it';
    notes.issue({ option: 'apn', value: apn, message: fault, hint });
  }
  for (const oddity of verdict.oddities) {
    notes.warn(`--apn ${quoteForMessage(apn)} ${oddity}; check it against what your carrier writes`);
  }
  return apn;
}

/** User, password and method for the APN; undefined if it needs none. */
export function readCredentials(options: RawOptions, notes: Diagnostics): Credentials | undefined {
  const { apnUser, apnPassword, apnAuth } = options;
  for (const [option, value] of [
    ['apn-user', apnUser],
    ['apn-password', apnPassword],
  ] as const) {
    if (value === undefined) continue;
    const [fault] = findFaults(value, CREDENTIAL_RULES);
    if (fault !== undefined) {
      notes.issue({
        option,
        message: `${fault}, which neither AT commands nor qmi-network can carry`,
        hint: 'ask the carrier for other credentials',
      });
    }
  }
  if (apnUser === undefined || apnUser === '') {
    if (apnUser === '') {
      notes.issue({
        option: 'apn-user',
        message: 'is empty',
        hint: 'leave it out when the APN needs no user name',
      });
    }
    if (apnPassword !== undefined && apnUser === undefined) {
      notes.issue({
        option: 'apn-password',
        message: 'is given without {--apn-user}',
        hint: 'give both: qmi-network ignores a password alone',
      });
    }
    if (apnAuth !== undefined && apnAuth !== 'none' && apnUser === undefined) {
      notes.issue({
        option: 'apn-auth',
        value: apnAuth,
        message: 'is given without {--apn-user}',
        hint: 'give the user name, or leave {--apn-auth} out',
      });
    }
    return undefined;
  }
  const auth = apnAuth ?? DEFAULT_APN_AUTH;
  if (auth === 'mschapv2') {
    notes.warn(
      '--apn-auth mschapv2 reaches the AT command only: QMI has no such method, so there the modem decides',
    );
  }
  return { user: apnUser, password: apnPassword ?? '', auth };
}

/** The name servers to put first; empty for `none`. */
export function readDns(options: RawOptions, notes: Diagnostics): readonly string[] {
  if (options.dns === undefined) return DEFAULT_DNS;
  const words = options.dns.flatMap((text) => splitServers(text.replaceAll(/\s/g, ' ')));
  if (words.length === 0) {
    const hint = 'give addresses, or "none" to use only those of the carrier';
    notes.issue({ option: 'dns', message: 'is empty', hint });
  }
  if (words.includes('none')) {
    if (words.some((word) => word !== 'none')) {
      const message = 'is given together with addresses';
      notes.issue({ option: 'dns', value: 'none', message, hint: 'give one or the other' });
    }
    return [];
  }
  for (const word of words) {
    if (!isAddress(word)) {
      const hint = 'give addresses such as 9.9.9.9, or "none"';
      notes.issue({ option: 'dns', value: word, message: ADDRESS_RULE.fault, hint });
    }
  }
  const servers = [...new Set(words)];
  if (servers.length > MAX_NAME_SERVERS) {
    const message = `has ${servers.length} addresses, and glibc reads the first ${MAX_NAME_SERVERS} of resolv.conf`;
    notes.issue({ option: 'dns', message, hint: `give at most ${MAX_NAME_SERVERS}` });
  }
  if (servers.length === MAX_NAME_SERVERS) {
    notes.warn(
      `--dns has ${MAX_NAME_SERVERS} addresses, and glibc reads no more than ${MAX_NAME_SERVERS}: the carrier's own name servers are never asked`,
    );
  }
  return servers;
}

/** Which ports the mobile network may reach, or undefined without a firewall. */
export function readFirewall(options: RawOptions, notes: Diagnostics): Firewall | undefined {
  const words = (options.wwanAllow ?? [])
    .flatMap((text) => text.split(/[\s,]+/))
    .filter((word) => word !== '');
  const ports = words.map((word) => {
    const port = findPort(word);
    if (port === undefined) {
      const hint = `give ${SERVICE_NAMES.join(', ')}, or a port and its protocol, such as 8080/tcp`;
      notes.issue({ option: 'wwan-allow', value: word, message: 'is not a port', hint });
    }
    return port;
  });
  if (options.wwanAllow !== undefined && words.length === 0) {
    notes.issue({ option: 'wwan-allow', message: 'is empty', hint: 'leave it out to open no port' });
  }
  if (options.firewall === 'off') {
    if (options.wwanAllow !== undefined) {
      const message = 'is given with {--firewall} off, which opens every port';
      notes.issue({ option: 'wwan-allow', message, hint: 'give one of them' });
    }
    return undefined;
  }
  const hasPassword = [options.password, options.passwordHash].some((value) => value !== undefined);
  if (ports.includes('22/tcp') && (hasPassword || (options.sshKey ?? []).length === 0)) {
    notes.warn(
      '--wwan-allow ssh with a password: the whole mobile network may guess it; keys alone are safer',
    );
  }
  return { allowed: [...new Set(ports.filter((port) => port !== undefined))] };
}
