import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { sha256Text } from '../files/hash.ts';
import { readSealedJson, writeSealedJson } from '../files/sealed-json.ts';
import type { Apt } from './apt.ts';

const APT = '/usr/bin/apt-get';

/**
 * Asks apt, or remembers what it answered before. An answer depends on the lists, on the question and on apt alone, and apt takes a
 * second or two of processor time for each. It is kept beside the lists, so new lists have none.
 * @param question what it depends on besides: the words of the command line
 * @param schema of the answer, which has to be JSON
 */
export async function askOnce<T>(
  apt: Apt,
  question: readonly string[],
  schema: z.ZodType<T>,
  ask: () => Promise<T>,
): Promise<T> {
  const path = await findPlace(apt, question);
  if (path === undefined) return ask();
  const known = await readSealedJson(path, schema);
  if (known !== undefined) return known.value;
  const answer = await ask();
  await writeSealedJson(path, answer);
  return answer;
}

/** Undefined where an answer depends on more than the lists: on a base's packages, or on files. */
async function findPlace({ answers }: Apt, question: readonly string[]): Promise<string | undefined> {
  if (answers === undefined || question.some((word) => word.includes('/'))) return undefined;
  const program = await stat(APT).catch(() => undefined);
  if (program === undefined) return undefined;
  const key = sha256Text(JSON.stringify([question, program.size, program.mtimeMs]));
  return join(answers, key.slice(0, 32));
}
