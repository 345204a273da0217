/** Reads up to `lengthBytes` bytes at an offset; fewer only at the end of the file. */
export type ReadUpTo = (offsetBytes: number, lengthBytes: number) => Promise<Uint8Array>;

const PAGE_BYTES = 64 * 1024;
/** 16 MiB: the inode tables and directories of what a build looks at. */
const MAX_PAGES = 256;

/**
 * Serves small reads from pages that are kept: a build looks at thousands of directories and inodes, and most of them lie
 * side by side. The file must not change meanwhile.
 * @returns a function that gives the bytes, in memory of their own, or undefined where the file ends before them or they
 *   are more than a page
 */
export function keepPages(
  read: ReadUpTo,
): (offset: number, length: number) => Promise<Uint8Array | undefined> {
  const pages = new Map<number, Promise<Uint8Array>>();
  const getPage = (index: number): Promise<Uint8Array> => {
    const page = pages.get(index) ?? read(index * PAGE_BYTES, PAGE_BYTES);
    // Put at the end again: the first one is the one used longest ago.
    pages.delete(index);
    pages.set(index, page);
    for (const oldest of pages.keys()) {
      if (pages.size <= MAX_PAGES) break;
      pages.delete(oldest);
    }
    return page;
  };
  return async (offset, length) => {
    if (length > PAGE_BYTES) return undefined;
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const at = offset + done;
      const index = Math.floor(at / PAGE_BYTES);
      const page = await getPage(index);
      const part = page.subarray(at - index * PAGE_BYTES, at - index * PAGE_BYTES + length - done);
      if (part.length === 0) return undefined;
      bytes.set(part, done);
      done += part.length;
    }
    return bytes;
  };
}
