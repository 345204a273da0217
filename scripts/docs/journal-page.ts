import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from '../../src/core/model.ts';
import { overlaysFolder, readOverlay } from '../../src/customise/read-overlay.ts';
import { formatCode, type GeneratedPage } from './markdown.ts';

const SCRIPTS = 'usr/lib/wwanpi';
const CARD = ['card-settings', 'card-check', 'card-files', 'card-plan', 'card-users'];
/** Scripts there that write under a unit's name of their own, or nothing. All others are the supervisor and its libraries. */
const OTHERS = [
  ...CARD,
  'ask-network',
  'at-port',
  'dial',
  'enter-pin',
  'firewall',
  'first-boot',
  'link-ports',
  'ndisdup',
  'status-file',
];

/** Who writes to the journal: the name `journalctl -u` takes, and its scripts. */
const WRITERS = [
  { unit: 'wwanpi-supervisor', about: 'One line per decision.', scripts: listSupervisorScripts() },
  {
    unit: 'wwanpi-ndisdup',
    about: 'The AT command that gives the modem the APN, when its serial ports appear.',
    scripts: [`${SCRIPTS}/ndisdup`],
  },
  {
    unit: 'ifup@wwan0',
    about:
      'The firewall, the PIN, if the image has one (these lines begin with `pin: `), and the dialling, besides the output of qmi-network and dhclient.',
    scripts: [`${SCRIPTS}/firewall`, `${SCRIPTS}/enter-pin`, `${SCRIPTS}/dial`],
  },
  {
    unit: 'wwanpi-card-settings',
    about:
      'Settings that were edited in wwanpi.txt; nothing if it is unchanged. A refusal is followed by its faults, one a line.',
    scripts: CARD.map((name) => `${SCRIPTS}/${name}`),
  },
  {
    unit: 'wwanpi-stick',
    about: 'Once, 90 s after the start, if there is no modem.',
    scripts: ['etc/systemd/system/wwanpi-stick.service'],
  },
  {
    unit: 'wwanpi-status-file',
    about: 'Only where `wwanpi-status.txt` cannot be written; once a boot.',
    scripts: [`${SCRIPTS}/status-file`],
  },
  {
    unit: 'wwanpi-first-boot',
    about:
      "At the first start, with packages or scripts of one's own. /var/log/wwanpi-first-boot.log has the same lines, and all that dpkg and the scripts say.",
    scripts: [`${SCRIPTS}/first-boot`],
  },
];

/** The same where NetworkManager dials: what is not said above already. */
const NETWORKMANAGER_WRITERS = [
  {
    unit: 'wwanpi-supervisor',
    about: 'One line per decision, and what enter-pin says.',
    scripts: ['supervise', 'recovery'].map((name) => `${SCRIPTS}/${name}`),
  },
  {
    unit: 'wwanpi-pin',
    about: 'Each time a modem appears, if the image has a PIN.',
    scripts: [`${SCRIPTS}/enter-pin`],
  },
  { unit: 'wwanpi-firewall', about: 'Once a start.', scripts: [`${SCRIPTS}/firewall`] },
];

const LINE = /(?:\bsay|\becho|\bwait_longer) (?:"((?:[^"\\]|\\.)*)"|'([^']*)')/g;
const REASON = /\b(?:why|refusal|problem|reason)\+?=(?:"((?:[^"\\]|\\.)*)"|'([^']*)')/g;
/** A recovery level, as the supervisor's table has it: what it does, then what the journal says of it. */
const LEVEL = /^ *\[\d\]='\w+ +([^']*)'/gm;

/** docs/reference/journal.md: every line that the image's scripts write, from the scripts. */
export function makeJournalPage(): GeneratedPage {
  const [supervisor] = WRITERS;
  const texts = (supervisor?.scripts ?? []).map((path) => readScript(path));
  const reasons = texts.flatMap((script) => listTexts(script, REASON));
  const levels = texts.flatMap((script) => listTexts(script, LEVEL));
  const text = [
    '# Journal lines',
    '',
    'The lines that the image writes to its journal. "…" is a variable part: a port, a time, a reason. The journal never contains passwords or PINs.',
    '',
    `    journalctl -b ${WRITERS.map(({ unit }) => `-u ${unit}`).join(' ')}`,
    '',
    ...WRITERS.flatMap(({ unit, about, scripts }) => [
      `## ${unit}`,
      '',
      about,
      '',
      ...formatList(scripts.flatMap((script) => listTexts(readScript(script), LINE))),
    ]),
    ...(levels.length === 0
      ? []
      : ['## Recovery levels', '', 'From the mildest on.', '', ...formatList(levels)]),
    '## Reasons',
    '',
    "They follow the colon in the supervisor's lines.",
    '',
    ...formatList([...new Set(reasons)]),
    ...formatNetworkManager(reasons),
  ].join('\n');
  return { path: 'reference/journal.md', from: ['the scripts in overlays'], text };
}

/** @param known reasons that the page has already */
function formatNetworkManager(known: readonly string[]): string[] {
  const read = (path: string) => readScript(path, 'networkmanager');
  const list = (pattern: RegExp, paths: readonly string[]) => [
    ...new Set(paths.flatMap((path) => listTexts(read(path), pattern))),
  ];
  const names = ['supervise', 'recovery', 'call-status'].map((name) => `${SCRIPTS}/${name}`);
  return [
    '## With NetworkManager',
    '',
    'On images whose base has NetworkManager these units write other lines. NetworkManager and ModemManager write their own.',
    '',
    ...NETWORKMANAGER_WRITERS.flatMap(({ unit, about, scripts }) => [
      ...[`### ${unit} with NetworkManager`, '', about, ''],
      ...formatList(list(LINE, scripts)),
    ]),
    '### Recovery levels with NetworkManager',
    '',
    ...formatList(list(LEVEL, names)),
    '### Reasons with NetworkManager',
    '',
    ...formatList(list(REASON, names).filter((reason) => !known.includes(reason))),
  ];
}

function listSupervisorScripts(): string[] {
  return readdirSync(join(overlaysFolder(), SCRIPTS))
    .filter((name) => !OTHERS.includes(name))
    .sort()
    .map((name) => `${SCRIPTS}/${name}`);
}

/** Its text; empty where this version has no such script. */
function readScript(path: string, stack: Stack = 'ifupdown'): string {
  if (!existsSync(join(overlaysFolder(stack), path))) return '';
  return readOverlay(`/${path}`, { stack, bootFolder: '/boot' });
}

function formatList(lines: readonly string[]): string[] {
  return [...lines.map((line) => `- ${formatCode(line)}`), ''];
}

/** Texts with a word in them, variables replaced, each once. */
function listTexts(script: string, pattern: RegExp): string[] {
  const texts = [...script.matchAll(pattern)].map((match) =>
    (match[1] ?? match[2] ?? '')
      .replaceAll(/\$\(\(.*?\)\)|\$\{[^}]*\}|\$\w+|\$\*/g, '…')
      .replaceAll('\\"', '"')
      .replaceAll(/…+/g, '…')
      .replace(/^[,:] /, ''),
  );
  return [...new Set(texts)].filter(
    (text) => /[a-z]{2}/.test(text.replaceAll('…', '')) && !text.startsWith('pin: …'),
  );
}
