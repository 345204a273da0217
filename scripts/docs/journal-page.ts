import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { overlaysFolder } from '../../src/customise/read-overlay.ts';
import { formatCode, type GeneratedPage } from './markdown.ts';

/** Who writes to the journal: the name `journalctl -u` takes, its script, and what its lines begin with. */
const WRITERS = [
  { unit: 'wwanpi-supervisor', script: 'usr/lib/wwanpi/supervise', about: 'One line per decision.' },
  {
    unit: 'wwanpi-ndisdup',
    script: 'usr/lib/wwanpi/ndisdup',
    about: 'The AT command that gives the modem the APN, when its serial ports appear.',
  },
  {
    unit: 'ifup@wwan0',
    script: 'usr/lib/wwanpi/enter-pin',
    about: 'The PIN, where the image has one; then what qmi-network and dhclient say.',
    prefix: 'pin: ',
  },
  {
    unit: 'wwanpi-stick',
    script: 'etc/systemd/system/wwanpi-stick.service',
    about: 'Once, 90 s after the start, where there is no modem.',
  },
] as const;

const LINE = /(?:\bsay|\becho|\bwait_longer) (?:"((?:[^"\\]|\\.)*)"|'([^']*)')/g;
const REASON = /\b(?:why|refusal)\+?=(?:"((?:[^"\\]|\\.)*)"|'([^']*)')/g;

/** docs/reference/journal.md: every line that the image's scripts write, from the scripts. */
export function makeJournalPage(): GeneratedPage {
  const scripts = WRITERS.map(({ script }) => readScript(script));
  const reasons = ['usr/lib/wwanpi/supervise', 'usr/lib/wwanpi/dialling'].flatMap((script) =>
    listTexts(readScript(script), REASON),
  );
  const text = [
    '# Journal lines',
    '',
    'What the image writes to its journal. "…" stands for what differs: a port, a time, a reason. Passwords and PINs never stand in it.',
    '',
    '    journalctl -b -u wwanpi-supervisor -u wwanpi-ndisdup -u ifup@wwan0 -u wwanpi-stick',
    '',
    ...WRITERS.flatMap((writer, at) => [
      `## ${writer.unit}`,
      '',
      writer.about,
      '',
      ...listTexts(scripts[at] ?? '', LINE).map(
        (line) => `- ${formatCode(`${'prefix' in writer ? writer.prefix : ''}${line}`)}`,
      ),
      '',
    ]),
    '## Reasons',
    '',
    'They stand behind the colon of the lines above.',
    '',
    ...[...new Set(reasons)].map((reason) => `- ${formatCode(reason)}`),
  ].join('\n');
  return { path: 'reference/journal.md', from: ['the scripts in overlays/rootfs'], text };
}

function readScript(path: string): string {
  return readFileSync(join(overlaysFolder(), path), 'utf8');
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
