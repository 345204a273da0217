import type { Context } from '../core/context.ts';
import { discard } from '../tools/files/discard.ts';
import { toReadFault } from '../tools/files/folder-sums.ts';
import { hashAside } from '../tools/files/hash-aside.ts';
import { type BaseImage, type FetchBaseOptions, fetchBase } from './fetch-base.ts';

/**
 * Works on a base, and compares it with its SHA-256 meanwhile, on a thread of its own: reading a whole disk for that
 * alone would take a second and more. What comes out of the cache and is not what was put there goes, with a warning;
 * then the base is fetched or made again, and the work done again on that. Whatever the work made of the damaged one
 * is dropped, an error too.
 * @param fetch as `fetchBase`
 * @throws what `fetch` and `work` throw; VerificationError where a damaged base can't be replaced
 */
export async function withProvenBase<T>(
  context: Context,
  fetch: () => Promise<BaseImage>,
  work: (base: BaseImage) => Promise<T>,
): Promise<T> {
  for (;;) {
    const base = await fetch();
    const [fault, result] = await Promise.allSettled([findFault(context, base), work(base)]);
    if (fault.status === 'rejected') throw fault.reason;
    if (fault.value === undefined || base.cacheEntry === undefined) {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    }
    await discard(context, base.cacheEntry, fault.value);
  }
}

/** As `fetchBase`, and compared with its hash before it is handed on. */
export function fetchProvenBase(
  context: Context,
  ref: string,
  options: FetchBaseOptions = {},
): Promise<BaseImage> {
  return withProvenBase(
    context,
    () => fetchBase(context, ref, options),
    async (base) => base,
  );
}

async function findFault(context: Context, base: BaseImage): Promise<string | undefined> {
  // The user's own file was hashed when it was looked at, and what was made just now when it was written.
  if (base.cacheEntry === undefined) return undefined;
  const found = await hashAside(base.diskPath, context.signal).catch(toReadFault);
  return found === base.imgSha256 ? undefined : 'the disk has changed';
}
