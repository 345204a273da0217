import type { Context } from '../core/context.ts';
import { readVariable } from '../core/environment.ts';
import { AppError, InterruptedError } from '../core/errors.ts';
import { printable } from '../formats/printable.ts';
import type { MachineCheck } from '../host/check-machine.ts';
import { findDebianMirrors } from '../tools/debian/debian-mirrors.ts';
import { probeUrl } from '../tools/probe-url.ts';
import { DEFAULT_BASE, downloadUrls, findBase } from './bases.ts';
import { findCachedBases } from './cached-bases.ts';

const TIMEOUT_MS = 5000;

/** Checks, in a few seconds, where bases come from: the servers, and what is in the cache already. */
export async function checkSources(context: Context): Promise<MachineCheck[]> {
  return Promise.all([checkDebian(context), checkDownloads(context), checkCachedBases(context)]);
}

async function checkDebian(context: Context): Promise<MachineCheck> {
  const name = 'debian';
  const hint = 'WWANPI_DEBIAN_MIRROR names another mirror; with a full cache, none is needed';
  try {
    const { uri } = (await findDebianMirrors(context)).main;
    const host = nameHost(uri);
    if (!/^https?:/i.test(uri)) return { name, ok: true, found: `${host} (not asked)` };
    const fault = await probeUrl(`${uri}/dists/bookworm/InRelease`, TIMEOUT_MS, context.signal);
    if (fault === undefined) return { name, ok: true, found: `${host} has Debian 12` };
    return { name, ok: false, found: `${host} ${fault}`, hint };
  } catch (error) {
    if (!(error instanceof AppError) || error instanceof InterruptedError) throw error;
    return { name, ok: false, found: error.message, hint: error.hint ?? hint };
  }
}

/** One server with the default base is enough. */
async function checkDownloads(context: Context): Promise<MachineCheck> {
  const name = 'raspbian';
  const base = findBase(DEFAULT_BASE);
  if (base?.kind !== 'download') return { name, ok: true, found: 'nothing to download' };
  const urls = downloadUrls(base, readVariable('WWANPI_DOWNLOADS_URL'));
  const faults = await Promise.all(urls.map((url) => probeUrl(url, TIMEOUT_MS, context.signal)));
  const good = urls[faults.indexOf(undefined)];
  if (good !== undefined) return { name, ok: true, found: `${nameHost(good)} has ${base.name}` };
  const found = urls.map((url, index) => `${nameHost(url)} ${faults[index]}`).join(', ');
  return { name, ok: false, found, hint: 'use --base debian-bookworm, or --base FILE, an image you have' };
}

async function checkCachedBases(context: Context): Promise<MachineCheck> {
  const names = (await findCachedBases(context.cacheDir)).map((base) => base.name);
  const found = names.length === 0 ? 'none in the cache yet' : `in the cache: ${names.join(', ')}`;
  return { name: 'bases', ok: true, found };
}

/** The host of an address, without the credentials that it may have. */
function nameHost(uri: string): string {
  return printable(URL.canParse(uri) ? new URL(uri).host || new URL(uri).protocol : 'the mirror');
}
