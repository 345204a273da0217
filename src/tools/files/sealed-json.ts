import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { isUnwritable } from '../../core/errors.ts';
import { sha256Text } from './hash.ts';
import { writeFileAtomic } from './replace-file.ts';

/**
 * Reads what `writeSealedJson` wrote.
 * @returns undefined if there is nothing, or it is damaged, or the schema does not take it
 */
export async function readSealedJson<T>(
  path: string,
  schema: z.ZodType<T>,
): Promise<{ readonly value: T } | undefined> {
  const [sum = '', text = ''] = (await readFile(path, 'utf8').catch(() => '')).split('\n', 2);
  if (text === '' || sha256Text(text) !== sum) return undefined;
  const { success, data } = schema.safeParse(JSON.parse(text));
  return success ? { value: data } : undefined;
}

/**
 * Keeps a value for later runs: its SHA-256, then its JSON. Makes the folder. Where nothing can be written, nothing is
 * kept: root may have filled the cache, and this user can only read it.
 */
export async function writeSealedJson(path: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFileAtomic(path, `${sha256Text(text)}\n${text}`);
  } catch (error) {
    if (!isUnwritable(error)) throw error;
  }
}
