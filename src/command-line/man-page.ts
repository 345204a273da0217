import { EXIT_CODES } from '../core/exit-codes.ts';
import { ABOUT, readVersion } from '../core/package.ts';
import {
  escapeRoff,
  formatParagraph,
  formatSection,
  formatSubsection,
  formatTerm,
  formatVerbatim,
  quoteArgument,
} from '../formats/roff.ts';
import type { CommandDefinition, OptionDefinition } from './definitions.ts';
import { ENVIRONMENT } from './environment.ts';

/**
 * wwanpi(1), made from the definitions of the commands and the tables of exit codes and of the environment.
 * @param globals the options every command takes
 */
export function formatManPage(
  commands: readonly CommandDefinition[],
  globals: readonly OptionDefinition[],
): string {
  return [
    `.TH WWANPI 1 "" ${quoteArgument(`wwanpi ${readVersion()}`)} "User Commands"\n`,
    formatSection('Name'),
    `wwanpi \\- ${escapeRoff(lowerFirst(ABOUT.replace(/\.$/, '')))}\n`,
    formatSection('Synopsis'),
    ...commands.map(
      ({ usage }, at) => `${at === 0 ? '' : '.br\n'}.B wwanpi ${escapeRoff(usage)}\n[options]\n`,
    ),
    formatSection('Description'),
    ...DESCRIPTION.map(formatParagraph),
    formatSection('Commands'),
    ...commands.map(formatCommand),
    formatSection('Common options'),
    ...globals.map(formatOption),
    formatSection('Environment'),
    ...ENVIRONMENT.map(({ names, meaning }) => formatTerm(names.join(', '), `${meaning}.`)),
    formatSection('Files'),
    ...FILES.map(([path, meaning]) => formatTerm(path, meaning)),
    formatSection('Exit status'),
    ...EXIT_CODES.map(({ exitCode, meaning }) => formatTerm(String(exitCode), `${upperFirst(meaning)}.`)),
    formatSection('Examples'),
    ...commands.flatMap(({ examples }) => examples).map(formatExample),
    formatSection('See also'),
    '.BR qmicli (1),\n.BR interfaces (5),\n.BR qemu\\-system\\-arm (1),\n.BR debugfs (8),\n.BR mcopy (1)\n',
  ]
    .join('')
    .replaceAll(/^(\.S[HS] .*\n)\.PP\n/gm, '$1');
}

const DESCRIPTION = [
  'wwanpi works on the image file as an ordinary user, with no root and no loop device, checks everything it wrote, and ' +
    'gives the same bytes for the same inputs. Progress and errors go to standard error, results to standard output.',
  'With `--log json` each line of standard error is a JSON object with `ts`, `level` (info, warning or error) and `event`: ' +
    'step-start, step-end, info, warning, progress (with `bytes` and `totalBytes`), image-start, image-step and image-end ' +
    'of a fleet, milestone and console of a boot test; an error, as the last line, has `code`, `exitCode`, `message`, and ' +
    '`hint`, `detail` and `faults` where there are any. Without a terminal nothing is drawn over and nothing is asked.',
];

const FILES: ReadonlyArray<readonly [path: string, meaning: string]> = [
  [
    '$XDG_CACHE_HOME/wwanpi',
    'The cache (~/.cache/wwanpi by default; --cache-dir): downloads, bases, sysroots and libqmi. Safe to delete at any time.',
  ],
  ['$XDG_CACHE_HOME/wwanpi/logs', 'What every program said that a run called; the last 20 are kept.'],
  [
    '/usr/share/mobile-broadband-provider-info/serviceproviders.xml',
    "The carriers' data; fetched where the Debian package is not installed.",
  ],
  ['/etc/apt/sources.list, /etc/apt/sources.list.d', 'Where the Debian mirror is taken from.'],
];

function formatCommand(command: CommandDefinition): string {
  const { usage, describe, positionals, options, epilogue } = command;
  const groups = [...new Set(options.map(({ group }) => group))];
  return [
    formatSubsection(`wwanpi ${usage}`),
    `${escapeRoff(describe)}.\n`,
    ...positionals.map((each) => formatTerm(each.name, `${each.describe}${formatChoices(each)}.`)),
    ...groups.flatMap((group) => [
      ...(groups.length > 1 ? [formatParagraph(`${group}:`)] : []),
      ...options.filter((option) => option.group === group).map(formatOption),
    ]),
    ...(epilogue === undefined ? [] : epilogue.split('\n').map(formatEpilogueLine)),
  ].join('');
}

/** A heading, or what stands in two columns, parted by a tab. */
function formatEpilogueLine(line: string): string {
  const [term = '', meaning] = line.split('\t');
  return meaning === undefined ? formatParagraph(term) : formatTerm(term.trim(), `${meaning.trim()}.`);
}

function formatOption(option: OptionDefinition): string {
  const { name, aliases, kind, isArray, describe, default: byDefault } = option;
  const names = [...aliases.map((alias) => (alias.length === 1 ? `-${alias}` : `--${alias}`)), `--${name}`];
  const value = kind === 'boolean' ? '' : isArray ? ' VALUE…' : kind === 'number' ? ' NUMBER' : ' VALUE';
  const fixed = byDefault === undefined || byDefault === false ? '' : ` [${String(byDefault)}]`;
  return formatTerm(`${names.join(', ')}${value}`, `${describe}${formatChoices(option)}${fixed}.`);
}

function formatChoices({ choices }: OptionDefinition): string {
  return choices.length === 0 ? '' : ` (${choices.join(', ')})`;
}

function formatExample({ command, describe }: { command: string; describe: string }): string {
  const above = describe === '' ? '' : formatParagraph(`${upperFirst(describe)}:`);
  return `${above}${formatVerbatim(`    ${command}`)}`;
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
