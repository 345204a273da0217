import { InputError } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import { readText, withImageTree } from '../image/image-tree.ts';
import { expectCard } from './expect-card.ts';
import { parseExpectations } from './parse-expectations.ts';

const FILES = {
  stanza: '/etc/network/interfaces.d/wwan0',
  profile: '/etc/qmi-network.conf',
  resolvHead: '/etc/resolv.conf.head',
  ndisdup: '/etc/wwanpi/ndisdup.conf',
  pin: '/etc/wwanpi/pin',
  firewall: '/etc/wwanpi/firewall.conf',
  supervisor: '/etc/wwanpi/supervisor.conf',
  status: '/usr/lib/wwanpi/status',
  current: '/etc/wwanpi/card-settings',
  card: '/boot/wwanpi.txt',
  seen: '/var/lib/wwanpi/card-settings.wwanpi.txt',
  statusFile: '/usr/lib/wwanpi/status-file',
  firstBoot: '/etc/systemd/system/wwanpi-first-boot.service.d/own.conf',
} as const;

/**
 * What an image is set up to do. It is read from the image's own files and kernel command line, so a foreign image can
 * be tested too.
 * @param card wwanpi.txt as somebody is going to edit it; by default the image's
 * @throws InputError when nothing in it is set up for wwan0
 */
export async function readExpectations(disk: Disk, card?: string) {
  return withImageTree(disk, async (tree) => {
    const stanza = await readText(tree, FILES.stanza);
    if (stanza === undefined) {
      throw new InputError(`${disk.path} has no ${FILES.stanza}: it is not set up for an LTE modem`, {
        hint: 'wwanpi build --apn … makes an image that is; wwanpi inspect shows what one holds',
      });
    }
    const setUp = parseExpectations({
      stanza,
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
      card: card ?? (await readText(tree, FILES.card)),
      seen: await readText(tree, FILES.seen),
      current: await readText(tree, FILES.current),
    });
    return { ...edited, commandLine: (await readText(tree, '/boot/cmdline.txt'))?.trim() ?? '' };
  });
}
