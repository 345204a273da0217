import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { type Issue, OptionsError } from '../formats/issues.ts';
import { suggestNearest } from '../formats/nearest.ts';
import { hintAtOptions } from '../options/hint-at-options.ts';
import { toCamel, toKebab } from '../options/option.ts';
import { findOption, suggestOption } from '../options/options.ts';
import { readHostname, readKeys, readPassword, readUser, readWifi } from './access.ts';
import { readApn, readCredentials, readDns, readFirewall } from './network.ts';
import type { Diagnostics } from './notes.ts';
import { optionsSchema, type RawOptions } from './options-schema.ts';
import { NO_OWN_FILES } from './own-files.ts';
import type { ParsedRecipe, Recipe } from './recipe.ts';
import { readKeyboard, readLocale, readTimeZone } from './settings.ts';
import { readPin, readSupervisor } from './supervisor.ts';

/**
 * Checks the options of one build and makes a recipe from them. Secrets never appear in a message.
 * @param raw the options that yargs parsed, camel case; unknown ones are issues
 * @param others the caller's issues of other options, for the same list
 * @throws OptionsError with every issue at once
 */
export function parseRecipe(
  raw: Readonly<Record<string, unknown>>,
  others: readonly Issue[] = [],
): ParsedRecipe {
  const shape = optionsSchema.safeParse(raw);
  const issues = [
    ...others,
    ...(shape.success ? [] : shape.error.issues.flatMap((issue) => toIssues(issue, raw))),
  ];
  const warnings: string[] = [];
  // Options of a wrong type are left out, so that the issues of the others are found, too.
  const options = shape.success ? (shape.data as RawOptions) : keepSound(raw, shape.error.issues);
  const notes: Diagnostics = { issue: (issue) => issues.push(issue), warn: (text) => warnings.push(text) };

  const apn = readApn(options, notes);
  const recipe: Recipe = {
    name: readName(options, apn, notes),
    apn,
    credentials: readCredentials(options, notes),
    dns: readDns(options, notes),
    metric: options.metric,
    firewall: readFirewall(options, notes),
    ndisdup: options.ndisdup,
    pin: readPin(options, notes),
    supervisor: readSupervisor(options, notes),
    statusFile: options.statusFile !== 'off',
    ssh: options.ssh ?? (options.sshKey ?? []).length > 0,
    user: readUser(options, notes),
    noLogin: options.login === false,
    sshKeys: readKeys(options, notes),
    hostname: readHostname(options, notes),
    password: readPassword(options, notes),
    stockPassword: options.stockPassword ?? 'refuse',
    wifi: readWifi(options, notes),
    timezone: readTimeZone(options, notes),
    locale: readLocale(options, notes),
    keyboard: readKeyboard(options, notes),
    own: NO_OWN_FILES,
    epochSeconds: options.epoch,
  };
  if (options.ssh === false && recipe.sshKeys.length > 0) {
    warnings.push('--ssh-key is given with --no-ssh: the keys go in, but the SSH server stays off');
  }
  if (issues.length > 0) {
    throw new OptionsError(issues, hintAtOptions('build', issues));
  }
  return { recipe, warnings };
}

function readName(options: RawOptions, apn: string, notes: Diagnostics): string {
  const { name } = options;
  if (name !== undefined) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) || name.length > 128) {
      const hint = 'use up to 128 letters, digits, ".", "_" and "-"';
      notes.issue({ option: 'name', value: name, message: 'is not a plain file name', hint });
    }
    return name;
  }
  const base = (options.base ?? 'raspbian-stretch')
    .replace(/^.*\//, '')
    .replace(/\.(img|zip|img\.xz|img\.gz)$/i, '');
  const whole = `wwanpi-${base}-${apn}`;
  const plain = whole.replaceAll(/[^A-Za-z0-9._-]/g, '-');
  if (plain === whole && plain.length <= 128) return plain;
  // The hash keeps the names of different APNs different after characters are replaced or cut.
  return `${plain.slice(0, 119)}-${createHash('sha256').update(whole).digest('hex').slice(0, 8)}`;
}

function toIssues(issue: z.core.$ZodIssue, raw: Readonly<Record<string, unknown>>): Issue[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map(describeUnknown);
  const option = toKebab(String(issue.path[0] ?? ''));
  const { advice, choices } = findOption('build', option) ?? {};
  const value = raw[toCamel(option)];
  if (choices === undefined || typeof value !== 'string')
    return [{ option, message: issue.message, hint: advice }];
  return [{ option, value, message: issue.message, hint: suggestNearest(value, choices) }];
}

function describeUnknown(key: string): Issue {
  const option = toKebab(key);
  return { option, message: 'is not an option of wwanpi build', hint: suggestOption('build', option) };
}

function keepSound(raw: Readonly<Record<string, unknown>>, issues: readonly z.core.$ZodIssue[]): RawOptions {
  const bad = new Set<unknown>(issues.map((issue) => issue.path[0]));
  const known = Object.keys(optionsSchema.shape);
  const kept = Object.entries(raw).filter(([key]) => known.includes(key) && !bad.has(key));
  return optionsSchema.partial().parse(Object.fromEntries(kept)) as RawOptions;
}
