/** `src/core/errors.ts` speaks of Node.js's errors; nothing in the page makes or meets one. */
declare namespace NodeJS {
  interface ErrnoException extends Error {
    readonly code?: string;
    readonly path?: string;
    readonly syscall?: string;
  }
}
