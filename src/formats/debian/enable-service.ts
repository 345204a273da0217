import { VerificationError } from '../../core/errors.ts';
import type { BuiltPackage, FileChange } from '../../core/model.ts';

const UNITS = '/etc/systemd/system';
const STATE = '/var/lib/systemd/deb-systemd-helper-enabled';

/**
 * What `deb-systemd-helper enable` makes of a unit of a package (init-system-helpers 1.65 and later): the links of its
 * [Install] section, and its own record of them, by which a later upgrade or removal knows them.
 * @throws VerificationError when the package lacks the unit, or the unit brings others along
 */
export function enableService(built: BuiltPackage, service: string, stage: string): FileChange[] {
  const file = built.files.find(({ path }) => path.endsWith(`/systemd/system/${service}`));
  if (file?.kind !== 'file')
    throw new VerificationError(`the package ${built.name} turns on ${service}, which it lacks`);
  const links = listLinks(Buffer.from(file.content).toString('utf8'), service).sort();
  const record = (path: string, text: string): FileChange => ({
    ...{ kind: 'file', stage, path: `${STATE}/${path}`, content: Buffer.from(text) },
    ...{ mode: 0o644, uid: 0, gid: 0 },
  });
  return [
    ...links.map(
      (link): FileChange => ({ kind: 'symlink', stage, path: `${UNITS}/${link}`, target: file.path }),
    ),
    ...links.map((link) => record(link, '')),
    record(`${service}.dsh-also`, links.map((link) => `${UNITS}/${link}\n`).join('')),
  ];
}

/** Paths below /etc/systemd/system (systemd.unit(5), [Install] section options). */
function listLinks(unit: string, service: string): string[] {
  const [, install = ''] = /^\[Install\]$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(unit) ?? [];
  return install.split('\n').flatMap((line) => {
    const [, key = '', value = ''] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    const names = value.split(/\s+/).filter((name) => name !== '');
    switch (key) {
      case 'Alias':
        return names;
      case 'WantedBy':
        return names.map((name) => `${name}.wants/${service}`);
      case 'RequiredBy':
        return names.map((name) => `${name}.requires/${service}`);
      case 'Also':
      case 'DefaultInstance':
        throw new VerificationError(`${service} has ${key}=, which wwanpi cannot turn on`);
      default:
        return [];
    }
  });
}
