import { EXIT_CODES } from '../core/exit-codes.ts';
import { ABOUT, readVersion } from '../core/package.ts';
import {
  escapeRoff,
  formatRoffParagraph,
  formatSection,
  formatSubsection,
  formatTerm,
  formatVerbatim,
  quoteArgument,
} from '../formats/roff.ts';
import { type Command, type Example, formatUsage } from '../options/command.ts';
import { describeDefault, describeOption, formatSpelling } from '../options/describe-option.ts';
import { ENVIRONMENT } from '../options/environment.ts';
import type { ArgumentEntry, OptionEntry } from '../options/option.ts';
import { listCommonOptions, listShownOptions } from '../options/options.ts';

/** wwanpi(1), made from the commands and the tables of options, exit codes and environment variables. */
export function formatManPage(commands: readonly Command[]): string {
  return [
    `.TH WWANPI 1 "" ${quoteArgument(`wwanpi ${readVersion()}`)} "User Commands"\n`,
    formatSection('Name'),
    `wwanpi \\- ${escapeRoff(lowerFirst(ABOUT.replace(/\.$/, '')))}\n`,
    formatSection('Synopsis'),
    ...commands.map(
      (command, at) => `${at === 0 ? '' : '.br\n'}.B wwanpi ${escapeRoff(formatUsage(command))}\n[options]\n`,
    ),
    formatSection('Description'),
    ...DESCRIPTION.map(formatRoffParagraph),
    formatSection('Commands'),
    ...commands.map(formatCommand),
    formatSection('Common options'),
    ...listCommonOptions().map(formatOption),
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
  '`wwanpi` alone, on a terminal, asks for everything that an image needs, makes it, and names the command that does the same.',
  'wwanpi works on the image file as an ordinary user, without root or a loop device. It checks everything it wrote, and ' +
    'gives the same bytes for the same inputs. Progress and errors go to standard error, results to standard output.',
  'With `--log json` each line of standard error is a JSON object with `ts`, `level` (info, warning or error) and `event`: ' +
    'step-start, step-end, info, warning, progress (with `bytes` and `totalBytes`), count, stopping, image-start, image-step and ' +
    'image-end of a fleet, milestone, waiting and console of a boot test; an error, as the last line, has `code`, `exitCode`, `message`, and ' +
    '`hint`, `detail`, `issues` and `faults` where there are any. Without a terminal nothing is drawn over and nothing is asked.',
];

const FILES: ReadonlyArray<readonly [path: string, meaning: string]> = [
  [
    '$XDG_CACHE_HOME/wwanpi',
    'The cache (~/.cache/wwanpi by default; --cache-dir): downloads, bases, sysroots and libqmi. Safe to delete at any time.',
  ],
  [
    '$XDG_CACHE_HOME/wwanpi/logs',
    'The output of every program that a run called; the last 20 logs are kept.',
  ],
  [
    '/usr/share/mobile-broadband-provider-info/serviceproviders.xml',
    "The carriers' data; fetched if the Debian package is not installed.",
  ],
  ['/etc/apt/sources.list, /etc/apt/sources.list.d', 'Where the Debian mirror is taken from.'],
];

function formatCommand(command: Command): string {
  const { describe, args } = command;
  const texts = [command.epilogue, command.details].filter((text) => text !== undefined);
  const options = listShownOptions(command.name);
  const groups = [...new Set(options.map(({ group }) => group))];
  return [
    formatSubsection(`wwanpi ${formatUsage(command)}`),
    `${escapeRoff(describe)}.\n`,
    ...args.map(formatArgument),
    ...groups.flatMap((group) => [
      ...(groups.length > 1 ? [formatRoffParagraph(`${group ?? 'Options'}:`)] : []),
      ...options.filter((option) => option.group === group).map(formatOption),
    ]),
    ...texts.flatMap((text) => text.split('\n').map(formatEpilogueLine)),
  ].join('');
}

function formatArgument({ name, help, choices }: ArgumentEntry): string {
  return formatTerm(name, `${help}${choices === undefined ? '' : `: ${choices.join(', ')}`}.`);
}

/** A heading, or two columns separated by a tab. */
function formatEpilogueLine(line: string): string {
  const [term = '', meaning] = line.split('\t');
  return meaning === undefined ? formatRoffParagraph(term) : formatTerm(term.trim(), `${meaning.trim()}.`);
}

function formatOption(option: OptionEntry): string {
  const byDefault = describeDefault(option);
  const text = `${describeOption(option)}${byDefault === undefined ? '' : ` [${byDefault}]`}`;
  return formatTerm(formatSpelling(option), `${text}.`);
}

function formatExample({ line, describe }: Example): string {
  const above = describe === '' ? '' : formatRoffParagraph(`${upperFirst(describe)}:`);
  return `${above}${formatVerbatim(`    ${line}`)}`;
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
