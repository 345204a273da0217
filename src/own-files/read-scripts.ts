import { basename } from 'node:path';
import { InputError } from '../core/errors.ts';
import type { OwnScript } from '../recipe/own-files.ts';
import { type Keeper, keepFile } from './keep-content.ts';

const MAX_SCRIPT_BYTES = 64 * 1024;

/**
 * Reads and checks a script.
 * @param index its place in the order, from 0
 * @throws InputError with a reason without its subject
 */
export async function readScript(path: string, index: number, keeper: Keeper): Promise<OwnScript> {
  const { content } = await keepFile(path, keeper, MAX_SCRIPT_BYTES);
  if (!(content instanceof Uint8Array)) throw new InputError('is too large');
  const first = Buffer.from(content).toString('utf8').split('\n', 1)[0] ?? '';
  if (!/^#! *\/\S/.test(first)) {
    throw new InputError('has no #! line with the program that runs it', {
      hint: 'begin it with a line such as #!/bin/sh',
    });
  }
  if (first.endsWith('\r')) {
    throw new InputError('has the line ends of Windows, with which it does not start on the Pi', {
      hint: "remove them: sed -i 's/\\r$//' FILE",
    });
  }
  const plain = basename(path)
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, 100);
  return { name: `${String(index + 1).padStart(2, '0')}-${plain}`, content };
}
