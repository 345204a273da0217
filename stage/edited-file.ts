import type { BaseFiles, FileChange } from '../src/core/model.ts';
import { getBytes, getMeta } from '../src/formats/config/base-text.ts';

/** A file of the base with another text. It keeps its owner and mode; one that is not there yet is root's, 0644. */
export function editedFile(stage: string, path: string, text: string, files: BaseFiles): FileChange {
  return { kind: 'file', stage, path, content: getBytes(text), ...getMeta(files.get(path)) };
}
