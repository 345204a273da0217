import type { FileChange } from '../src/core/model.ts';
import { basePackages, DPKG_STATUS, getText } from '../src/formats/config/base-text.ts';
import { quoteIssue } from '../src/formats/config/issue-text.ts';
import { fillPlaceholders } from '../src/formats/config/placeholders.ts';
import { asQuoted } from '../src/formats/config/quoted.ts';
import { compareVersions } from '../src/formats/debian/debian-version.ts';
import { fromOverlay, rootFile } from './root-file.ts';
import type { Stage, StageInput } from './stage.ts';

const ISSUE = '/etc/issue';
const ISSUE_FOLDER_FILE = '/etc/issue.d/wwanpi.issue';
const TEMPLATE = '/usr/lib/wwanpi/issue';
const TMPFILES = '/etc/tmpfiles.d/wwanpi-issue.conf';
const MOTD = '/etc/update-motd.d/20-wwanpi';
/** What agetty prints: tmpfiles.d copies the template there, and the supervisor replaces it. */
const SHOWN = '/run/wwanpi-issue';
/** agetty reads /etc/issue.d from this version of util-linux on (its release notes). */
const HAS_ISSUE_FOLDER = '2.32';

/** A line about the connection on the consoles, before login and after it. */
export const status: Stage = {
  name: 'status',
  reads: () => [ISSUE, ISSUE_FOLDER_FILE, TEMPLATE, TMPFILES, MOTD, DPKG_STATUS],
  plan: (input) => {
    const file = fromOverlay('status', input.overlay);
    return { changes: [...issue(input), file(TMPFILES), file(MOTD, 0o755)] };
  },
};

/** Where agetty has no folder, /etc/issue itself becomes the link, and the base's text moves into the template. */
function issue({ files, overlay }: StageInput): FileChange[] {
  const version = basePackages(files).get('util-linux');
  const hasFolder = version !== undefined && compareVersions(version, HAS_ISSUE_FOLDER) >= 0;
  const text = getText(files, TEMPLATE) ?? getText(files, ISSUE) ?? '';
  const template = fillPlaceholders(overlay(TEMPLATE), {
    ISSUE: hasFolder ? asQuoted('') : quoteIssue(text),
  });
  return [
    rootFile('status', TEMPLATE, template),
    { kind: 'symlink', stage: 'status', path: hasFolder ? ISSUE_FOLDER_FILE : ISSUE, target: SHOWN },
  ];
}
