import type { Stack } from '../../core/model.ts';
import { ADDRESS_RULE, IPV4_PATTERN, MAX_NAME_SERVERS } from '../config/address.ts';
import { DEFAULT_APN_AUTH } from '../config/apn-auth.ts';
import { NDISDUP_AUTH } from '../config/at-command.ts';
import { getDefaultMetric } from '../config/metric.ts';
import { NAME_SERVER_OPERATORS } from '../config/resolv-conf.ts';
import { UTF_8_RULE } from '../config/rule.ts';
import { quoteShell } from '../config/shell-words.ts';
import { MAX_CARD_TEXT_BYTES } from './card-text.ts';
import { CARD_KEYS, type CardKeyEntry, STORED } from './keys.ts';

/**
 * The table of settings as assignments for bash, which /usr/lib/wwanpi/card-settings reads: one source of rules for
 * both. An array rules_KEY has four words for each rule: pattern, "refuses" or nothing, exemption, fault.
 */
export function formatBashRules(stack: Stack): string {
  const entries: readonly CardKeyEntry[] = CARD_KEYS;
  const map = (name: string, pairs: readonly (readonly [string, string])[]) =>
    `declare -gA ${name}=(${pairs.map(([key, value]) => `[${key}]=${quoteShell(value)}`).join(' ')})`;
  const lines = [
    '#!/bin/bash',
    '# The settings of wwanpi.txt and their rules, made from the table that "wwanpi build" uses itself: read by card-settings,',
    '# not run. Written by wwanpi.',
    '# shellcheck disable=SC2034',
    `card_keys=(${entries.map(({ key }) => key).join(' ')})`,
    map(
      'secret',
      entries.filter(({ secret }) => secret).map(({ key }) => [key, 'yes']),
    ),
    map(
      'special',
      entries.flatMap(({ key, special }) => (special === undefined ? [] : [[key, special]])),
    ),
    map(
      'longest',
      entries.map(({ key, maxBytes }) => [key, String(maxBytes)]),
    ),
    map('operators', Object.entries(NAME_SERVER_OPERATORS)),
    map(
      'auth_numbers',
      Object.entries(NDISDUP_AUTH).map(([auth, number]) => [auth, String(number)]),
    ),
    `stored=${quoteShell(STORED)}`,
    `max_bytes=${MAX_CARD_TEXT_BYTES} max_servers=${MAX_NAME_SERVERS}`,
    `default_auth=${DEFAULT_APN_AUTH} default_metric=${getDefaultMetric(stack)}`,
    `utf_8=${quotePattern(UTF_8_RULE.pattern)} utf_8_fault=${quoteShell(UTF_8_RULE.fault)}`,
    `ipv4=${quotePattern(IPV4_PATTERN)}`,
    `address=${quotePattern(ADDRESS_RULE.pattern)} address_fault=${quoteShell(ADDRESS_RULE.fault)}`,
    ...entries.map(({ key, rules }) => {
      const words = rules.map(({ pattern, refuses, unless, fault }) =>
        [
          quotePattern(pattern),
          refuses === true ? 'refuses' : "''",
          quotePattern(unless ?? ''),
          quoteShell(fault),
        ].join(' '),
      );
      return `rules_${key.replaceAll('-', '_')}=(${words.map((word) => `\n  ${word}`).join('')}\n)`;
    }),
  ];
  return `${lines.join('\n')}\n`;
}

/** A pattern as a word of bash; bytes that no editor shows are written as numbers. */
function quotePattern(pattern: string): string {
  if (/^[\x20-\x7e]*$/.test(pattern)) return quoteShell(pattern);
  const escaped = pattern.replaceAll(/[^\x20-\x7e]|['\\]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 || code > 0x7e ? `\\x${code.toString(16).padStart(2, '0')}` : `\\${character}`;
  });
  return `$'${escaped}'`;
}
