import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../core/errors.ts';
import type { Reporter } from '../core/reporter.ts';
import { printable } from '../formats/printable.ts';
import { askLine, canAsk } from './ask.ts';

/** Where `wwanpi build` puts images unless it is told otherwise. */
const OUTPUT_FOLDER = 'out';

/**
 * Chooses an image when none is named: the only one in `out/`, or on a terminal the one the user picks from a list,
 * newest first. It says which one it took.
 * @param usage the command with its argument, for messages: `wwanpi boot IMAGE`
 * @throws InputError when there is none, or several and no terminal
 */
export async function chooseImage(
  usage: string,
  { report, signal }: { readonly report: Reporter; readonly signal: AbortSignal },
): Promise<string> {
  const images = await listImages(OUTPUT_FOLDER);
  const [newest] = images;
  if (newest === undefined) {
    throw new InputError(`no image is named, and there is none in ${OUTPUT_FOLDER}/`, {
      hint: `build one with wwanpi build, or name one: ${usage}`,
    });
  }
  const name = images.length === 1 ? newest : await askWhich(images, usage, signal);
  const path = join(OUTPUT_FOLDER, name);
  report.info(`image: ${printable(path)}`, { event: 'image', path });
  return path;
}

/** Selects the images among file names. If an image is both raw and compressed, the raw one, which is read faster. */
export function findImages(names: readonly string[]): string[] {
  const suffixes = ['.img', '.img.xz', '.img.zst', '.img.gz'];
  const stems = new Map<string, string>();
  for (const suffix of suffixes) {
    for (const name of names.filter((each) => each.endsWith(suffix) && !each.startsWith('.'))) {
      const stem = name.slice(0, -suffix.length);
      if (!stems.has(stem)) stems.set(stem, name);
    }
  }
  return [...stems.values()].sort();
}

/** The images in a folder, newest first. */
async function listImages(folder: string): Promise<string[]> {
  const names = findImages(await readdir(folder).catch(() => []));
  const images = await Promise.all(
    names.map(async (name) => ({
      name,
      ms: await stat(join(folder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    })),
  );
  return images.sort((a, b) => b.ms - a.ms).map(({ name }) => name);
}

async function askWhich(images: readonly string[], usage: string, signal: AbortSignal): Promise<string> {
  const names = images.map((name) => printable(name));
  if (!canAsk()) {
    throw new InputError(
      `no image is named, and ${OUTPUT_FOLDER}/ has ${images.length}:\n  ${names.join('\n  ')}`,
      { hint: `name one: ${usage}` },
    );
  }
  const list = names.map((name, index) => `  ${String(index + 1).padStart(3)}  ${name}\n`).join('');
  process.stderr.write(`Images in ${OUTPUT_FOLDER}/, newest first:\n${list}`);
  const typed = await askLine('Number of the image [1]: ', signal);
  const chosen = /^\d*$/.test(typed) ? images[Number(typed === '' ? 1 : typed) - 1] : undefined;
  if (chosen === undefined) throw new InputError(`"${printable(typed)}" is not a number in the list`);
  return chosen;
}
