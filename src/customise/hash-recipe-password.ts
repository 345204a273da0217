import { createHash } from 'node:crypto';
import type { Context } from '../core/context.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { hashPassword } from '../tools/openssl.ts';

/**
 * The recipe with a password in the clear replaced by its hash, ready to be planned.
 *
 * The salt comes only from what is public about the image (its name, host name and base), never from the
 * password: the same inputs give the same bytes, different images different salts, and it reveals nothing.
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
