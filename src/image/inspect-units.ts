import { NEIGHBOURS } from '../formats/config/neighbours.ts';
import { type ImageTree, listFolder, readText } from './image-tree.ts';

/** A systemd unit of the image and what starts it. */
export interface UnitReport {
  readonly name: string;
  /** `enabled` by a symlink, started by a `udev` rule, `at-boot` through a file on the boot partition. */
  readonly state: 'enabled' | 'udev' | 'boot-file' | 'disabled' | 'absent';
  /** The symlink, rule or file that starts it. */
  readonly by: string | undefined;
}

const UNIT_FOLDERS = ['/etc/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'];
const RULE_FOLDERS = ['/etc/udev/rules.d', '/usr/lib/udev/rules.d', '/lib/udev/rules.d'];
/** A full desktop has rules of 20 kB. */
const MAX_RULE_BYTES = 1024 * 1024;
/** systemd.unit(5): a symlink in UNIT.wants or UNIT.requires of /etc enables. */
const ENABLING = /\.(?:wants|requires)$/;

/** Reports wwanpi's units by name, ssh.service, dhcpcd.service and networking.service, and the units of installed NEIGHBOURS. */
export async function inspectUnits(tree: ImageTree): Promise<readonly UnitReport[]> {
  const names = new Set<string>();
  const enabled = new Map<string, string>();
  for (const folder of UNIT_FOLDERS) {
    for (const name of await listFolder(tree, folder)) {
      if (/\.(?:service|timer|path)$/.test(name)) names.add(name);
      if (!ENABLING.test(name)) continue;
      for (const unit of await listFolder(tree, `${folder}/${name}`))
        enabled.set(unit, `${folder}/${name}/${unit}`);
    }
  }
  const own = [...names].filter((name) => name.startsWith('wwanpi')).sort();
  const others = NEIGHBOURS.map(({ unit }) => unit).filter((unit) => names.has(unit));
  const wanted = [...own, 'ssh.service', 'dhcpcd.service', 'networking.service', ...others];
  const rules = await readRules(tree);
  const sshFile = await findSshFile(tree);
  return wanted.map((name): UnitReport => {
    const link = enabled.get(name) ?? enabled.get(name.replace(/\.service$/, '.timer'));
    const rule = rules.find(({ text }) => text.includes(name));
    if (!names.has(name)) return { name, state: 'absent', by: undefined };
    if (link !== undefined) return { name, state: 'enabled', by: link };
    if (rule !== undefined) return { name, state: 'udev', by: rule.path };
    if (name === 'ssh.service' && sshFile !== undefined) return { name, state: 'boot-file', by: sshFile };
    return { name, state: 'disabled', by: undefined };
  });
}

/** Raspbian's sshswitch.service turns SSH on when it finds one of these. */
async function findSshFile(tree: ImageTree): Promise<string | undefined> {
  for (const path of [`${tree.bootFolder}/ssh`, `${tree.bootFolder}/ssh.txt`]) {
    if ((await tree.locate(path)).node !== undefined) return path;
  }
  return undefined;
}

async function readRules(tree: ImageTree): Promise<{ path: string; text: string }[]> {
  const rules: { path: string; text: string }[] = [];
  for (const folder of RULE_FOLDERS) {
    for (const name of await listFolder(tree, folder)) {
      const path = `${folder}/${name}`;
      const text = name.endsWith('.rules') ? await readText(tree, path, MAX_RULE_BYTES) : undefined;
      if (text?.includes('SYSTEMD_WANTS')) rules.push({ path, text });
    }
  }
  return rules;
}
