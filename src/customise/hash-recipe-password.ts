import { createHash } from 'node:crypto';
import type { Context } from '../core/context.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { hashPassword } from '../tools/openssl.ts';

/**
 * Replaces a clear-text password of the recipe with its hash.
 *
 * The salt is derived only from public facts of the image (name, host name and base), never from the password:
 * the same inputs give the same bytes, different images have different salts, and the salt reveals nothing.
 */
export async function hashRecipePassword(
  context: Pick<Context, 'exec'>,
  recipe: Recipe,
  baseSha256: string,
): Promise<Recipe> {
  if (recipe.password.kind !== 'clear') return recipe;
  const source = JSON.stringify(['wwanpi password salt', recipe.name, recipe.hostname ?? '', baseSha256]);
  const salt = createHash('sha256').update(source).digest('base64').replaceAll('+', '.').slice(0, 16);
  const hash = await hashPassword(context.exec, recipe.password.password, salt);
  return { ...recipe, password: { kind: 'hash', hash } };
}
