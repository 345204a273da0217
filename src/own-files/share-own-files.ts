import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import type { OwnFiles, OwnFilesRequest } from '../recipe/own-files.ts';
import { sha256Text } from '../tools/files/hash.ts';
import { readOwnFiles } from './read-own-files.ts';

/** The own files of several images. */
export interface SharedOwnFiles {
  /** @throws as `readOwnFiles`, for each image that names them */
  read(report: Context['report'], request: OwnFilesRequest): Promise<OwnFiles>;
  /** Tells that an image is done; after the last one that names these files, what is kept of them is removed. */
  release(request: OwnFilesRequest): Promise<void>;
}

/**
 * Reads own files once for all images that name the same, when the first of them needs them.
 * @param requests of all images
 */
export function shareOwnFiles(
  context: Pick<Context, 'tmpDir' | 'signal'>,
  requests: readonly OwnFilesRequest[],
): SharedOwnFiles {
  const left = new Map<string, number>();
  for (const key of requests.map(getKey)) left.set(key, (left.get(key) ?? 0) + 1);
  const reads = new Map<string, Promise<OwnFiles>>();
  const getFolder = (key: string) => join(context.tmpDir, `own-${sha256Text(key).slice(0, 16)}`);
  return {
    read: (report, request) => {
      const key = getKey(request);
      const known =
        reads.get(key) ?? readOwnFiles({ tmpDir: getFolder(key), signal: context.signal, report }, request);
      reads.set(key, known);
      return known;
    },
    release: async (request) => {
      const key = getKey(request);
      const others = (left.get(key) ?? 1) - 1;
      left.set(key, others);
      if (others > 0) return;
      reads.delete(key);
      await rm(getFolder(key), { recursive: true, force: true });
    },
  };
}

/** The names of packages are resolved later, with the base. */
function getKey({ trees, packageFiles, scripts }: OwnFilesRequest): string {
  return JSON.stringify([trees, packageFiles, scripts]);
}
