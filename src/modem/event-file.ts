import { closeSync, openSync, writeSync } from 'node:fs';

/** A file that events are written to, one JSON object a line. */
export interface EventFile {
  /** For `createEventLog`; does nothing once the file is closed. */
  readonly write: (line: string) => void;
  /** Safe to call twice. */
  close(): void;
}

/** @param path is overwritten; undefined: nothing is written */
export function openEventFile(path: string | undefined): EventFile {
  let file = path === undefined ? undefined : openSync(path, 'w');
  return {
    write(line) {
      if (file !== undefined) writeSync(file, line);
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}
