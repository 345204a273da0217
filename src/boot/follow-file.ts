import { type FileHandle, open, stat } from 'node:fs/promises';

/** Reads the lines of a file that another program is still writing. */
export interface FollowedFile {
  /** The whole lines written since the last call; none while the file is not there yet. */
  readLines(): Promise<string[]>;
  /** Nothing was written to it so far, or there is no file. */
  isEmpty(): Promise<boolean>;
  close(): Promise<void>;
}

const CHUNK_BYTES = 256 * 1024;

/** Follows a text file from its start. Carriage returns and other control characters but TAB and 0x1e are dropped. */
export function followFile(path: string): FollowedFile {
  let handle: FileHandle | undefined;
  let rest = '';
  const decoder = new TextDecoder();
  return {
    async readLines() {
      handle ??= await open(path, 'r').catch(() => undefined);
      if (handle === undefined) return [];
      const chunk = Buffer.alloc(CHUNK_BYTES);
      for (;;) {
        const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
        if (bytesRead === 0) break;
        rest += decoder.decode(chunk.subarray(0, bytesRead), { stream: true });
      }
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      return lines.map((line) => line.replace(/[\x00-\x08\x0b-\x1d\x1f\x7f]/g, ''));
    },
    isEmpty: async () => ((await stat(path).catch(() => undefined))?.size ?? 0) === 0,
    close: async () => handle?.close(),
  };
}
