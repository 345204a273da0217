import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/core/package.ts';

/** A field of an interface, as it is printed as JSON. */
export interface Field {
  readonly name: string;
  readonly isOptional: boolean;
  /** As TypeScript has it, without `readonly`. */
  readonly type: string;
  /** The text of its docstring; empty where it has none. */
  readonly meaning: string;
}

const MEMBER = /(?:\/\*\*([\s\S]*?)\*\/\s*)?^ {2}readonly (\w+)(\?)?: ([\s\S]*?);$/gm;

/**
 * The fields of an interface of the source, with what their docstrings say: what the reference page of an output that
 * is this interface printed is made from.
 * @param file from the package's root
 * @throws Error when the file has no such interface, or it has no fields
 */
export function readInterface(file: string, name: string): Field[] {
  const source = readFileSync(join(packageRoot, file), 'utf8');
  const body = new RegExp(`^(?:export )?interface ${name}\\b[^{]*\\{$([\\s\\S]*?)^\\}$`, 'm').exec(
    source,
  )?.[1];
  if (body === undefined)
    throw new Error(`${file} has no interface ${name}: scripts/docs/json-page.ts names it`);
  const fields = [...body.matchAll(MEMBER)].map(
    ([, doc = '', field = '', optional, type = '']): Field => ({
      name: field,
      isOptional: optional === '?',
      type: type.replaceAll('readonly ', '').replaceAll(/\s+/g, ' '),
      meaning: doc.replaceAll(/\s*\n\s*\*?\s*/g, ' ').trim(),
    }),
  );
  if (fields.length === 0) throw new Error(`${file}: ${name} has no fields that can be read`);
  return fields;
}
