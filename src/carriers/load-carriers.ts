import { readFile } from 'node:fs/promises';
import type { Context } from '../core/context.ts';
import { VerificationError } from '../core/errors.ts';
import { parseDeb } from '../formats/debian/deb.ts';
import { parseProviderInfo } from '../formats/provider-info.ts';
import { withApt } from '../tools/debian/apt.ts';
import { downloadPackages } from '../tools/debian/apt-packages.ts';
import { sha256Text } from '../tools/files/hash.ts';
import type { CarrierData } from './carrier.ts';
import { mergeCarriers } from './merge-carriers.ts';
import { CARRIER_OVERLAY } from './overlay.ts';
import { GONE_CARRIERS } from './own/gone.ts';

const PACKAGE = 'mobile-broadband-provider-info';
const XML_PATH = `/usr/share/${PACKAGE}/serviceproviders.xml`;
/** The package's pkg-config(1) file: the only one of its files that contains its version. */
const PC_PATH = `/usr/share/pkgconfig/${PACKAGE}.pc`;

/**
 * Loads every carrier that wwanpi knows: our overlay, and the database that is installed on this machine or else
 * the one in Debian's package, which is fetched into the cache.
 * @param withContext called only if the package has to be fetched
 * @throws NetworkError when the database is not installed and cannot be fetched, InputError when it is damaged
 */
export async function loadCarriers(
  withContext: <T>(fn: (context: Context) => Promise<T>) => Promise<T>,
): Promise<CarrierData> {
  const { xml, pc } = (await readInstalled()) ?? (await withContext(fetchCarrierTexts));
  const version = /^Version: (\S+)$/m.exec(pc)?.[1] ?? 'unknown version';
  const rows = parseProviderInfo(xml).map((row) => ({
    ...row,
    aliases: [],
    source: `${PACKAGE} ${version}`,
  }));
  return {
    carriers: mergeCarriers(rows, CARRIER_OVERLAY, GONE_CARRIERS),
    input: { name: PACKAGE, sha256: sha256Text(xml), origin: `${PACKAGE} ${version}`, pinned: false },
  };
}

/** The two files of the package that are read. */
export interface CarrierTexts {
  /** serviceproviders.xml. */
  readonly xml: string;
  /** The pkg-config file; empty if there is none. */
  readonly pc: string;
}

/**
 * Reads the files from Debian's .deb in the cache. The package fits every architecture, so the package lists of the
 * other steps are used.
 * @throws NetworkError when the package cannot be fetched, VerificationError when the XML file is missing
 */
export async function fetchCarrierTexts(context: Context): Promise<CarrierTexts> {
  const options = { architecture: 'armhf', codename: 'bookworm', components: ['main'] };
  const [deb] = await withApt(context, options, (apt) => downloadPackages(apt, [PACKAGE]));
  const { files } = await parseDeb(await readFile(deb?.path ?? ''));
  const read = (path: string): string | undefined => {
    const file = files.find((candidate) => candidate.path === path);
    return file?.kind === 'file' ? Buffer.from(file.content).toString('utf8') : undefined;
  };
  const xml = read(XML_PATH);
  if (xml === undefined) throw new VerificationError(`Debian's package ${PACKAGE} has no ${XML_PATH}`);
  return { xml, pc: read(PC_PATH) ?? '' };
}

async function readInstalled(): Promise<CarrierTexts | undefined> {
  try {
    return { xml: await readFile(XML_PATH, 'utf8'), pc: await readFile(PC_PATH, 'utf8').catch(() => '') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
