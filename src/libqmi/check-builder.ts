import type { TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import { InputError } from '../core/errors.ts';
import type { LibqmiBuilder } from '../recipe/build-request.ts';
import { ensureGuest } from '../tools/bwrap.ts';

/**
 * Makes sure, before any work, that the builder asked for can compile libqmi for this base here.
 * @throws InputError where it can't
 */
export async function checkBuilder(
  context: Context,
  target: TargetProfile,
  builder: LibqmiBuilder,
): Promise<void> {
  if (builder !== 'qemu') return;
  if (target.nativePackages === undefined) {
    throw new InputError(`--builder qemu is not for ${target.name}: no compiler for it is at hand`, {
      hint: 'leave it out (clang compiles for every base), or take --base debian-bookworm',
    });
  }
  await ensureGuest(context);
}
