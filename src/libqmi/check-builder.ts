import type { NativeCompiler, TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import { InputError } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import { withImageTree } from '../image/image-tree.ts';
import type { LibqmiBuilder } from '../recipe/build-request.ts';
import { ensureGuest } from '../tools/bwrap.ts';

/**
 * Checks, before any work, that the chosen builder can compile libqmi for this base on this machine.
 * @throws InputError when the base lacks a compiler or this machine cannot run it; whatever `ensureGuest` throws
 */
export async function checkBuilder(
  context: Context,
  disk: Disk,
  target: TargetProfile,
  builder: LibqmiBuilder,
): Promise<void> {
  if (builder !== 'qemu') return;
  const missing = await findMissingFiles(disk, target.native);
  if (missing.length > 0) {
    throw new InputError(
      `--builder qemu: this base cannot compile by itself, it lacks ${missing.join(', ')}`,
      {
        hint: `use a stock image of ${target.name}, or leave the option out: clang compiles for every base`,
      },
    );
  }
  await ensureGuest(context);
}

async function findMissingFiles(disk: Disk, native: NativeCompiler): Promise<string[]> {
  if (native.kind === 'packages') return [];
  return withImageTree(disk, async (tree) => {
    const missing: string[] = [];
    for (const path of native.files) {
      const { node } = await tree.locate(path, 'follow');
      if (node?.kind !== 'file') missing.push(path);
    }
    return missing;
  });
}
