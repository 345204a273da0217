import type { Context } from '../core/context.ts';
import { VerificationError } from '../core/errors.ts';
import { discard } from '../tools/files/discard.ts';
import { toReadFault } from '../tools/files/folder-sums.ts';
import { hashAside } from '../tools/files/hash-aside.ts';
import { hashWithBar } from '../tools/files/hash-with-bar.ts';
import { type BaseImage, fetchBase } from './fetch-base.ts';
import type { FetchBaseOptions } from './fetch-download.ts';

/**
 * Works on a base, and checks it against its SHA-256 at the same time, on another thread: one after the other would take
 * a second longer. A damaged base is removed from the cache, with a warning. Then it is fetched or built again, and the
 * work repeated; the first result, or error, is ignored.
 * @param fetch as `fetchBase`
 * @param work may wait for the check before a long step: `proven` throws if the base is damaged
 * @throws errors of `fetch` and `work`; VerificationError if a damaged base cannot be replaced
 */
export async function withProvenBase<T>(
  context: Context,
  fetch: () => Promise<BaseImage>,
  work: (base: BaseImage, proven: () => Promise<void>) => Promise<T>,
): Promise<T> {
  for (;;) {
    const base = await fetch();
    const check = findFault(context, base);
    const proven = async () => {
      if ((await check) !== undefined) throw new VerificationError('the base in the cache is damaged');
    };
    const [fault, result] = await Promise.allSettled([check, work(base, proven)]);
    if (fault.status === 'rejected') throw fault.reason;
    if (fault.value === undefined || base.cacheEntry === undefined) {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    }
    await discard(context, base.cacheEntry, fault.value);
  }
}

/** As `fetchBase`, but returns only after the check against the SHA-256. */
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
  // A user's own file was hashed when it was opened, and a new base when it was written.
  if (base.cacheEntry === undefined) return undefined;
  const title = `checking ${base.name}`;
  const found = await hashWithBar(context, title, base.diskPath, hashAside).catch(toReadFault);
  return found === base.imgSha256 ? undefined : 'the disk has changed';
}
