import type { FileChange } from '../src/core/model.ts';
import { getBytes } from '../src/formats/config/base-text.ts';
import { fillPlaceholders } from '../src/formats/config/placeholders.ts';
import type { StageInput } from './stage.ts';

/** A file owned by root; its mode is 0644 by default. */
export function rootFile(
  stage: string,
  path: string,
  content: string | Uint8Array,
  options: { readonly mode?: number; readonly secret?: boolean } = {},
): FileChange {
  return {
    kind: 'file',
    stage,
    path,
    content: typeof content === 'string' ? getBytes(content) : content,
    mode: options.mode ?? 0o644,
    uid: 0,
    gid: 0,
    ...(options.secret === true ? { secret: true } : {}),
  };
}

/** A maker of files owned by root that are overlays as they are, without placeholders; their mode is 0644 by default. */
export function fromOverlay(stage: string, overlay: StageInput['overlay']) {
  return (path: string, mode = 0o644): FileChange =>
    rootFile(stage, path, fillPlaceholders(overlay(path), {}), { mode });
}
