import { dirname } from 'node:path';
import type { Context } from '../core/context.ts';
import type { Disk } from '../core/model.ts';
import { copyBase } from '../image/copy-base.ts';
import type { BlockConsumer, KnownHashes } from './read-blocks.ts';
import { openWorkCopies, type WorkCopies } from './work-copies.ts';

/**
 * What images of one run have in common and is done once. It lies in the memory of the process and is found by content
 * alone: an image gets the same bytes and sums as one that is built alone.
 */
export interface SharedWork {
  readonly hashes: KnownHashes;
  readonly copies: WorkCopies;
}

/** What the pass over one image takes from earlier images, and tells to later ones. */
export interface Reuse {
  readonly hashes?: KnownHashes;
  readonly learn?: BlockConsumer;
}

/** Close its copies after the last image. */
export function openSharedWork(): SharedWork {
  return { hashes: new Map(), copies: openWorkCopies() };
}

/**
 * Gives `use` a copy of the base to make an image in: at `path` if the image is kept there or is the only one, otherwise
 * one that further images are made in, too.
 */
export async function withCopy<T>(
  context: Context,
  base: Disk,
  path: string,
  { keepImage, shared }: { readonly keepImage: boolean; readonly shared: SharedWork | undefined },
  use: (copy: Disk, reuse: Reuse) => Promise<T>,
): Promise<T> {
  const hashes = shared?.hashes;
  if (keepImage || shared === undefined) return use(await copyBase(context, base, path), { hashes });
  return shared.copies.with(context, base, dirname(path), (copy, learn) => use(copy, { hashes, learn }));
}
