import type { FileChange } from '../src/core/model.ts';
import { getBytes } from '../src/formats/config/base-text.ts';

/** A text file owned by root; its mode is 0644 by default. */
export function rootFile(
  stage: string,
  path: string,
  text: string,
  options: { readonly mode?: number; readonly secret?: boolean } = {},
): FileChange {
  return {
    kind: 'file',
    stage,
    path,
    content: getBytes(text),
    mode: options.mode ?? 0o644,
    uid: 0,
    gid: 0,
    ...(options.secret === true ? { secret: true } : {}),
  };
}
