import { InputError } from '../core/errors.ts';
import type { Disk, SystemFacts } from '../core/model.ts';
import { readText, withImageTree } from '../image/image-tree.ts';
import { expectCard } from './expect-card.ts';
import { parseExpectations } from './parse-expectations.ts';

const FILES = {
  connection: '/etc/NetworkManager/system-connections/wwanpi.nmconnection',
  stanza: '/etc/network/interfaces.d/wwan0',
  profile: '/etc/qmi-network.conf',
  resolvHead: '/etc/resolv.conf.head',
  ndisdup: '/etc/wwanpi/ndisdup.conf',
  pin: '/etc/wwanpi/pin',
  firewall: '/etc/wwanpi/firewall.conf',
  supervisor: '/etc/wwanpi/supervisor.conf',
  status: '/usr/lib/wwanpi/status',
  current: '/etc/wwanpi/card-settings',
  seen: '/var/lib/wwanpi/card-settings.wwanpi.txt',
  statusFile: '/usr/lib/wwanpi/status-file',
  firstBoot: '/etc/systemd/system/wwanpi-first-boot.service.d/own.conf',
} as const;

/**
 * What an image is set up to do. It is read from the image's own files and kernel command line, so a foreign image can
 * be tested too.
 * @param system of the same disk
 * @param card wwanpi.txt as somebody is going to edit it; by default the image's
 * @throws InputError when nothing in it is set up for a modem
 */
export async function readExpectations(disk: Disk, { stack, bootFolder }: SystemFacts, card?: string) {
  return withImageTree(disk, async (tree) => {
    const own = stack === 'networkmanager' ? FILES.connection : FILES.stanza;
    const dials = await readText(tree, own);
    if (dials === undefined) {
      throw new InputError(`${disk.path} has no ${own}: it is not set up for an LTE modem`, {
        hint: 'wwanpi build --apn … makes an image that is; wwanpi inspect shows what one holds',
      });
    }
    const setUp = parseExpectations({
      ...(stack === 'networkmanager' ? { connection: dials, stanza: undefined } : { stanza: dials }),
      profile: await readText(tree, FILES.profile),
      resolvHead: await readText(tree, FILES.resolvHead),
      ndisdup: await readText(tree, FILES.ndisdup),
      pin: await readText(tree, FILES.pin),
      firewall: await readText(tree, FILES.firewall),
      supervisor: await readText(tree, FILES.supervisor),
      status: await readText(tree, FILES.status),
      statusFile: await readText(tree, FILES.statusFile),
      firstBoot: await readText(tree, FILES.firstBoot),
    });
    const edited = expectCard(setUp, {
      card: card ?? (await readText(tree, `${bootFolder}/wwanpi.txt`)),
      seen: await readText(tree, FILES.seen),
      current: await readText(tree, FILES.current),
    });
    return { ...edited, commandLine: (await readText(tree, `${bootFolder}/cmdline.txt`))?.trim() ?? '' };
  });
}
