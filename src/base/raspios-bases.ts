import type { Architecture } from '../core/model.ts';
import type { PiModel } from '../formats/release-files/os-list.ts';
import type { DownloadedBase } from './named-base.ts';

/** One published image of Raspberry Pi OS Lite. */
interface Published {
  readonly release: 'trixie' | 'bookworm';
  readonly architecture: Architecture;
  /** Of the image, and of the folder it is in, which can be a day later. */
  readonly date: string;
  readonly folderDate?: string;
  readonly sha256: string;
  /** Size of the .img inside, where two records or more agree. */
  readonly imgBytes?: number;
}

/**
 * Raspberry Pi OS Lite, the newest of each first: that has the name without a date. Each hash, of the .img.xz, stands in
 * three independent public records. Images with fewer are left out: Trixie of 2026-10-06 (two, for 64 bit only), and
 * Bookworm for 32 bit since 2026-04-13 (two or one), so that its newest here is of 2025.
 */
const PUBLISHED: readonly Published[] = [
  {
    ...{ release: 'trixie', architecture: 'arm64', date: '2026-09-15' },
    sha256: 'cdf4f3bfac35ae947b46e4e767f935453810549779ac3290e05a6754aee627e5',
    imgBytes: 3_061_841_920,
  },
  {
    ...{ release: 'trixie', architecture: 'arm64', date: '2026-06-18', folderDate: '2026-06-19' },
    sha256: 'acff736ca7945e3b305f07cda4abdb870910e12634991da69783611756e381b3',
    imgBytes: 2_977_955_840,
  },
  {
    ...{ release: 'trixie', architecture: 'arm64', date: '2026-04-21' },
    sha256: '4cd31df026fd82243805a326dc0cafd7383f7e3d30c9413e7044d507aae281e2',
  },
  {
    ...{ release: 'trixie', architecture: 'arm64', date: '2025-12-04' },
    sha256: '681a775e20b53a9e4c7341d748a5a8cdc822039d8c67c1fd6ca35927abbe6290',
  },
  {
    ...{ release: 'trixie', architecture: 'armhf', date: '2026-09-15' },
    sha256: 'c766b3fb279b95c12cb4dd22d06f8eab31972c372675d05bd0ca95b060523a7f',
  },
  {
    ...{ release: 'trixie', architecture: 'armhf', date: '2026-06-18', folderDate: '2026-06-19' },
    sha256: 'ea4e84c501d6dd4f4b1d04eb84df133a03f90a05ee2e8ab849185c17c2b0707b',
    imgBytes: 2_675_965_952,
  },
  {
    ...{ release: 'trixie', architecture: 'armhf', date: '2026-04-21' },
    sha256: 'f393b8bc3fc49aef49ddc5d5af124333002f34e4b23ede439789145e5280d210',
  },
  {
    ...{ release: 'trixie', architecture: 'armhf', date: '2025-12-04' },
    sha256: '1b3e49b67b15050a9f20a60267c145e6d468dc9559dd9cd945130a11401a49ff',
  },
  {
    ...{ release: 'bookworm', architecture: 'arm64', date: '2026-09-15' },
    sha256: 'bcaefdf9c40dbed31dcaeb3b8494e498b4f1e3078c2604b0d9f5f595f8f6fd91',
  },
  {
    ...{ release: 'bookworm', architecture: 'arm64', date: '2026-04-13', folderDate: '2026-04-14' },
    sha256: '9bba9c625dd4dd4e1b326dd2551e37a2029db9090bf19ea300649b78c054de6f',
  },
  {
    ...{ release: 'bookworm', architecture: 'arm64', date: '2025-05-13' },
    sha256: '62d025b9bc7ca0e1facfec74ae56ac13978b6745c58177f081d39fbb8041ed45',
  },
  {
    ...{ release: 'bookworm', architecture: 'armhf', date: '2025-05-13' },
    sha256: 'a73d68b618c3ca40190c1aa04005a4dafcf32bc861c36c0d1fc6ddc48a370b6e',
  },
];

/** Bookworm is the older release from here on, and has folders of its own. */
const TRIXIE_RELEASE = '2025-10-01';

/** Lite images are about 600 MB. */
const MAX_ARCHIVE_BYTES = 2 * 1024 ** 3;

/** One image has the kernels of all these Pis. */
const MODELS: Readonly<Record<Architecture, readonly PiModel[]>> = {
  arm64: ['pi3-64bit', 'pi4-64bit', 'pi5-64bit'],
  armhf: ['pi1-32bit', 'pi2-32bit', 'pi3-32bit', 'pi4-32bit', 'pi5-32bit'],
};

/** Raspberry Pi OS Lite as named bases: `raspios-trixie`, `raspios-trixie-armhf`, `raspios-trixie-2026-06-18`. */
export const RASPIOS_BASES: readonly DownloadedBase[] = PUBLISHED.map((published, index) => {
  const { release, architecture, date, folderDate = date, sha256, imgBytes } = published;
  const usualName = nameRelease(published);
  const isNewest = PUBLISHED.findIndex((other) => nameRelease(other) === usualName) === index;
  const family = `raspios_${release === 'bookworm' && date >= TRIXIE_RELEASE ? 'oldstable_' : ''}lite_${architecture}`;
  return {
    kind: 'download',
    name: isNewest ? usualName : `${usualName}-${date}`,
    description: `Raspberry Pi OS Lite ${architecture === 'arm64' ? '64' : '32'} bit (${release}) of ${date}`,
    codename: release,
    architecture,
    stack: 'networkmanager',
    models: MODELS[architecture],
    initFormat: release === 'trixie' ? 'cloudinit-rpi' : 'systemd',
    // pi has no password until userconf.txt or Imager gives one.
    passwordUsers: [],
    path: `${family}/images/${family}-${folderDate}/${date}-raspios-${release}-${architecture}-lite.img.xz`,
    format: 'xz',
    sha256,
    imgBytes,
    maxArchiveBytes: MAX_ARCHIVE_BYTES,
    earlierOf: isNewest ? undefined : usualName,
  };
});

function nameRelease({ release, architecture }: Published): string {
  return `raspios-${release}${architecture === 'arm64' ? '' : '-armhf'}`;
}
