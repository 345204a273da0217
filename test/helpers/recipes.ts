import { parseRecipe } from '../../src/recipe/parse-recipe.ts';
import type { Recipe } from '../../src/recipe/recipe.ts';

/** The recipe of these options, by default with the write-up's APN. */
export function recipeOf(options: Record<string, unknown> = {}): Recipe {
  return parseRecipe({ apn: 'fast.metropcs.com', ...options }).recipe;
}

/** A public key that belongs to nobody: 32 zero bytes as an Ed25519 point. */
export const SSH_KEY = `ssh-ed25519 ${Buffer.concat([field('ssh-ed25519'), field(Buffer.alloc(32))]).toString('base64')} test@example`;

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
